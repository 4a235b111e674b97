--- What a token claims: whether that lets its bearer in, and how it is told to a function.
---
--- The rules are those of "Control access to HTTP APIs with JWT authorizers in API Gateway"
--- (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html), which knows no
--- leeway for clocks that differ. That an audience does not match is told in AWS's words
--- (http-api-troubleshooting-jwt.html); other refusals are told in ours, AWS publishes none.
local clock = require "host.clock"
local json = require "host.json"

local claims = {}

---@class engine.local.http.jwt.Wanted
---@field issuer fun(said: string): boolean    whether that is the issuer
---@field audience fun(said: string): boolean  whether that is one of the audiences

local function is_any(said, is_wanted)
  if type(said) == "string" then
    return is_wanted(said)
  elseif not json.is_array(said) then
    return false
  end
  for _, one in ipairs(said) do
    if type(one) == "string" and is_wanted(one) then
      return true
    end
  end
  return false
end

-- A client's id counts where no audience is named at all.
local function audience_of(said)
  if said.aud ~= nil then
    return said.aud
  end
  return type(said.client_id) == "string" and said.client_id or nil
end

-- Whether a time that may be named is over; one that is no number is none.
local function is_past(time, now)
  return time == nil or math.type(time) ~= nil and time <= now
end

--- What is wrong with the claims of a token whose signature is right; nil when nothing is.
---@param said table
---@param wanted engine.local.http.jwt.Wanted
---@return string? problem
function claims.problem(said, wanted)
  local now = clock.now()
  if type(said.iss) ~= "string" or not wanted.issuer(said.iss) then
    return "the token does not have a valid issuer"
  elseif not is_any(audience_of(said), wanted.audience) then
    return "the token does not have a valid audience"
  elseif not math.type(said.exp) then
    return "the token does not say when it expires"
  elseif said.exp <= now then
    return "the token has expired"
  elseif not is_past(said.nbf, now) then
    return "the token is not valid yet"
  elseif not is_past(said.iat, now) then
    return "the token was issued in the future"
  end
end

local function add_scopes(list, said)
  if type(said) == "string" then
    for scope in said:gmatch "%S+" do
      table.insert(list, scope)
    end
  elseif json.is_array(said) then
    for _, scope in ipairs(said) do
      table.insert(list, type(scope) == "string" and scope or nil)
    end
  end
end

--- The scopes that a token holds.
---@param said table
---@return string[]
function claims.scopes(said)
  local list = json.array {}
  add_scopes(list, said.scope)
  add_scopes(list, said.scp)
  return list
end

--- Whether one of them is among those that are wanted.
---@param scopes string[]
---@param wanted string[]
---@return boolean
function claims.has_one(scopes, wanted)
  for _, one in ipairs(wanted) do
    for _, scope in ipairs(scopes) do
      if scope == one then
        return true
      end
    end
  end
  return false
end

local function item_text(value)
  if type(value) == "string" then
    return value
  end
  return assert(json.encode(value))
end

-- Lists come as "[a b]", what is nested otherwise as JSON, numbers and booleans as they stand.
local function claim_text(value)
  if not json.is_array(value) then
    return item_text(value)
  end
  local parts = {}
  for i, item in ipairs(value) do
    parts[i] = item_text(item)
  end
  return "[" .. table.concat(parts, " ") .. "]"
end

--- The claims as functions get them: each a text, and none of those that are null.
---@param said table
---@return table<string, string>
function claims.texts(said)
  local texts = json.object {}
  for name, value in pairs(said) do
    texts[name] = value ~= json.null and claim_text(value) or nil
  end
  return texts
end

return claims
