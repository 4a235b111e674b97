--- Policy documents, as IAM accepts or refuses them.
local fault = require "engine.local.fault"
local json = require "host.json"
local one_or_more = require "engine.local.one_or_more"

local policy_document = {}

local LARGEST = 131072

local function malformed(message)
  fault.raise("MalformedPolicyDocument", message)
end

local function check_actions(statement)
  local said = statement.Action or statement.NotAction
  if said == nil then
    malformed "Policy statement must contain actions."
  end
  for _, action in ipairs(one_or_more(said)) do
    local vendor = type(action) == "string" and action:match "^([%w-]+):.+$"
    if action ~= "*" and not vendor then
      malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    end
  end
end

local function check_statement(statement, is_trust)
  if type(statement) ~= "table" then
    malformed "Syntax errors in policy."
  elseif statement.Effect ~= "Allow" and statement.Effect ~= "Deny" then
    malformed "Syntax errors in policy: a statement's Effect is Allow or Deny."
  end
  check_actions(statement)
  local principal = statement.Principal or statement.NotPrincipal
  local resource = statement.Resource or statement.NotResource
  if is_trust and resource then
    malformed "Has prohibited field Resource"
  elseif is_trust and not principal then
    malformed "AssumeRole policy must contain principals."
  elseif not is_trust and principal then
    malformed "Policy document should not specify a principal."
  elseif not is_trust and not resource then
    malformed "Policy statement must contain resources."
  end
end

--- A policy document as IAM and S3 take it, whether a template gives a structure or a text.
---@param value any
---@return string?
function policy_document.text(value)
  return type(value) == "table" and assert(json.encode(value)) or value
end

--- Refuses a text that is no policy document.
---@param text? string
---@param is_trust boolean  a role's trust policy: principals, no resources
function policy_document.check(text, is_trust)
  if type(text) ~= "string" or #text < 1 or #text > LARGEST then
    fault.raise("ValidationError", "The policy document is missing, empty, or too long")
  end
  local document = json.decode(text)
  if type(document) ~= "table" or json.is_array(document) or document.Statement == nil then
    malformed "Syntax errors in policy."
  end
  local version = document.Version
  if version ~= nil and version ~= "2012-10-17" and version ~= "2008-10-17" then
    malformed "Syntax errors in policy: Version is 2012-10-17 or 2008-10-17."
  end
  local statements = one_or_more(document.Statement)
  if #statements == 0 then
    malformed "Syntax errors in policy."
  end
  for _, statement in ipairs(statements) do
    check_statement(statement, is_trust)
  end
end

return policy_document
