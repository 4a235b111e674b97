--- `context.log`: lines of a level, a message and fields, as the function's logging settings say.
---
---     context.log.info("greeting", { name = "Ada" })
---
--- Text: `[INFO] 2026-01-02T03:04:05.678Z 8f5…-request-id greeting name=Ada`. JSON: one object a line,
--- and what a handler prints becomes such objects too.
local clock = require "host.clock"
local current = require "engine.runtime.current"
local json = require "host.json"

local logger = {}

local LEVELS = { trace = 1, debug = 2, info = 3, warn = 4, error = 5, fatal = 6 }

local MOST_KEPT = 32
local least = LEVELS[(os.getenv "AWS_LAMBDA_LOG_LEVEL" or "info"):lower()] or LEVELS.info
local is_json = os.getenv "AWS_LAMBDA_LOG_FORMAT" == "JSON"
local output = io.stdout

-- The fields by name, whatever their keys are, and the names in order.
local function named(fields)
  local names, values = {}, {}
  for key, value in pairs(fields) do
    local name = tostring(key)
    table.insert(names, name)
    values[name] = value
  end
  table.sort(names)
  return names, values
end

-- One line stays one line: control characters are written as escapes.
local function plain(value)
  return (tostring(value):gsub("%c", function(char)
    return char == "\n" and "\\n" or ("\\x%02x"):format(char:byte())
  end))
end

local function ascii(value)
  return (plain(value):gsub("[\x80-\xff]", "?"))
end

local function text_value(value)
  local text = type(value) == "table" and json.encode(value) or plain(value)
  return text:find "[ \"=]" and ("%q"):format(text) or text
end

local function text_line(level, message, fields, _, time)
  local parts = { ("[%s]"):format(level:upper()), clock.iso8601(time, true) }
  table.insert(parts, current.request_id()) -- none while the service file loads
  table.insert(parts, plain(message))
  local names, values = named(fields)
  for _, name in ipairs(names) do
    table.insert(parts, plain(name) .. "=" .. text_value(values[name]))
  end
  return table.concat(parts, " ")
end

local function json_line(level, message, fields, context, time)
  local _, object = named(fields)
  object.timestamp, object.level = clock.iso8601(time, true), level:upper()
  object.message, object.requestId = message, current.request_id()
  object.traceId, object.tenantId = context.trace_id, context.tenant_id
  local line = json.encode(object)
  if line then
    return line
  end
  local shown = {} -- what JSON has no word for is shown instead
  for name, value in pairs(object) do
    shown[ascii(name)] = json.encode(value) and value or ascii(value)
  end
  return assert(json.encode(shown))
end

local write_line = is_json and json_line or text_line
local NOBODY = {}

local function write(level, message, fields)
  output:write(write_line(level, message, fields, current.context() or NOBODY, clock.now()),
    "\n")
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
  local lines, context = {}, current.context()
  if ring and ring.context == context then
    for i = math.max(0, ring.count - MOST_KEPT), ring.count - 1 do
      local kept = ring[i % MOST_KEPT + 1]
      table.insert(lines,
        write_line(kept.level, kept.message, kept.fields or NOBODY, context or NOBODY, kept.time))
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
      write(level, message, fields or NOBODY)
    end
  end
end

--- trace, debug, info, warn, error, fatal: fn(message, fields?). The same table for all invocations.
---@type table<string, fun(message: string, fields?: table)>
logger.log = {}
for level, rank in pairs(LEVELS) do
  logger.log[level] = new_level(level, rank)
end

--- Whether lines of a level go anywhere: for who would have to make one first.
---@param level "trace"|"debug"|"info"|"warn"|"error"|"fatal"
---@return boolean
function logger.is_on(level)
  return ring ~= nil or LEVELS[level] >= least
end

--- Sends the lines somewhere else than to standard output.
---@param handle file*
function logger.to(handle)
  output = handle
end

--- Tells of an invocation, or a start, that failed.
---@param failed engine.runtime.Failed
function logger.failure(failed)
  if LEVELS.error >= least then
    write("error", failed.errorMessage, {
      errorType = failed.errorType,
      errorMessage = is_json and failed.errorMessage or nil,
      stackTrace = failed.stackTrace,
    })
  end
end

-- What is a JSON object already, a metric for one, stays what it is.
local function print_line(text)
  if text:find "^%s*{" and type(json.decode(text)) == "table" then
    output:write(text, "\n")
  elseif LEVELS.info >= least then
    write("info", text, NOBODY)
  end
end

local begun = "" -- of a line that io.write has not ended yet

local function write_text(...)
  local parts = { begun }
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) ~= "string" and type(value) ~= "number" then
      error(("bad argument #%d to 'write' (string expected, got %s)"):format(i, type(value)), 3)
    end
    parts[i + 1] = tostring(value)
  end
  local text = table.concat(parts)
  local from = 1
  for line, after in text:gmatch "([^\n]*)\n()" do
    print_line(line)
    from = after
  end
  begun = text:sub(from)
end

--- In the JSON format, makes objects of what `print` and `io.write` write; io.stdout stays what it is.
--- Called once, before the service file is loaded.
function logger.wrap_output()
  if not is_json then
    return
  end
  rawset(_G, "print", function(...)
    local parts = table.pack(...)
    for i = 1, parts.n do
      parts[i] = tostring(parts[i])
    end
    write_text(table.concat(parts, "\t"), "\n")
  end)
  local write_file = io.write
  rawset(io, "write", function(...)
    if io.output() ~= io.stdout then
      return write_file(...)
    end
    write_text(...)
    return io.stdout
  end)
  current.on_end(logger.flush)
end

--- Writes a line that `io.write` began and did not end; at the end of an invocation.
function logger.flush()
  if begun ~= "" then
    local text = begun
    begun = ""
    print_line(text)
  end
end

return logger
