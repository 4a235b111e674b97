--- Where an AWS service answers: the user's own endpoint when one is set, else AWS's for the region.
---
--- From the strongest: --endpoint-url, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's
--- `services` section, the profile's `endpoint_url`. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS silences
--- all but the flag.
local failure = require "engine.failure"

local endpoint = {}

---@class engine.Endpoint
---@field url string             scheme and authority, without a slash at the end
---@field signing_region string
---@field custom boolean         the user named it; S3 then uses path style
---@field name string            "aws", or the host that was named, without its port

---@class engine.EndpointNames
---@field host string            the first label: "cloudformation", "logs"
---@field id string              as AWS_ENDPOINT_URL_<id> has it: "CLOUDWATCH_LOGS"
---@field global? boolean        one endpoint for a whole partition (IAM)

---@class engine.Partition
---@field id string
---@field suffix string          the end of every host name
---@field global_region string   the region that signs for global services

local PARTITIONS = {
  { pattern = "^cn%-", id = "aws-cn", suffix = "amazonaws.com.cn", global_region = "cn-north-1" },
  {
    pattern = "^us%-gov%-",
    id = "aws-us-gov",
    suffix = "amazonaws.com",
    global_region = "us-gov-west-1",
  },
  { pattern = "", id = "aws", suffix = "amazonaws.com", global_region = "us-east-1" },
}

local GLOBAL_HOSTS = {
  ["aws"] = "%s.amazonaws.com",
  ["aws-cn"] = "%s.cn-north-1.amazonaws.com.cn",
  ["aws-us-gov"] = "%s.us-gov.amazonaws.com",
}

--- The partition that a region belongs to.
---@param region string
---@return engine.Partition
function endpoint.partition(region)
  for _, partition in ipairs(PARTITIONS) do
    if region:find(partition.pattern) then
      return partition
    end
  end
end

-- An empty variable counts as one that is not set, as in AWS's own tools.
local function set(value)
  return value ~= nil and value ~= "" and value or nil
end

local function configured(names, sources)
  local getenv = sources.getenv
  local ignore = set(getenv "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
  if ignore and ignore:lower() == "true" then
    return nil
  end
  local from_environment = set(getenv("AWS_ENDPOINT_URL_" .. names.id))
    or set(getenv "AWS_ENDPOINT_URL")
  if from_environment then
    return from_environment
  end
  local profile, services = sources.profile()
  local own = (services or {})[names.id:lower()] or {}
  return set(own.endpoint_url) or set((profile or {}).endpoint_url)
end

--- Resolves the endpoint of one service.
---@param names engine.EndpointNames
---@param region string
---@param sources { flag?: string, getenv: fun(name: string): string?, profile: fun(): table?, table? }
---  profile: the profile's keys and its `services` section; asked only when nothing stronger is set
---@return engine.Endpoint
function endpoint.resolve(names, region, sources)
  local partition = endpoint.partition(region)
  local signing_region = names.global and partition.global_region or region
  local url = set(sources.flag) or configured(names, sources)
  if url then
    if not url:find "^https?://[^/]" then
      failure.raise("usage", ("the endpoint '%s' is not a URL"):format(url), {
        code = "E703",
        hint = "write it as http://localhost:4566",
      })
    end
    return {
      url = (url:gsub("/+$", "")),
      signing_region = signing_region,
      custom = true,
      name = (url:match("^https?://([^/]+)"):gsub(":%d+$", "")),
    }
  end
  local host = names.global and GLOBAL_HOSTS[partition.id]:format(names.host)
    or ("%s.%s.%s"):format(names.host, region, partition.suffix)
  return {
    url = "https://" .. host,
    signing_region = signing_region,
    custom = false,
    name = "aws",
  }
end

return endpoint
