--- Where an AWS service answers: the user's own endpoint when one is set, else AWS's for the region.
---
--- From the strongest: --endpoint-url, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's
--- `services` section, the profile's `endpoint_url`. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS silences
--- all but the flag. AWS's own may be the ones for FIPS 140 (AWS_USE_FIPS_ENDPOINT, `use_fips_endpoint`)
--- or the ones that also speak IPv6 (AWS_USE_DUALSTACK_ENDPOINT, `use_dualstack_endpoint`).
---
--- In a function on the local cloud (LACONIC_LOCAL_URL), AWS's address of an API, which events tell it,
--- is the cloud's own: whom a WebSocket API has connected is asked there.
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
---@field dual_suffix string     of the hosts that also speak IPv6
---@field global_region string   the region that signs for global services

local PARTITIONS = {
  {
    pattern = "^cn%-",
    id = "aws-cn",
    suffix = "amazonaws.com.cn",
    dual_suffix = "api.amazonwebservices.com.cn",
    global_region = "cn-north-1",
  },
  {
    pattern = "^us%-gov%-",
    id = "aws-us-gov",
    suffix = "amazonaws.com",
    dual_suffix = "api.aws",
    global_region = "us-gov-west-1",
  },
  {
    pattern = "^eusc%-",
    id = "aws-eusc",
    suffix = "amazonaws.eu",
    dual_suffix = "api.amazonwebservices.eu",
    global_region = "eusc-de-east-1",
  },
  {
    pattern = "",
    id = "aws",
    suffix = "amazonaws.com",
    dual_suffix = "api.aws",
    global_region = "us-east-1",
  },
}

local GLOBAL_HOSTS = {
  ["aws"] = "%s.amazonaws.com",
  ["aws-cn"] = "%s.cn-north-1.amazonaws.com.cn",
  ["aws-eusc"] = "%s.eusc-de-east-1.amazonaws.eu",
  ["aws-us-gov"] = "%s.us-gov.amazonaws.com",
}

local GLOBAL_DUAL_HOSTS = {
  ["aws"] = "%s.global.api.aws",
  ["aws-cn"] = "%s.aws-cn-global.api.amazonwebservices.com.cn",
  ["aws-us-gov"] = "%s.aws-us-gov-global.api.aws",
}

-- In GovCloud these are validated under their plain names.
local PLAIN_IN_GOVCLOUD = {}
for name in
  ([[acm appconfigdata autoscaling cloudformation ec2 events kinesis logs monitoring sns sqs ssm
  states streams.dynamodb sts]]):gmatch "%S+"
do
  PLAIN_IN_GOVCLOUD[name] = true
end

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

local function is_true(value)
  return value ~= nil and value:lower() == "true"
end

local function configured(names, sources)
  local getenv = sources.getenv
  if is_true(getenv "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") then
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

-- Whether a variant of AWS's endpoints is wished for: "fips", "dualstack".
local function wishes(variant, sources)
  local value = set(sources.getenv(("AWS_USE_%s_ENDPOINT"):format(variant:upper())))
  if not value then
    value = (sources.profile() or {})[("use_%s_endpoint"):format(variant)]
  end
  return is_true(value)
end

local function reachable(url, sources)
  local cloud = set(sources.getenv "LACONIC_LOCAL_URL")
  local id, path = url:match "^https://([%w-]+)%.execute%-api%.[%w-]+%.amazonaws%.com(.*)$"
  return cloud and id and ("%s/_apis/%s%s"):format(cloud, id, path) or url
end

local function global_host(names, partition, sources)
  local host = names.host
  if partition.id == "aws" and wishes("fips", sources) then
    host = host .. "-fips"
  end
  local dual = wishes("dualstack", sources) and GLOBAL_DUAL_HOSTS[partition.id]
  return (dual or GLOBAL_HOSTS[partition.id]):format(host)
end

-- S3 keeps AWS's common suffix, and says `dualstack` before the region.
local function regional_host(names, region, partition, sources)
  local fips, dual = wishes("fips", sources), wishes("dualstack", sources)
  local host, suffix = names.host, partition.suffix
  if fips or dual then
    host = host:gsub("^api%.", "")
  end
  if fips and not (partition.id == "aws-us-gov" and PLAIN_IN_GOVCLOUD[host]) then
    host = host .. "-fips"
  end
  if dual and names.id == "S3" then
    host = host .. ".dualstack"
  elseif dual then
    suffix = partition.dual_suffix
  end
  return ("%s.%s.%s"):format(host, region, suffix)
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
    url = reachable(url, sources)
    return {
      url = (url:gsub("/+$", "")),
      signing_region = signing_region,
      custom = true,
      name = (url:match("^https?://([^/]+)"):gsub(":%d+$", "")),
    }
  end
  local host = names.global and global_host(names, partition, sources)
    or regional_host(names, region, partition, sources)
  return {
    url = "https://" .. host,
    signing_region = signing_region,
    custom = false,
    name = "aws",
  }
end

return endpoint
