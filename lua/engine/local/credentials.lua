--- Who may sign: the cloud's own key, and those that STS gave out.
local clock = require "host.clock"
local identifier = require "engine.local.identifier"

local credentials = {}

--- The one account of every local cloud.
credentials.ACCOUNT = "123456789012"
--- The region of what is asked without one.
credentials.REGION = "us-east-1"
--- The key of every local cloud. It opens nothing but loopback, so it is no secret.
credentials.ACCESS_KEY_ID = "local"
credentials.SECRET_ACCESS_KEY = "local-secret"

---@class engine.local.Identity
---@field access_key_id string
---@field arn string
---@field user_id string
---@field account string

---@class engine.local.Key: engine.local.Identity
---@field secret_access_key string
---@field session_token? string
---@field expires? number     seconds since 1970

local function root_key(cloud)
  return {
    access_key_id = credentials.ACCESS_KEY_ID,
    secret_access_key = credentials.SECRET_ACCESS_KEY,
    arn = ("arn:aws:iam::%s:root"):format(cloud.account),
    user_id = cloud.account,
    account = cloud.account,
  }
end

--- The identity that calls from inside have.
---@return engine.local.Identity
function credentials.root(cloud)
  return root_key(cloud)
end

--- The key of that id, or nil. An expired one is found too: it is refused with other words.
---@param access_key_id string
---@return engine.local.Key?
function credentials.find(cloud, access_key_id)
  if access_key_id == credentials.ACCESS_KEY_ID then
    return root_key(cloud)
  elseif access_key_id:match "^ASIA[A-Z2-7]+$" then
    return cloud.state:get("sts/sessions/" .. access_key_id)
  end
end

local function forget_expired(cloud, now)
  for _, id in ipairs(cloud.state:list "sts/sessions") do
    local key = cloud.state:get("sts/sessions/" .. id)
    if key and key.expires + 3600 < now then
      cloud.state:remove("sts/sessions/" .. id)
    end
  end
end

--- Makes temporary credentials for an identity, kept until an hour past their end.
---@param identity { arn: string, user_id: string }
---@param seconds integer
---@return engine.local.Key
function credentials.issue(cloud, identity, seconds)
  local now = clock.now()
  local key = {
    access_key_id = identifier.unique "ASIA",
    secret_access_key = identifier.token(40),
    session_token = identifier.token(160),
    expires = now // 1 + seconds,
    arn = identity.arn,
    user_id = identity.user_id,
    account = cloud.account,
  }
  forget_expired(cloud, now)
  cloud.state:put("sts/sessions/" .. key.access_key_id, key)
  return key
end

return credentials
