--- laconic event [NAME]: a sample of an event, to invoke a function with.
local arguments = require "engine.cli.arguments"
local folder = require "engine.folder"
local json = require "host.json"

local SAMPLES <const> = "engine.samples"

local command = {
  summary = "Print a sample event",
  usage = "event [NAME]",
  group = "run",
  most_words = 1,
  help = "Without NAME: which there are, and what can be said of each. Handlers read them with\n"
    .. "laconic.event.*; `laconic event sqs | laconic invoke work - --local` invokes one.",
  flags = {
    {
      name = "body",
      value = "TEXT",
      repeated = true,
      summary = "What was sent; @FILE reads it. Again, for another record",
    },
    { name = "bucket", value = "NAME", summary = "The bucket" },
    { name = "key", value = "KEY", summary = "The object, item, partition key, branch or route" },
    { name = "name", value = "NAME", summary = "The queue, topic, stream, table, log group, …" },
    { name = "subject", value = "TEXT", summary = "The subject" },
    { name = "detail", value = "JSON", summary = "What happened" },
    { name = "method", value = "METHOD", summary = "The HTTP method" },
    { name = "path", value = "PATH", summary = "The path" },
  },
}

--- A sample: engine/samples/<name>.lua.
---@class engine.Sample
---@field summary string
---@field options table<string, string|string[]>  what can be said, and what it is when it is not; a list
---  is what can be said more than once
---@field make fun(options: table<string, string|string[]>): table

local MOST_BYTES = 6 * 1024 * 1024 -- Lambda's quota

local function flags_of(sample)
  local list = {}
  for name in pairs(sample.options) do
    table.insert(list, "--" .. name)
  end
  table.sort(list)
  return list
end

local function print_list(format)
  local list = {}
  for i, name in ipairs(folder.names(SAMPLES)) do
    local sample = folder.find(SAMPLES, name)
    list[i] = { name = name, summary = sample.summary, flags = json.array(flags_of(sample)) }
  end
  if format == "json" then
    print(assert(json.encode(json.array(list), { indent = 2 })))
    return
  end
  for _, item in ipairs(list) do
    print(("%-16s %-64s %s"):format(item.name, item.summary, table.concat(item.flags, " ")))
  end
end

local function find(word)
  local sample = folder.find(SAMPLES, word)
  if not sample then
    local known = {}
    for _, name in ipairs(folder.names(SAMPLES)) do
      known[name] = true
    end
    arguments.refuse("there is no sample event '%s'%s: laconic event lists them", word,
      require("engine.spelling").guess(word, known))
  end
  return sample
end

local function read(value)
  if value:sub(1, 1) == "@" then
    return assert(require("host.file").read(value:sub(2), { max_bytes = MOST_BYTES }))
  end
  return value
end

local function bodies(word, values, sample)
  for i, value in ipairs(values) do
    values[i] = read(value)
  end
  if type(sample.options.body) == "table" then
    return values
  elseif #values > 1 then
    arguments.refuse("%s has one body", word)
  end
  return values[1]
end

local function options_of(args, word, sample)
  local options = {}
  for name, default in pairs(sample.options) do
    options[name] = default
  end
  for _, flag in ipairs(command.flags) do
    local value = args[flag.name]
    if value and not sample.options[flag.name] then
      arguments.refuse("%s has no --%s; it takes %s", word, flag.name,
        table.concat(flags_of(sample), " "))
    elseif value then
      options[flag.name] = flag.repeated and bodies(word, value, sample) or value
    end
  end
  local _, problem = json.decode(options.detail or "{}")
  if problem then
    arguments.refuse("--detail is not JSON: %s", problem.message)
  end
  return options
end

function command.run(args, context)
  local word = args[1]
  if not word then
    print_list(context.format)
    return 0
  end
  local sample = find(word)
  local event, problem = json.encode(sample.make(options_of(args, word, sample)), { indent = 2 })
  if not event then
    arguments.refuse("this is no event that JSON can say: %s", problem.message)
  end
  print(event)
  return 0
end

return command
