--- What an authorizer's policy says of one method's ARN.
local json = require "host.json"
local wildcard = require "engine.local.wildcard"

local invoke_policy = {}

local ACTION <const> = "execute-api:invoke"

local function as_list(value)
  if type(value) ~= "table" or not json.is_array(value) then
    return { value }
  end
  return value
end

local function any_matches(patterns, text, folded)
  for _, pattern in ipairs(as_list(patterns)) do
    local wanted = folded and type(pattern) == "string" and pattern:lower() or pattern
    if wildcard.fits(wanted, text) then
      return true
    end
  end
  return false
end

local function speaks_of(statement, arn)
  local action = statement.Action or statement.action
  local resource = statement.Resource or statement.resource
  return any_matches(action, ACTION, true) and any_matches(resource, arn, false)
end

--- "Allow", "Deny" (said so), or nil when the policy does not speak of it.
---@param document any
---@param arn string
---@return "Allow"|"Deny"|nil
function invoke_policy.effect(document, arn)
  local effect
  local statements = type(document) == "table" and (document.Statement or document.statement)
  for _, statement in ipairs(as_list(statements)) do
    if type(statement) == "table" and speaks_of(statement, arn) then
      local said = statement.Effect or statement.effect
      if said == "Deny" then
        return "Deny"
      elseif said == "Allow" then
        effect = "Allow"
      end
    end
  end
  return effect
end

return invoke_policy
