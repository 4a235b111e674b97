--- laconic logs [NAME]: what the functions of the stack printed, or the access logs of its APIs, in the
--- order of time.
local access_logs = require "engine.cli.access_logs"
local arguments = require "engine.cli.arguments"
local clock = require "host.clock"
local message = require "engine.cli.message"
local subject = require "engine.cli.subject"

local command = {
  summary = "Show what the functions printed, or who asked the APIs",
  usage = "logs [FUNCTION|API] [SERVICE.lua]",
  group = "run",
  most_words = 2,
  flags = {
    { name = "access", type = "boolean", summary = "The access logs of the stack's APIs" },
    { name = "follow", type = "boolean", summary = "Go on showing what comes" },
    {
      name = "since",
      value = "AGE",
      default = "1h",
      summary = "How far back: 30s, 10m, 2h, 7d",
    },
    { name = "filter", value = "PATTERN", summary = "A CloudWatch Logs filter pattern" },
    { name = "stack", value = "NAME", summary = "The stack, when it is not the service's" },
  },
}

local UNITS = { s = 1, m = 60, h = 3600, d = 86400 }
local PAUSE = 1 -- seconds between looks, with --follow
local MAX_PAGES = 1000

local function seconds_of(age)
  local count, unit = age:match "^(%d+)([smhd])$"
  if not count then
    arguments.refuse("--since: an age such as 30s, 10m, 2h or 7d is wanted, got '%s'", age)
  end
  return tonumber(count) * UNITS[unit]
end

-- The events of one group since `from` (ms), oldest first.
local function read_group(session, name, from, pattern, seen)
  local aws, events, token = require "engine.aws", {}, nil
  for _ = 1, MAX_PAGES do
    local ok, answer = pcall(aws.call, session, "logs", "FilterLogEvents", {
      logGroupName = name,
      startTime = from,
      filterPattern = pattern,
      nextToken = token,
    })
    if not ok then
      if answer.code == "ResourceNotFoundException" then
        return events -- nothing was ever printed
      end
      error(answer, 0)
    end
    for _, event in ipairs(answer.events or {}) do
      if not seen[event.eventId] then
        seen[event.eventId] = true
        table.insert(events, event)
      end
    end
    token = answer.nextToken
    if not token then
      break
    end
  end
  return events
end

local function show(events, several, format)
  for i, event in ipairs(events) do
    event.order = i -- a stable sort: equal times keep the order they came in
  end
  table.sort(events, function(a, b)
    if a.timestamp ~= b.timestamp then
      return a.timestamp < b.timestamp
    end
    return a.order < b.order
  end)
  for _, event in ipairs(events) do
    local text = event.message:gsub("%s+$", "")
    if format == "json" then
      print(assert(require("host.json").encode {
        ["function"] = not event.group and event.name or nil,
        group = event.group,
        message = text,
        timestamp = event.timestamp,
      }))
    else
      local time = clock.iso8601(event.timestamp / 1000, true)
      print(("%s  %s%s"):format(time, several and event.name .. "  " or "", text))
    end
  end
  io.stdout:flush()
end

-- What is to be shown: functions, unless the word or --access says otherwise. A function hides an API of
-- its name.
local function choose(session, stack_name, word, access)
  local functions = access and {} or subject.functions(session, stack_name)
  if not word and not access then
    return functions
  end
  local chosen = word and subject.named(functions, word)
  if chosen then
    return { chosen }
  end
  local logs = access_logs.of(session, stack_name)
  if not word then
    if #logs == 0 then
      message.say(("No API of the stack '%s' has an access log: a stage says `access_log = true`.")
        :format(stack_name))
    end
    return logs
  end
  chosen = subject.named(logs, word)
  if not chosen then
    table.move(logs, 1, #logs, #functions + 1, functions)
    subject.refuse(functions, word, stack_name, "function or access log")
  end
  return { chosen }
end

local function group_of(one)
  return one.is_function and "/aws/lambda/" .. one.physical_id or one.physical_id
end

function command.run(args, context)
  local path = args[2] or (args[1] or ""):match "^.+%.lua$"
  local word = args[1] ~= path and args[1] or nil
  local begin = clock.now() - seconds_of(args.since)
  local about = subject.find(args.stack or path, context.globals)
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local session = opened.session
  local chosen = choose(session, about.name, word, args.access)
  local seen = {}
  repeat
    local events = {}
    for _, one in ipairs(chosen) do
      local from = math.floor(begin * 1000)
      for _, event in ipairs(read_group(session, group_of(one), from, args.filter, seen)) do
        event.name, event.group = one.name, not one.is_function and one.physical_id or nil
        table.insert(events, event)
      end
    end
    show(events, #chosen > 1, context.format)
    if args.follow then
      assert(clock.sleep(PAUSE))
    end
  until not args.follow
  return 0
end

return command
