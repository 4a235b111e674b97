-- What we say of each service, as JSON: for aws_services.py, which knows what botocore says.
local endpoint = require "engine.aws.endpoint"
local paging = require "engine.aws.paging"
local services = require "engine.aws.services"
local json = require "host.json"

local TOKENS = { -- every token that one of our actions may answer with
  "NextToken", "nextToken", "NextMarker", "Marker", "LastEvaluatedKey", "LastEvaluatedTableName",
  "LastEvaluatedBackupArn", "NextContinuationToken", "PaginationToken", "nextPageToken", "position",
  "nextForwardToken",
}

-- Token → parameter, as an action of the service has it.
local function tokens_of(service, action)
  local map = {}
  for _, token in ipairs(TOKENS) do
    for param in pairs(paging.next(service, action, {}, { [token] = "t" }) or {}) do
      map[token] = param
    end
  end
  return map
end

local REGIONS = { "us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1" }

-- The service's URLs: region → those of each variant.
local function endpoints_of(service)
  local map = {}
  for _, region in ipairs(REGIONS) do
    map[region] = {}
    for _, variant in ipairs { "", "fips", "dualstack" } do
      map[region][variant] = endpoint.resolve(service, region, {
        getenv = function(name)
          return name == ("AWS_USE_%s_ENDPOINT"):format(variant:upper()) and "true" or nil
        end,
        profile = function() end,
      }).url
    end
  end
  return map
end

local all = {}
for name in pairs(services.names()) do
  local service = services.find(name)
  if service.protocol:find "^rest" then
    local ok, actions = pcall(require, "engine.aws.actions." .. service.name)
    service.actions = ok and actions or nil
  end
  service.tokens = tokens_of(service.name)
  service.own_tokens = { GetLogEvents = tokens_of(service.name, "GetLogEvents") }
  service.endpoints = endpoints_of(service)
  all[name] = service
end
io.stdout:write(assert(json.encode(all)), "\n")
