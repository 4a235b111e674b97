--- Who calls AWS, and where: region, credentials and endpoints, each found out when first needed.
---
--- Nothing is read, asked or even loaded before then: a command that stays offline works without an
--- account, and starts as if there were none.
local failure = require "engine.failure"

---@class engine.Session
---@field endpoint_url? string
---@field transport? engine.Transport  see engine.aws; a test's own
---@field clock table                  host.clock, or a test's own
local session = { __name = "aws session" }
session.__index = session

---@class engine.SessionOptions
---@field region? string
---@field profile? string
---@field endpoint_url? string
---@field credentials? engine.Credentials|fun(): engine.Credentials  no other source is asked: these and
---  no others, or who gives new ones whenever the last are about to expire
---@field transport? engine.Transport
---@field clock? table
---@field getenv? fun(name: string): string?
---@field read_file? fun(path: string): string?  the text, or nil when there is no such file

-- Seconds before they expire when credentials are renewed: a long upload must not outlive them.
local MARGIN = 300

local function read_file(path)
  local text, err = require("host.file").read(path, { max_bytes = 1024 * 1024 })
  if not text and err.code ~= "ENOENT" then
    error(err, 0)
  end
  return text
end

---@param options? engine.SessionOptions
---@return engine.Session
function session.new(options)
  options = options or {}
  return setmetatable({
    endpoint_url = options.endpoint_url,
    transport = options.transport,
    clock = options.clock or require "host.clock",
    getenv = options.getenv or os.getenv,
    flags = { region = options.region, profile = options.profile },
    read_file = options.read_file or read_file,
    given_credentials = options.credentials,
  }, session)
end

-- What is inside holds secrets: neither the REPL nor a log shows it.
function session.__tostring()
  return "aws session"
end

function session:profiles()
  if not self.loaded_profiles then
    local shared_profiles = require "engine.aws.shared_profiles"
    self.loaded_profiles = shared_profiles.load(self.getenv, self.read_file)
  end
  return self.loaded_profiles
end

-- The profile's keys; nil when the one that nobody named does not exist.
function session:profile()
  local name = self.flags.profile or self:variable "AWS_PROFILE"
  local found = self:profiles():find(name or "default")
  if name and not found then
    failure.raise("credentials", ("there is no profile '%s' in ~/.aws/config"):format(name), {
      code = "E401",
      hint = ("name another with --profile, or run `aws configure --profile %s`"):format(name),
    })
  end
  return found
end

--- An environment variable; an empty one counts as not set.
---@param name string
---@return string?
function session:variable(name)
  local value = self.getenv(name)
  return value ~= "" and value or nil
end

--- The region: --region, AWS_REGION, AWS_DEFAULT_REGION, the profile's.
---@return string
function session:region()
  if not self.known_region then
    self.known_region = self.flags.region
      or self:variable "AWS_REGION"
      or self:variable "AWS_DEFAULT_REGION"
      or (self:profile() or {}).region
    if not self.known_region then
      failure.raise("credentials", "no AWS region is set", {
        code = "E407",
        hint = "say --region us-east-1, or set AWS_REGION, or `region` in ~/.aws/config",
      })
    elseif not self.known_region:find "^%l%l[%l%d%-]*$" then
      local name = self.known_region
      self.known_region = nil
      failure.raise("credentials", ("'%s' is not the name of a region"):format(name), {
        code = "E407",
      })
    end
  end
  return self.known_region
end

local function resolve(self)
  if self.given_credentials then
    return self.given_credentials()
  end
  return require("engine.aws.credentials").resolve(self)
end

--- The credentials, resolved once and again shortly before they expire. Ones that cannot be renewed
--- are used as long as they last.
---@return engine.Credentials
function session:credentials()
  if type(self.given_credentials) == "table" then
    return self.given_credentials
  end
  local known = self.known_credentials
  local left = known and (known.expires or math.huge) - self.clock.now() or 0
  if left > MARGIN then
    return known
  end
  local ok, fresh = pcall(resolve, self)
  if ok then
    self.known_credentials = fresh
    return fresh
  elseif left > 0 then
    return known
  end
  error(fresh, 0)
end

--- The same account from elsewhere: what `options` leave open is this session's.
---@param options { region?: string, endpoint_url?: string }
---@return engine.Session
function session:at(options)
  local other = session.new {
    region = options.region or self.flags.region,
    profile = self.flags.profile,
    endpoint_url = options.endpoint_url or self.endpoint_url,
    transport = self.transport,
    clock = self.clock,
    getenv = self.getenv,
    read_file = self.read_file,
    credentials = function()
      return self:credentials()
    end,
  }
  other.loaded_profiles = self.loaded_profiles
  return other
end

--- The same place with other credentials.
---@param other engine.Credentials
---@return engine.Session
function session:as(other)
  return setmetatable({
    credentials = function()
      return other
    end,
  }, { __index = self, __tostring = session.__tostring, __name = session.__name })
end

--- Where a service answers.
---@param service engine.EndpointNames
---@return engine.Endpoint
function session:endpoint(service)
  self.endpoints = self.endpoints or {}
  local known = self.endpoints[service.id]
  if not known then
    known = require("engine.aws.endpoint").resolve(service, self:region(), {
      flag = self.endpoint_url,
      getenv = self.getenv,
      profile = function()
        local profile = self:profile() or {}
        return profile, self:profiles():services(profile.services)
      end,
    })
    self.endpoints[service.id] = known
  end
  return known
end

--- The account's number, asked of STS once.
---@return string
function session:account()
  if not self.known_account then
    local aws = require "engine.aws"
    self.known_account = aws.call(self, "sts", "GetCallerIdentity").Account
  end
  return self.known_account
end

return session
