--- CloudFormation's properties of API Gateway's resources as API Gateway's own answers say them: the
--- same words with a small first letter, truth values and numbers as such.
local json = require "host.json"

local properties = {}

-- Properties whose keys are the author's own, not words of AWS: they stay as they are.
local MAPS <const> = {
  RequestModels = true, RequestParameters = true, RequestTemplates = true, ResponseModels = true,
  ResponseParameters = true, ResponseTemplates = true, StageVariableOverrides = true,
  Variables = true,
}
local FLAGS <const> = { RequestParameters = true, ResponseParameters = true }
local NUMBERS <const> = {
  AuthorizerResultTtlInSeconds = true, BurstLimit = true, CacheTtlInSeconds = true, Limit = true,
  MinimumCompressionSize = true, Offset = true, PercentTraffic = true, RateLimit = true,
  ThrottlingBurstLimit = true, ThrottlingRateLimit = true, TimeoutInMillis = true,
}
local TRUTHS <const> = {
  ApiKeyRequired = true, CacheClusterEnabled = true, CacheDataEncrypted = true,
  CachingEnabled = true, DataTraceEnabled = true, DisableExecuteApiEndpoint = true, Enabled = true,
  GenerateDistinctId = true, MetricsEnabled = true, RequireAuthorizationForCacheControl = true,
  TracingEnabled = true, UseStageCache = true,
  ValidateRequestBody = true, ValidateRequestParameters = true,
}

--- A truth value, however a template says it.
---@return boolean
function properties.is_true(value)
  return value == true or value == "true"
end

local function number(value)
  return math.tointeger(tonumber(value)) or tonumber(value) or value
end

local function small(name)
  return (name:gsub("^%u", string.lower))
end

-- A map of the author's own: its truth values may come as texts.
local function author_map(name, value)
  local copy = json.object {}
  for key, item in pairs(type(value) == "table" and value or {}) do
    local is_flag = FLAGS[name] and (item == "true" or item == "false")
    copy[key] = is_flag and item == "true" or not is_flag and item
  end
  return copy
end

local convert

local function convert_fields(value)
  local copy = {}
  for name, item in pairs(value) do
    if MAPS[name] then
      copy[small(name)] = author_map(name, item)
    elseif NUMBERS[name] then
      copy[small(name)] = number(item)
    elseif TRUTHS[name] then
      copy[small(name)] = properties.is_true(item)
    else
      copy[small(name)] = convert(item)
    end
  end
  return copy
end

function convert(value)
  if type(value) ~= "table" then
    return value
  elseif not json.is_array(value) then
    return convert_fields(value)
  end
  local list = json.array {}
  for i, item in ipairs(value) do
    list[i] = convert(item)
  end
  return list
end

--- The properties, but those named, in API Gateway's words.
---@param given table
---@param without? table<string, true>
---@return table
function properties.small(given, without)
  local copy = {}
  for name, value in pairs(given) do
    if not (without and without[name]) then
      copy[name] = value
    end
  end
  return convert_fields(copy)
end

-- A list of { statusCode, … } as API Gateway keeps it: by status, the last of one status wins.
local function by_status(list)
  local map = json.object {}
  for _, item in ipairs(list or {}) do
    item.statusCode = tostring(item.statusCode)
    map[item.statusCode] = item
  end
  return map
end

local NOT_OF_METHOD <const> = { ResourceId = true, RestApiId = true, Integration = true }

--- A method, as GetMethod answers.
---@param given table  the properties of AWS::ApiGateway::Method
---@return table
function properties.method(given)
  local method = properties.small(given, NOT_OF_METHOD)
  method.authorizationType = method.authorizationType or "NONE"
  method.apiKeyRequired = method.apiKeyRequired or false
  method.methodResponses = by_status(method.methodResponses)
  if given.Integration then
    local integration = properties.small(given.Integration)
    integration.httpMethod = integration.integrationHttpMethod
    integration.integrationHttpMethod = nil
    integration.passthroughBehavior = integration.passthroughBehavior or "WHEN_NO_MATCH"
    integration.integrationResponses = by_status(integration.integrationResponses)
    method.methodIntegration = integration
  end
  return method
end

return properties
