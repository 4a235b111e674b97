--- laconic help [COMMAND]: what can be said. The list is the folder of commands.
local arguments = require "engine.cli.arguments"
local builtin = require "engine.cli.builtin"

local help = {
  summary = "Show what can be said",
  usage = "help [COMMAND]",
  group = "start",
  most_words = 1,
  quiet_start = true,
}

local GROUPS = {
  { "start", "Start" },
  { "check", "Check, without a network" },
  { "deploy", "Deploy" },
  { "run", "Run" },
  { "script", "Script" },
}

local function load_commands()
  local by_group = {}
  for _, word in ipairs(builtin.words()) do
    local command = builtin.find(word)
    if not command.another_name then
      local group = command.group or "script"
      by_group[group] = by_group[group] or {}
      table.insert(by_group[group], { name = word, summary = command.summary })
    end
  end
  return by_group
end

-- In two columns, the first as wide as the longest name asks for.
local function print_commands(list)
  local width = 12
  for _, command in ipairs(list) do
    width = math.max(width, #command.name)
  end
  for _, command in ipairs(list) do
    print(("  %-" .. width .. "s %s"):format(command.name, command.summary or ""))
  end
end

local function overview(context)
  print [[
Laconic: one Lua file becomes a running AWS Lambda service.

  laconic new hello && cd hello
  laconic provision --local        on the local cloud: no account, no Docker
  laconic provision --region eu-west-1

laconic COMMAND [SERVICE.lua] [flags]; SERVICE.lua defaults to service.lua in this folder.]]
  local by_group = load_commands()
  for _, group in ipairs(GROUPS) do
    print("\n" .. group[2])
    print_commands(by_group[group[1]] or {})
  end
  print "\nFlags of every command"
  print(arguments.describe(context.flags))
  print "\nA service's own commands: laconic help, where there is a service.lua."
end

local function print_own_commands(context)
  local own = require("engine.cli.custom_command").list(context.globals)
  if #own > 0 then
    print "\nThis service's own"
    print_commands(own)
  end
end

local function print_json(value)
  print(assert(require("host.json").encode(value, { indent = 2 })))
end

-- What can be said of flags, without what only the parser needs.
local function flags_as_data(flags)
  local list = require("host.json").array {}
  for i, flag in ipairs(flags or {}) do
    list[i] = {
      name = flag.name,
      short = flag.short,
      type = flag.type or "string",
      choices = flag.choices,
      default = flag.default,
      summary = flag.summary,
    }
  end
  return list
end

local function usage_of(word, command)
  return "laconic " .. (command.usage or word .. " [SERVICE.lua]")
end

local function overview_as_data(context)
  local list, by_group = {}, load_commands()
  for _, group in ipairs(GROUPS) do
    for _, command in ipairs(by_group[group[1]] or {}) do
      table.insert(list, { name = command.name, group = group[1], summary = command.summary })
    end
  end
  for _, command in ipairs(require("engine.cli.custom_command").list(context.globals)) do
    table.insert(list, { name = command.name, group = "own", summary = command.summary })
  end
  return { commands = list, flags = flags_as_data(context.flags) }
end

local function description_as_data(word, command, context)
  return {
    name = word,
    usage = usage_of(word, command),
    summary = command.summary,
    help = command.help,
    flags = flags_as_data(command.flags),
    global_flags = flags_as_data(context.flags),
  }
end

local function describe(word, command, context)
  print(("%s\n\n%s."):format(usage_of(word, command), command.summary))
  if command.help then
    print("\n" .. command.help)
  end
  if command.flags and #command.flags > 0 then
    print("\nFlags\n" .. arguments.describe(command.flags))
  end
  print("\nFlags of every command\n" .. arguments.describe(context.flags))
end

function help.run(args, context)
  local word = args[1]
  if not word and context.format == "json" then
    print_json(overview_as_data(context))
    return 0
  elseif not word then
    overview(context)
    print_own_commands(context)
    return 0
  end
  local command = builtin.find(word)
    or require("engine.cli.custom_command").find(word, context.globals)
  if not command then
    arguments.refuse("there is no command '%s'", word)
  end
  if context.format == "json" then
    print_json(description_as_data(word, command, context))
  else
    describe(word, command, context)
  end
  return 0
end

return help
