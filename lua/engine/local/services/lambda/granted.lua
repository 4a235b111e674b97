--- Whom a function's own policy lets in: what AddPermission, and with it a template, has said.
local functions = require "engine.local.services.lambda.functions"
local wildcard = require "engine.local.wildcard"

local granted = {}

--- Who wants to do what.
---@class engine.local.services.lambda.Wish
---@field action string         "lambda:InvokeFunction"
---@field service? string       the AWS service that asks: "apigateway.amazonaws.com"; absent: anybody
---@field arn? string           on whose behalf: AWS:SourceArn
---@field account? string       whose that is: AWS:SourceAccount
---@field url_auth_type? string of a request to a function's URL
---@field via_url? "true"       the same, of its invocation

local function is_any(value, fits)
  if type(value) ~= "table" then
    return fits(value)
  end
  for _, item in ipairs(value) do
    if fits(item) then
      return true
    end
  end
  return false
end

local function is_principal(principal, wish)
  if principal == "*" then
    return true
  elseif type(principal) ~= "table" then
    return false
  end
  return is_any(principal.AWS, function(name)
    return name == "*"
  end) or wish.service ~= nil and is_any(principal.Service, function(name)
    return name == wish.service
  end)
end

-- What a wish says of a condition's key; one that it says nothing of is not met.
local FACTS <const> = {
  ["aws:sourcearn"] = "arn",
  ["aws:sourceaccount"] = "account",
  ["lambda:functionurlauthtype"] = "url_auth_type",
  ["lambda:invokedviafunctionurl"] = "via_url",
}

local function is_met(condition, wish)
  for operator, entries in pairs(condition or {}) do
    local like = operator:find "^ArnLike" or operator:find "^StringLike"
      or operator:find "^ArnEquals"
    for key, wanted in pairs(entries) do
      local fact = wish[FACTS[key:lower()]]
      if not is_any(wanted, function(item)
        return fact ~= nil and (like and wildcard.fits(item, fact) or item == fact)
      end) then
        return false
      end
    end
  end
  return true
end

local function decide(statements, wish)
  for _, statement in ipairs(statements) do
    if is_any(statement.Action, function(action)
      return wildcard.fits(action, wish.action)
    end) and is_principal(statement.Principal, wish) and is_met(statement.Condition, wish) then
      return true
    end
  end
  return false
end

-- What was decided, by list of statements and by wish: a list is never changed, but replaced.
local decided = setmetatable({}, { __mode = "k" })

--- Whether the policy of a function, or of its alias or version, lets that be done. The same wish is
--- asked again and again: it is remembered as long as the policy is what it is.
---@param found table        the function's document
---@param qualifier? string
---@param wish engine.local.services.lambda.Wish
---@return boolean
function granted.allows(found, qualifier, wish)
  local statements = found.policies[qualifier or functions.LATEST]
  if not statements then
    return false
  end
  local of_list = decided[statements]
  if not of_list then
    of_list = setmetatable({}, { __mode = "k" })
    decided[statements] = of_list
  end
  if of_list[wish] == nil then
    of_list[wish] = decide(statements, wish)
  end
  return of_list[wish]
end

return granted
