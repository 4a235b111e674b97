--- The policies that can be attached, documents of the state.
local fault = require "engine.local.fault"
local part = require("engine.local.state").part
local roles = require "engine.local.services.iam.roles"

local policies = {}

---@class engine.local.services.iam.Policy
---@field PolicyName string
---@field PolicyId string
---@field Arn string
---@field Path string
---@field CreateDate number
---@field Description? string
---@field Tags? { Key: string, Value: string }[]
---@field default string                 the version in force: "v1"
---@field last integer                   the number of the newest version ever
---@field versions table<string, { document: string, made: number }>

local function document(arn)
  return "iam/policies/" .. part(arn)
end

--- The policy of an ARN; nil when there is none here.
---@param arn string
---@return engine.local.services.iam.Policy?
function policies.at(arn, cloud)
  return cloud.state:get(document(arn))
end

--- Whether a policy is AWS's own: all of those are taken as there, their texts are not known here.
---@param arn string
---@return boolean
function policies.is_managed_by_aws(arn)
  return arn:match "^arn:aws:iam::aws:policy/" ~= nil
end

--- Refuses an ARN of which there is nothing to attach.
---@param arn any
function policies.check_arn(arn, cloud)
  if type(arn) ~= "string" or #arn < 20 then
    fault.raise("ValidationError", "PolicyArn must be an ARN of at least 20 characters")
  elseif not policies.is_managed_by_aws(arn) and not policies.at(arn, cloud) then
    fault.raise("NoSuchEntity", ("Policy %s does not exist or is not attachable."):format(arn), 404)
  end
end

--- The policy that a request names.
---@return engine.local.services.iam.Policy
function policies.find(params, cloud)
  local arn = params.PolicyArn or ""
  if policies.is_managed_by_aws(arn) then
    fault.not_answered "questions about AWS's own policies"
  end
  return policies.at(arn, cloud)
    or fault.raise("NoSuchEntity", ("Policy %s was not found."):format(arn), 404)
end

--- Writes down what has changed of a policy.
---@param policy engine.local.services.iam.Policy
function policies.keep(cloud, policy)
  cloud.state:put(document(policy.Arn), policy)
end

--- Removes a policy.
---@param policy engine.local.services.iam.Policy
function policies.remove(cloud, policy)
  cloud.state:remove(document(policy.Arn))
end

--- To how many roles a policy is attached.
---@param arn string
---@return integer
function policies.attachments(cloud, arn)
  local count = 0
  for _, role in ipairs(roles.all(cloud)) do
    count = roles.place_of(role, arn) and count + 1 or count
  end
  return count
end

return policies
