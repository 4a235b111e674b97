--- The public keys of an issuer of tokens, as OpenID Connect Discovery has them: its document
--- `<issuer>/.well-known/openid-configuration` says by `jwks_uri` where they are, unless that is known.
---
--- API Gateway keeps them for two hours (see claims.lua for where that is said), and so does this cloud.
--- It asks anew for a key that it does not know, but not in the same minute, or whoever sends tokens
--- could make it ask as often as they like. All that an issuer says is bounded and may be anything.
local addresses = require "engine.local.addresses"
local clock = require "host.clock"
local digest = require "host.digest"
local fetch = require "engine.local.http.fetch"
local json = require "host.json"
local log = require "host.log"
local loop = require "engine.local.loop"

local keys = {}

local MEMORY <const> = "token_issuers"
local KEPT_SECONDS <const> = 2 * 60 * 60
local AGAIN_SECONDS <const> = 60 -- for a key that is not known
local FAILED_SECONDS <const> = 5 -- before an issuer is asked again that did not answer
local PATIENCE_SECONDS <const> = 5 -- for both of its documents

--- Where an issuer's keys are.
---@class engine.local.http.jwt.Source
---@field issuer string
---@field keys_url? string  of the keys themselves: nothing is discovered
---@field remedy string     what to do where they cannot be had

---@class engine.local.http.jwt.Key
---@field modulus string
---@field exponent string
---@field algorithm? string  the only one it is for

---@class engine.local.http.jwt.Issuer
---@field asked_at? number    when it was asked last
---@field had_at? number      when it answered last
---@field keys table<string, engine.local.http.jwt.Key>
---@field task? engine.local.Task  that asked it last, or asks it now

-- ---- what an issuer says --------------------------------------------------------------------------

local function fetch_object(url, deadline)
  local body, problem = fetch.get(url, math.max(deadline - clock.monotonic(), 0.1))
  if not body then
    return nil, problem
  end
  local value = json.decode(body)
  if type(value) ~= "table" or json.is_array(value) then
    return nil, "what it answers is no JSON object"
  end
  return value
end

local function read_key(said)
  if type(said) ~= "table" or said.kty ~= "RSA" or type(said.kid) ~= "string"
    or said.use ~= nil and said.use ~= "sig"
    or type(said.n) ~= "string" or type(said.e) ~= "string" then
    return nil
  end
  local modulus, exponent = digest.from_base64url(said.n), digest.from_base64url(said.e)
  return modulus and exponent and {
    modulus = modulus, exponent = exponent, algorithm = said.alg,
  }
end

-- The keys of RSA by their ids; of several with one id the first counts.
local function read_keys(document)
  local by_id = {}
  for _, said in ipairs(json.is_array(document.keys) and document.keys or {}) do
    local key = read_key(said)
    if key and not by_id[said.kid] then
      by_id[said.kid] = key
    end
  end
  return by_id
end

-- An issuer elsewhere must not make this cloud send requests to its own machine.
local function keys_url(cloud, issuer_url, document)
  if type(document.jwks_uri) ~= "string" then
    return nil, "its document has no jwks_uri"
  end
  local url = addresses.reachable(cloud, document.jwks_uri)
  if fetch.is_loopback(url) and not fetch.is_loopback(issuer_url) then
    return nil, "its document says that its keys are on this machine"
  end
  return url
end

-- Where its document says that the keys are.
local function discover(cloud, issuer, deadline)
  local base = addresses.reachable(cloud, issuer)
  local document, problem =
    fetch_object(base:gsub("/+$", "") .. "/.well-known/openid-configuration", deadline)
  if not document then
    return nil, problem
  elseif document.issuer ~= issuer and document.issuer ~= base then
    return nil, "its document is another issuer's"
  end
  return keys_url(cloud, base, document)
end

local function fetch_keys(cloud, source)
  local deadline = clock.monotonic() + PATIENCE_SECONDS
  local url, problem = source.keys_url, nil
  if not url then
    url, problem = discover(cloud, source.issuer, deadline)
  end
  if not url then
    return nil, problem
  end
  local document
  document, problem = fetch_object(url, deadline)
  if not document then
    return nil, "its keys: " .. problem
  end
  return read_keys(document)
end

-- ---- what is kept of it ---------------------------------------------------------------------------

--- An issuer for a log: without what may be secret in a URL.
---@param issuer string
---@return string
function keys.shown(issuer)
  return (issuer:gsub("^(%a+://)[^/]*@", "%1"):gsub("[?#].*$", ""))
end

local function ask(cloud, source, entry)
  entry.asked_at = clock.now()
  local found, problem = fetch_keys(cloud, source)
  if found then
    entry.keys, entry.had_at = found, clock.now()
    return
  end
  log.warn("tokens cannot be checked: the keys of their issuer cannot be had. " .. source.remedy, {
    issuer = keys.shown(source.issuer), because = problem,
  })
end

-- Seconds since then; a clock that was put back counts as all the time there is.
local function since(time)
  local seconds = time and clock.now() - time or math.huge
  return seconds >= 0 and seconds or math.huge
end

local function is_known(entry)
  return since(entry.had_at) < KEPT_SECONDS
end

local function is_to_be_asked(entry)
  return since(entry.asked_at) >= (is_known(entry) and AGAIN_SECONDS or FAILED_SECONDS)
end

--- The key of that id. Where it is not known, waits while the issuer is asked, which happens once for all
--- that wait. Only for tasks.
---@param cloud engine.local.Cloud
---@param source engine.local.http.jwt.Source
---@param id string
---@return engine.local.http.jwt.Key?
---@return "unknown"|"unreachable"|nil obstacle
function keys.find(cloud, source, id)
  local issuers = cloud:memory(MEMORY)
  local entry = issuers[source.issuer] or { keys = {} }
  issuers[source.issuer] = entry
  if is_known(entry) and entry.keys[id] then
    return entry.keys[id]
  end
  local is_asked = entry.task and not entry.task.done
  if not is_asked and is_to_be_asked(entry) then
    entry.task, is_asked = loop.spawn(ask, cloud, source, entry), true
  end
  if is_asked then
    entry.task:wait()
  end
  if not is_known(entry) then
    return nil, "unreachable"
  end
  return entry.keys[id], not entry.keys[id] and "unknown" or nil
end

return keys
