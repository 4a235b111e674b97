--- `context.log`: lines of a level, a message and fields, as the function's logging settings say.
---
---     context.log.info("greeting", { name = "Ada" })
---
--- Text: `[INFO] 2026-01-02T03:04:05.678Z 8f5…-request-id greeting name=Ada`. JSON: one object a line.
local clock = require "host.clock"
local current = require "engine.runtime.current"
local json = require "host.json"

local logger = {}

local LEVELS = { trace = 1, debug = 2, info = 3, warn = 4, error = 5, fatal = 6 }

local MOST_KEPT = 32

local function sorted_names(fields)
  local names = {}
  for name in pairs(fields) do
    table.insert(names, tostring(name))
  end
  table.sort(names)
  return names
end

-- One line stays one line: control characters are written as escapes.
local function plain(value)
  return (tostring(value):gsub("%c", function(char)
    return char == "\n" and "\\n" or ("\\x%02x"):format(char:byte())
  end))
end

local function text_value(value)
  local text = type(value) == "table" and json.encode(value) or plain(value)
  return text:find "[ \"=]" and ("%q"):format(text) or text
end

local function text_line(level, message, fields, request_id, time)
  local parts = { ("[%s]"):format(level:upper()), clock.iso8601(time, true), request_id,
    plain(message) }
  for _, name in ipairs(sorted_names(fields)) do
    table.insert(parts, plain(name) .. "=" .. text_value(fields[name]))
  end
  return table.concat(parts, " ")
end

local function json_line(level, message, fields, request_id, time)
  local object = {}
  for name, value in pairs(fields) do
    object[tostring(name)] = value
  end
  object.timestamp, object.level = clock.iso8601(time, true), level:upper()
  object.message, object.requestId = message, request_id
  local line = json.encode(object)
  if line then
    return line
  end
  for name, value in pairs(object) do -- a field that JSON has no word for is shown instead
    object[name] = json.encode(value) and value or plain(value):gsub("[\x80-\xff]", "?")
  end
  return assert(json.encode(object))
end

local least = LEVELS[(os.getenv "AWS_LAMBDA_LOG_LEVEL" or "info"):lower()] or LEVELS.info
local write_line = os.getenv "AWS_LAMBDA_LOG_FORMAT" == "JSON" and json_line or text_line

local function request_id()
  local context = current.context()
  return context and context.request_id
end

-- The last lines of the invocation at hand, printed or not: nil while nobody keeps them.
local ring

local function keep_line(level, message, fields)
  local context = current.context()
  if ring.context ~= context then
    ring = { context = context, count = 0 }
  end
  ring[ring.count % MOST_KEPT + 1] = {
    level = level, message = message, fields = fields, time = clock.now(),
  }
  ring.count = ring.count + 1
end

--- Keeps the last 32 lines of each invocation from now on, also those that are not printed.
function logger.keep()
  ring = ring or { count = 0 }
end

--- The lines that were kept of the invocation at hand, the oldest first.
---@return string[]
function logger.last()
  local lines = {}
  if ring and ring.context == current.context() then
    for i = math.max(0, ring.count - MOST_KEPT), ring.count - 1 do
      local kept = ring[i % MOST_KEPT + 1]
      table.insert(lines,
        write_line(kept.level, kept.message, kept.fields or {}, request_id(), kept.time))
    end
  end
  return lines
end

local function new_level(level, rank)
  return function(message, fields)
    if type(message) ~= "string" then
      error(("log.%s: message: string expected, got %s"):format(level, type(message)), 2)
    elseif fields ~= nil and type(fields) ~= "table" then
      error(("log.%s: fields: table expected, got %s"):format(level, type(fields)), 2)
    end
    if ring then
      keep_line(level, message, fields)
    end
    if rank >= least then
      local line = write_line(level, message, fields or {}, request_id(), clock.now())
      io.stdout:write(line, "\n")
    end
  end
end

--- trace, debug, info, warn, error, fatal: fn(message, fields?). The same table for all invocations.
---@type table<string, fun(message: string, fields?: table)>
logger.log = {}
for level, rank in pairs(LEVELS) do
  logger.log[level] = new_level(level, rank)
end

return logger
