--- laconic outputs [NAME] [SERVICE.lua]: what the stack gives to others, or one value of it alone.
local passing = require "engine.cli.passing"
local subject = require "engine.cli.subject"

local command = {
  summary = "Show the outputs of the stack, or one of them",
  usage = "outputs [NAME] [SERVICE.lua]",
  group = "deploy",
  most_words = 2,
  help = "With NAME, the bare value of that output: curl \"$(laconic outputs GreeterUrl)/hello\"",
  flags = {
    { name = "stack", value = "NAME", summary = "The stack, when it is not the service's" },
  },
}

-- The words as they may be said: the name of an output, a service file, or both in that order.
local function read_words(args)
  if (args[1] or ""):match "%.lua$" then
    if args[2] then
      require("engine.cli.arguments").refuse("outputs: the name comes first: laconic outputs %s %s",
        args[2], args[1])
    end
    return nil, args[1]
  end
  return args[1], args[2]
end

local function value_of(found, name)
  local names = {}
  for _, output in ipairs(found.outputs) do
    if output.key == name then
      return output.value
    end
    names[output.key] = true
  end
  local unknown = require("engine.check").unknown("output", name, names)
  require("engine.failure").raise("failed", ("%s of the stack '%s'"):format(unknown, found.name), {
    hint = next(names) and "`laconic outputs` lists them" or "it has no outputs",
  })
end

local function show_all(found, format)
  if format == "json" then
    local json = require "host.json"
    local values = json.object {}
    for _, output in ipairs(found.outputs) do
      values[output.key] = output.value
    end
    print(assert(json.encode(values, { indent = 2 })))
    return
  end
  local width = 0
  for _, output in ipairs(found.outputs) do
    width = math.max(width, #output.key)
  end
  for _, output in ipairs(found.outputs) do
    print(("%-" .. width .. "s  %s"):format(output.key, output.value))
  end
end

function command.run(args, context)
  local name, path = read_words(args)
  local about = subject.find(args.stack or path, context.globals)
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local found = require("engine.aws.stack").get(opened.session, about.name)
  if not name then
    show_all(found, context.format)
    passing.tell_outputs(opened, found.outputs)
    return 0
  end
  local value = value_of(found, name)
  print(context.format == "json" and assert(require("host.json").encode(value)) or value)
  passing.tell(opened, { value })
  return 0
end

return command
