--- The command line. The first word leads to engine.commands.<word>; what is no built-in command
--- is looked for among the service's own. Errors are dressed here, once, on their way out.
local arguments = require "engine.cli.arguments"
local builtin = require "engine.cli.builtin"
local global_flags = require "engine.cli.global_flags"

local message_format = "text" -- of errors, once it is known

local function merge(a, b)
  return table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
end

--- What a person sees of an error: what, where, why, what to do.
local function complain(raised)
  local failure = require "engine.failure"
  local traceback = (raised.kind == "defect" or require("host.log").enabled "debug")
    and raised.traceback
  if message_format == "json" then
    local facts = failure.facts(raised)
    facts.level, facts.traceback = "error", traceback or nil
    io.stderr:write(assert(require("host.json").encode(facts)), "\n")
    return
  end
  local text = failure.explain(raised)
  if raised.kind == "usage" then
    text = text .. "\nRun 'laconic help' or 'laconic COMMAND --help' to see what can be said."
  elseif traceback then
    text = text .. traceback
  end
  io.stderr:write("laconic: ", (text:gsub("%s+$", "")), "\n")
end

--- Keeps error objects as they are, with the traceback that --level debug shows. A Lua error that is
--- none of ours is a defect: its traceback is always shown.
local function on_error(raised)
  local failure = require "engine.failure"
  if not failure.is(raised) then
    raised = failure.from(raised, "defect")
  end
  pcall(rawset, raised, "traceback", debug.traceback("", 2))
  return raised
end

local function configure(globals)
  message_format = globals.format or "text"
  require("engine.cli.message").configure(globals)
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
    flags = global_flags,
    command = command,
    format = globals.format or "text",
  }
end

local function run_builtin(command, word, words)
  local flags = merge(command.flags or {}, global_flags)
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
  if command.most_words and #args > command.most_words then
    arguments.refuse("%s: '%s' is one word too many", word, args[command.most_words + 1])
  end
  arguments.complete(args, command.flags or {})
  local path = args[1] and args[1]:match "%.lua$" and args[1]
  local _ <close> = require("engine.cli.default_target").offer(args, path)
  local status = command.run(args, new_context(args, command))
  return status -- and no tail call: what was opened is closed first
end

local function dispatch(words)
  local globals = arguments.parse(words, global_flags, { stop_at_word = true, unknown = "keep" })
  message_format = globals.format or "text"
  local word = globals[1]
  if word == nil or (word:match "^%-" and word ~= "--version") then
    if word and not globals.help then
      arguments.refuse("unknown flag %s: before the command only flags of every command can stand",
        word)
    end
    return require("engine.commands.help").run({}, new_context(globals))
  end
  if word == "--version" then
    word = "version"
  end
  local command = builtin.find(word)
  -- Global flags may come before the word or after it: put those before it behind.
  local rest = table.move(globals, 2, #globals, 1, {})
  local first = #words - #globals
  rest = merge(table.move(words, 1, first, 1, {}), rest)
  if command then
    return run_builtin(command, word, rest)
  end
  return require("engine.cli.custom_command").run(word, rest, configure)
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
