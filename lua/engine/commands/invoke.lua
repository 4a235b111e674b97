--- laconic invoke FUNCTION [EVENT]: calls a function of the stack and prints its answer.
local arguments = require "engine.cli.arguments"
local message = require "engine.cli.message"
local subject = require "engine.cli.subject"

local command = {
  summary = "Call a function of the stack",
  usage = "invoke FUNCTION [EVENT] [SERVICE.lua]",
  group = "run",
  most_words = 3,
  help = "EVENT is JSON, @FILE, or - for standard input; {} when absent. The answer goes to\n"
    .. "standard output; the exit status is 1 when the function failed.",
  flags = {
    { name = "async", type = "boolean", summary = "Queue the event, and wait for no answer" },
    { name = "in-process", type = "boolean",
      summary = "Run the handler in this program: no stack, no time-out, a whole traceback" },
    { name = "stream", type = "boolean", summary = "Print the answer as it comes" },
    { name = "tail", short = "t", type = "boolean", summary = "Show the end of the log as well" },
    { name = "stack", value = "NAME", summary = "The stack, when it is not the service's" },
  },
}

local LIMIT = { sync = 6 * 1024 * 1024, async = 1024 * 1024 } -- bytes; Lambda's quotas
local LONGEST = 905 -- seconds; a function may run, in silence, for 900

local function read_event(word)
  local text = word or "{}"
  if text == "-" then
    text = io.stdin:read "a"
  elseif text:sub(1, 1) == "@" then
    text = assert(require("host.file").read(text:sub(2), { max_bytes = LIMIT.sync }))
  end
  local _, problem = require("host.json").decode(text)
  if problem then
    arguments.refuse("the event is not JSON: %s", tostring(problem))
  end
  return text
end

local function show_tail(base64)
  if base64 then
    io.stderr:write((assert(require("host.digest").from_base64(base64))))
  end
end

local function call(session, name, action, args, event, options)
  options.idle_timeout, options.timeout = LONGEST, LONGEST
  return require("engine.aws").call(session, "lambda", action, {
    FunctionName = name,
    InvocationType = args.async and "Event" or "RequestResponse",
    LogType = args.tail and not args.async and "Tail" or nil,
    Payload = event,
  }, options)
end

-- Writes what an event of a streamed answer holds; returns how it ended, once it has.
local function write_event(event)
  local kind = event.headers[":event-type"] or event.headers[":exception-type"]
  if kind == "PayloadChunk" then
    io.stdout:write(event.payload)
    io.stdout:flush()
  elseif kind == "InvokeComplete" then
    return assert(require("host.json").decode(event.payload))
  else
    require("engine.failure").raise("failed", ("Lambda broke the stream off: %s: %s"):format(
      tostring(kind), event.payload))
  end
end

-- Writes a streamed answer as it comes; whether it came to its end.
local function call_streamed(session, name, args, event)
  local complete
  local reader = require("engine.event_stream").reader(function(streamed)
    complete = write_event(streamed) or complete
  end)
  call(session, name, "InvokeWithResponseStream", args, event, {
    sink = function(bytes)
      reader:feed(bytes)
    end,
  })
  reader:finish()
  if not complete then
    require("engine.failure").raise("failed", "the stream ended before the function did")
  end
  show_tail(complete.LogResult)
  if complete.ErrorCode then
    io.stderr:write(("the function failed: %s: %s\n"):format(complete.ErrorCode,
      complete.ErrorDetails or "it does not say why"))
  end
  return not complete.ErrorCode
end

function command.run(args, context)
  if args.stream and args.async then
    arguments.refuse "invoke: --stream waits for the answer, and --async for none"
  end
  if args.in_process and (args.stream or args.async) then
    arguments.refuse "invoke: --in-process knows neither --stream nor --async"
  end
  if not args[1] then
    arguments.refuse "invoke needs a function: laconic invoke FUNCTION [EVENT]"
  end
  local path = args[3] or (args[2] or ""):match "^[^{%[\"].*%.lua$"
  local event = read_event(args[2] ~= path and args[2] or nil)
  local limit = args.async and LIMIT.async or LIMIT.sync
  if #event > limit then
    arguments.refuse("the event has %d bytes, and Lambda takes %d", #event, limit)
  end
  local about = subject.find(args.stack or path, context.globals)
  if args.in_process then
    if not about.service then
      arguments.refuse "invoke: --in-process runs a service file, and --stack names a stack"
    end
    local text, ok = require("engine.cli.in_process").run(about.service, args[1], event,
      context.globals.env)
    if text then
      print(text)
    end
    return ok and 0 or 1
  end
  if context.globals.noop then
    message.say(("Would call the function '%s' of the stack '%s'."):format(args[1], about.name))
    if context.format == "json" then
      print '{"called":false}'
    end
    return 0
  end
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local chosen = subject.function_of(opened.session, about.name, args[1])
  if args.stream then
    return call_streamed(opened.session, chosen.physical_id, args, event) and 0 or 1
  end
  local answer = call(opened.session, chosen.physical_id, "Invoke", args, event, {})
  show_tail(answer.headers["x-amz-log-result"])
  if args.async then
    message.say "Queued."
    if context.format == "json" then
      print '{"queued":true}'
    end
    return 0
  end
  print(answer.body)
  return answer.headers["x-amz-function-error"] and 1 or 0
end

return command
