--- The names that CloudFormation gives to resources whose author gave none. They follow from the
--- stack, the logical id and the generation alone, so that an operation taken up again after a kill
--- finds what it had begun to make.
local digest = require "host.digest"

local naming = {}

local SUFFIX_LENGTH <const> = 12
local LETTERS <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

--- 64 hexadecimal digits that belong to one resource of one stack.
---@param job engine.local.Job
---@return string
function naming.digest_hex(job)
  return digest.sha256(("%s\n%s\n%d"):format(job.stack.id, job.logical_id, job.generation))
end

--- `count` (at most 32) capital letters and digits that belong to one resource of one stack.
---@param job engine.local.Job
---@param count integer
---@return string
function naming.digest(job, count)
  local hex = naming.digest_hex(job)
  return (hex:sub(1, count * 2):gsub("%x%x", function(pair)
    local place = tonumber(pair, 16) % #LETTERS + 1
    return LETTERS:sub(place, place)
  end))
end

--- `stack-LogicalId-SUFFIX`, cut to `longest` characters where both words lose alike.
---@param job engine.local.Job
---@param longest integer
---@return string
function naming.physical(job, longest)
  local room = longest - SUFFIX_LENGTH - 2
  local stack, id = job.stack.name, job.logical_id
  if #stack + #id > room then
    local half = room // 2
    stack = stack:sub(1, math.max(half, room - #id))
    id = id:sub(1, room - #stack)
  end
  return ("%s-%s-%s"):format(stack, id, naming.digest(job, SUFFIX_LENGTH))
end

--- An ARN of the partition aws.
---@return string
function naming.arn(service, region, account, resource)
  return ("arn:aws:%s:%s:%s:%s"):format(service, region, account, resource)
end

return naming
