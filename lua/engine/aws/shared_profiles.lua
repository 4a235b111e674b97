--- The profiles of ~/.aws/config and ~/.aws/credentials; for one name, the latter's keys win.
local failure = require "engine.failure"

local shared_profiles = {}
shared_profiles.__index = shared_profiles

---@class engine.Profiles
---@field config table
---@field secrets table

local function set(value)
  return value ~= "" and value or nil
end

-- A named file, or the one in the home folder; one that is not there is empty.
local function parse(variable, name, kind, getenv, read_file)
  local path = set(getenv(variable))
  if not path then
    local home = set(getenv "HOME")
    if not home then
      return {}
    end
    path = home .. "/.aws/" .. name
  end
  local text = read_file(path)
  if not text then
    return {}
  end
  local sections, err = require("host.profile").parse(text, kind) -- Lambda's runtime has none
  if not sections then
    error(failure.wrap(err, ("cannot read %s"):format(path), { kind = "credentials" }), 0)
  end
  return sections
end

---@param getenv fun(name: string): string?
---@param read_file fun(path: string): string?
---@return engine.Profiles
function shared_profiles.load(getenv, read_file)
  return setmetatable({
    config = parse("AWS_CONFIG_FILE", "config", "config", getenv, read_file),
    secrets = parse("AWS_SHARED_CREDENTIALS_FILE", "credentials", "credentials", getenv, read_file),
  }, shared_profiles)
end

--- The keys of a profile, from both files; nil when neither has it.
---@param name string
---@return table<string, any>?
function shared_profiles:find(name)
  local config, secrets = self.config[name], self.secrets[name]
  if not config and not secrets then
    return nil
  end
  local merged = {}
  for _, section in ipairs { config or {}, secrets or {} } do
    for key, value in pairs(section) do
      merged[key] = value
    end
  end
  return merged
end

--- A `[services NAME]` section: service id in lower case → its keys.
---@param name string?
---@return table?
function shared_profiles:services(name)
  return name and (self.config.services or {})[name]
end

return shared_profiles
