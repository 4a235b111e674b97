--- Runs a handler over records, each under protection, and makes the answer by which Lambda knows which
--- of them it has to bring again. The event source mapping must ask for that answer:
--- `FunctionResponseTypes = { "ReportBatchItemFailures" }`.
---@module "laconic.event.batch"
local check = require "engine.check"
local json = require "host.json"

local batch = {}

---@class laconic.event.BatchResponse
---@field batchItemFailures { itemIdentifier: string }[]

local function field(value, name)
  local ok, found = pcall(function()
    return value[name]
  end)
  return ok and type(found) == "string" and found or nil
end

-- Not the record's fault: the program is asked to stop, or the invocation's time is over.
local PASSED_ON = { interrupt = true, timeout = true }

-- "service.lua:12: no such order", whatever was raised. Runs where the error is, so as to see the line.
local function describe(raised)
  if type(raised) == "table" and PASSED_ON[rawget(raised, "kind")] then
    return raised
  end
  local text = raised
  if type(raised) == "table" then
    text = field(raised, "message") or field(raised, "errorMessage")
  end
  if type(text) ~= "string" then
    local ok, shown = pcall(tostring, raised)
    text = ok and shown or "an error that cannot be shown"
  end
  local where = field(raised, "where") or check.where()
  return text:match "^[^\n:]+:%d+: " and text or where and where .. ": " .. text or text
end

local function tell(context, level, message, fields)
  if context then
    context.log[level](message, fields)
  else
    io.stderr:write(message, ": ", json.encode(fields) or ("%q"):format(fields.error), "\n")
  end
end

--- The context of the invocation at hand, when the handler did not hand its own on.
---@param given? laconic.Context
---@return laconic.Context?
function batch.context(given)
  return given or require("engine.runtime.current").context()
end

--- Whether there is no time left for another record: what is left has to come again.
---@param source string
---@param left integer  how many records are not handled yet
---@param context? laconic.Context
---@return boolean
function batch.is_over(source, left, context)
  local over = context ~= nil and context.cancelled ~= nil and context:cancelled()
  if over then
    tell(context, "warn", "no time is left for records", { source = source, records = left })
  end
  return over
end

--- Calls `handle(record, context)`. What it raises is logged, on standard error where there is no
--- context. Only a time-out and the wish to stop the program go on their way.
---@param source string
---@param id string  the record's, for the log
---@param handle fun(record: table, context?: laconic.Context): any
---@param record table
---@param context? laconic.Context
---@return boolean ok
---@return any result
function batch.try(source, id, handle, record, context)
  local ok, result = xpcall(handle, describe, record, context)
  if ok then
    return true, result
  elseif type(result) == "table" then
    error(result, 0)
  end
  tell(context, "error", "record failed", { source = source, record = id, error = result })
  return false
end

--- The answer that names these records as failed; none: the whole batch is done.
---@param identifiers string[]
---@return laconic.event.BatchResponse
function batch.response(identifiers)
  local list = json.array {}
  for i, identifier in ipairs(identifiers) do
    list[i] = { itemIdentifier = identifier }
  end
  return { batchItemFailures = list }
end

--- For streams, where order counts: stops at the first record that fails, or for which there is no
--- time. Lambda brings that one and all after it again.
---@param source string
---@param records table[]  each with `sequence_number`
---@param handle fun(record: table, context?: laconic.Context)
---@param context? laconic.Context
---@return laconic.event.BatchResponse
function batch.in_order(source, records, handle, context)
  check.type(source .. ".each: handle", handle, "function")
  context = batch.context(context)
  for i, record in ipairs(records) do
    local id = record.sequence_number
    if batch.is_over(source, #records - i + 1, context)
      or not batch.try(source, id, handle, record, context) then
      return batch.response { id }
    end
  end
  return batch.response {}
end

return batch
