--- laconic logs [FUNCTION]: what the functions of the stack printed, in the order of time.
local arguments = require "engine.cli.arguments"
local clock = require "host.clock"
local subject = require "engine.cli.subject"

local command = {
  summary = "Show what the functions printed",
  usage = "logs [FUNCTION] [SERVICE.lua]",
  group = "run",
  most_words = 2,
  flags = {
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
      logGroupName = "/aws/lambda/" .. name,
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
    local message = event.message:gsub("%s+$", "")
    if format == "json" then
      print(assert(require("host.json").encode {
        ["function"] = event.name,
        message = message,
        timestamp = event.timestamp,
      }))
    else
      local time = clock.iso8601(event.timestamp / 1000, true)
      print(("%s  %s%s"):format(time, several and event.name .. "  " or "", message))
    end
  end
  io.stdout:flush()
end

function command.run(args, context)
  local path = args[2] or (args[1] or ""):match "^.+%.lua$"
  local word = args[1] ~= path and args[1] or nil
  local begin = clock.now() - seconds_of(args.since)
  local about = subject.find(args.stack or path, context.globals)
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local session = opened.session
  local chosen = word and { subject.function_of(session, about.name, word) }
    or subject.functions(session, about.name)
  local seen = {}
  repeat
    local events = {}
    for _, one in ipairs(chosen) do
      local from = math.floor(begin * 1000)
      for _, event in ipairs(read_group(session, one.physical_id, from, args.filter, seen)) do
        event.name = one.name
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
