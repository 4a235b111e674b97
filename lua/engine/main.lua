--- The command line. The first word leads to engine.commands.<word>; what is no built-in command
--- is looked for among the service's own. Errors are dressed here, once, on their way out.
local arguments = require "engine.cli.arguments"

local GLOBAL_FLAGS = {
  {
    name = "noop",
    short = "n",
    type = "boolean",
    summary = "Do everything that touches no network",
  },
  {
    name = "level",
    short = "l",
    choices = { "trace", "debug", "info", "warn", "error", "fatal", "off" },
    summary = "How much to say",
  },
  { name = "format", short = "f", choices = { "text", "json" }, summary = "Form of the answer" },
  { name = "no-color", type = "boolean", summary = "No colours" },
  { name = "timestamps", short = "z", type = "boolean", summary = "Begin messages with the time" },
  { name = "profile", value = "NAME", summary = "A profile of ~/.aws/config" },
  { name = "region", value = "REGION", summary = "The AWS region" },
  { name = "endpoint-url", value = "URL", summary = "Send AWS's requests there" },
  { name = "local", type = "boolean", summary = "Use the local cloud of this folder" },
  { name = "env", value = "NAME", summary = "The environment, seen by the service as laconic.env" },
  { name = "help", short = "h", type = "boolean", summary = "Show help" },
}

local function merge(a, b)
  return table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
end

local function has_module(name)
  for _, searcher in ipairs { package.searchers[1], package.searchers[2] } do
    if type(searcher(name)) == "function" then
      return true
    end
  end
  return false
end

--- A built-in command, or nil.
local function find_builtin(word)
  if word:match "^%l[%l%-]*$" then
    local name = "engine.commands." .. word:gsub("-", "_")
    if has_module(name) then
      return require(name)
    end
  end
end

local function names_of_builtins()
  local names = {}
  for _, name in ipairs(require("host.scripts").list "engine.commands.") do
    table.insert(names, (name:match "([^.]+)$"))
  end
  return names
end

--- What a person sees of an error: what, where, why, what to do.
local function complain(raised)
  local text = require("engine.failure").explain(raised)
  if raised.kind == "usage" then
    text = text .. "\nRun 'laconic help' or 'laconic COMMAND --help' to see what can be said."
  elseif raised.traceback and (raised.kind == "defect" or require("host.log").enabled "debug") then
    text = text .. raised.traceback
  end
  io.stderr:write("laconic: ", (text:gsub("%s+$", "")), "\n")
end

--- Keeps error objects as they are, with the traceback that --level debug shows. A Lua error that is
--- none of ours is a defect: its traceback is always shown.
local function on_error(raised)
  local failure = require "engine.failure"
  if not failure.is(raised) then
    raised = failure.make("defect", tostring(raised))
  end
  pcall(rawset, raised, "traceback", debug.traceback("", 2))
  return raised
end

local function configure(globals)
  local color_wanted = not globals.no_color
    and not os.getenv "NO_COLOR"
    and os.getenv "TERM" ~= "dumb"
  local log = require "host.log"
  log.configure {
    level = globals.level or os.getenv "LACONIC_LOG_LEVEL" or "info",
    format = globals.format or "text",
    color = color_wanted and require("host.terminal").is_terminal "stderr" or false,
    timestamps = globals.timestamps or false,
  }
end

--- The context that every command gets: the global flags, and what they stand for.
local function new_context(globals, command)
  return {
    globals = globals,
    flags = GLOBAL_FLAGS,
    command = command,
    format = globals.format or "text",
  }
end

local function run_builtin(command, word, words)
  local flags = merge(command.flags or {}, GLOBAL_FLAGS)
  local args = arguments.parse(words, flags, {
    stop_at_word = command.stop_at_word,
    unknown = command.service_flags and "keep" or "refuse",
  })
  if args.help then
    return require("engine.commands.help").run({ word }, new_context(args))
  end
  if command.quiet_start ~= true then
    configure(args)
  end
  arguments.complete(args, command.flags or {})
  return command.run(args, new_context(args, command))
end

local function dispatch(words)
  local globals = arguments.parse(words, GLOBAL_FLAGS, { stop_at_word = true, unknown = "keep" })
  local word = globals[1]
  if word == nil or (word:match "^%-" and word ~= "--version") then
    if word and not globals.help then
      arguments.refuse("unknown flag %s", word)
    end
    return require("engine.commands.help").run({}, new_context(globals))
  end
  if word == "--version" then
    word = "version"
  end
  local command = find_builtin(word)
  -- Global flags may come before the word or after it: put those before it behind.
  local rest = table.move(globals, 2, #globals, 1, {})
  local first = #words - #globals
  rest = merge(table.move(words, 1, first, 1, {}), rest)
  if command then
    return run_builtin(command, word, rest)
  end
  local own = require "engine.cli.custom_command"
  return own.run(word, rest, GLOBAL_FLAGS, names_of_builtins, configure)
end

---@param args string[]  args[0] is the program
---@return integer status
return function(args)
  local ok, result = xpcall(dispatch, on_error, args)
  io.stdout:flush()
  if ok then
    return math.tointeger(result) or 0
  end
  complain(result)
  return require("engine.failure").status(result)
end
