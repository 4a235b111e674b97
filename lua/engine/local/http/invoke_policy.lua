--- What a policy says of one request to an API: the policy that an authorizer answers, or the API's own.
local one_or_more = require "engine.local.one_or_more"
local policy_conditions = require "engine.local.http.policy_conditions"
local wildcard = require "engine.local.wildcard"

local invoke_policy = {}

local ACTION <const> = "execute-api:invoke"

--- A request as policies see it.
---@class engine.local.http.Invocation
---@field arn string                           of what is asked
---@field value fun(key: string): string?      of a condition's key in lower case; see invocation.lua
---@field is_named? fun(statement: table): boolean  whether a statement is about who asks; default: it is

local function any_matches(patterns, text, folded)
  for _, pattern in ipairs(one_or_more(patterns)) do
    local wanted = folded and type(pattern) == "string" and pattern:lower() or pattern
    if wildcard.fits(wanted, text) then
      return true
    end
  end
  return false
end

-- Whether a text is among those that are said, or not among those that are excepted.
local function covers(said, except, text, folded)
  if said == nil and except ~= nil then
    return not any_matches(except, text, folded)
  end
  return any_matches(said, text, folded)
end

local function speaks_of(statement, asked)
  return covers(statement.Action or statement.action, statement.NotAction, ACTION, true)
    and covers(statement.Resource or statement.resource, statement.NotResource, asked.arn, false)
    and (not asked.is_named or asked.is_named(statement))
    and policy_conditions.met(statement.Condition or statement.condition, asked.value)
end

--- "Allow", "Deny" (said so), or nil when the policy does not speak of it.
---@param document any
---@param asked engine.local.http.Invocation
---@return "Allow"|"Deny"|nil
function invoke_policy.effect(document, asked)
  local effect
  local statements = type(document) == "table" and (document.Statement or document.statement)
  for _, statement in ipairs(one_or_more(statements)) do
    if type(statement) == "table" and speaks_of(statement, asked) then
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
