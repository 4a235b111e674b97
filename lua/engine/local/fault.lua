--- A request that is refused, in AWS's words. Handlers raise faults; the router writes each in the
--- protocol of the service that was asked.
local fault = {}
fault.__index = fault

---@class engine.local.Fault
---@field code string      AWS's code: "NoSuchBucket"
---@field message string
---@field status integer   of the HTTP answer
---@field fields? table<string, string>   more elements of the error body, by AWS's names
---@field headers? table<string, string>  more headers of the answer
---@field empty? boolean   the answer has no body (304, 412 to a HEAD, …)

function fault:__tostring()
  return self.code .. ": " .. self.message
end

--- Raises a fault.
---
---     fault.raise("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName = name })
---
---@param code string
---@param message string
---@param status? integer  default 400
---@param fields? table<string, string>
---@param headers? table<string, string>
function fault.raise(code, message, status, fields, headers)
  error(setmetatable({
    code = code,
    message = message,
    status = status or 400,
    fields = fields,
    headers = headers,
  }, fault), 0)
end

--- Whether something that was raised is a fault.
---@return boolean
function fault.is(value)
  return getmetatable(value) == fault
end

--- Refuses what this cloud does not act out, plainly.
---@param what string  "PutBucketReplication", "CloudFormation's DescribeStackDriftDetectionStatus"
function fault.not_answered(what)
  fault.raise("NotImplemented", "laconic local does not answer " .. what .. " yet", 501)
end

return fault
