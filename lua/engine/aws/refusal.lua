--- Calls that AWS refused, or that did not reach it: our sentence, AWS's words after it, its code.
local failure = require "engine.failure"

local refusal = {}

--- What is remembered of a call for the sake of its answer.
---@class engine.aws.Call
---@field service engine.AwsService
---@field action string
---@field place { url: string }
---@field where? fun(): string?  the line that a refusal is blamed on

local function words_of(err, code)
  local words = err.message or ""
  if code and not words:find(code, 1, true) then
    words = ("%s (%s)"):format(words, code)
  end
  return words
end

--- An error of the host → one that says which call it was.
---@param err table
---@param call engine.aws.Call
---@return engine.Failure
function refusal.of(err, call)
  local title, action = call.service.title, call.action
  local where = call.where and call.where()
  if err.kind == "network" then
    return failure.wrap(err, ("%s cannot be reached at %s"):format(title, call.place.url), {
      code = "E408",
      where = where,
      retryable = true,
    })
  elseif err.kind ~= "service" then
    return failure.from(err)
  end
  local code = err.code ~= "" and err.code or nil
  local known = code and require("engine.codes").aws[code] or {}
  return failure.make(known.kind or "service", ("%s refused %s"):format(title, action), {
    code = code,
    where = where,
    status = err.status,
    aws_message = err.message,
    request_id = err.request_id,
    retryable = err.retryable,
    cause = words_of(err, code),
  })
end

--- Raises it.
---@param err table
---@param call engine.aws.Call
function refusal.raise(err, call)
  error(refusal.of(err, call), 0)
end

return refusal
