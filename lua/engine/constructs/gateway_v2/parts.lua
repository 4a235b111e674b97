--- What HTTP APIs and WebSocket APIs are made of alike: integrations, permissions,
--- authorizers, the API itself.
local ids = require "engine.constructs.gateway_v2.ids"
local order = require "engine.order"
local permission = require "engine.constructs.parts.permission"
local short_hash = require "engine.constructs.parts.short_hash"
local value = require "engine.constructs.parts.value"

local parts = {}

local PRINCIPAL <const> = "apigateway.amazonaws.com"

--- Collects resources: `made:add(id, resource, where?)`.
---@class engine.gateway_v2.Made
---@field resources table[]
local Made = {}
Made.__index = Made

---@return engine.gateway_v2.Made
function parts.new()
  return setmetatable({ resources = {} }, Made)
end

---@param id string
---@param resource table
---@param where? string
---@return string id
function Made:add(id, resource, where)
  table.insert(self.resources, { id = id, resource = resource, where = where })
  return id
end

-- The ARN by which API Gateway calls a function.
local function invocation_uri(lambda)
  return value.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31"
    .. "/functions/${" .. lambda.id .. ".Arn}/invocations")
end

parts.invocation_uri = invocation_uri

local function milliseconds(seconds)
  return seconds and math.floor(seconds * 1000 + 0.5)
end

parts.milliseconds = milliseconds

-- ---- integrations ---------------------------------------------------------------------------------

--- The integration of a function, one for all routes that want the same of it.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param lambda table
---@param properties table   what differs from the usual
---@param usual table        what every integration of the API has
---@param where string
---@return string id
function parts.integration(made, words, lambda, properties, usual, where)
  local api = words.stem .. "Api"
  local suffix = next(properties) ~= nil and short_hash(properties) or ""
  local id = api .. ids.of_function(lambda) .. "Integration" .. suffix
  made.integrations = made.integrations or {}
  if not made.integrations[id] then
    made.integrations[id] = true
    local all = {
      ApiId = value.ref(api), IntegrationMethod = "POST", IntegrationType = "AWS_PROXY",
    }
    for _, some in ipairs { usual, properties } do
      for name, property in pairs(some) do
        all[name] = property
      end
    end
    made:add(id, { Type = "AWS::ApiGatewayV2::Integration", Properties = all }, where)
  end
  return id
end

--- What a route says of its integration.
---@param id string
---@return table
function parts.target(id)
  return value.sub("integrations/${" .. id .. "}")
end

--- Lets the API call a function, from any of its routes: once.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param lambda table
---@param where string
function parts.permission(made, words, lambda, where)
  local api = words.stem .. "Api"
  local id = api .. ids.of_function(lambda) .. "Permission"
  made.permissions = made.permissions or {}
  if made.permissions[id] then
    return
  end
  made.permissions[id] = true
  made:add(id, permission.new(value.ref(lambda.id), PRINCIPAL, parts.execute_arn(words, "/*")),
    where)
end

--- "arn:aws:execute-api:REGION:ACCOUNT:ID" and what follows.
---@param words engine.ConstructWords
---@param rest string
---@return table
function parts.execute_arn(words, rest)
  return value.sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${"
    .. words.stem .. "Api}" .. rest)
end

-- ---- authorizers ----------------------------------------------------------------------------------

--- An authorizer, and the permission to call its function.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param authorizer table
---@param properties table  what its kind of API adds
function parts.authorizer(made, words, authorizer, properties)
  local id = authorizer.logical_id
  properties.ApiId = value.ref(words.stem .. "Api")
  local sources = authorizer.identity_sources
  properties.IdentitySource = #sources > 0 and sources or nil
  properties.Name = authorizer.name
  if authorizer.lambda then
    properties.AuthorizerType = "REQUEST"
    properties.AuthorizerUri = invocation_uri(authorizer.lambda)
  end
  made:add(id, { Type = "AWS::ApiGatewayV2::Authorizer", Properties = properties },
    authorizer.where)
  if authorizer.lambda then
    made:add(id .. "Permission", permission.new(value.ref(authorizer.lambda.id), PRINCIPAL,
      parts.execute_arn(words, "/authorizers/${" .. id .. "}")), authorizer.where)
  end
end

--- What a route says of who may call it.
---@param authorizer "iam"|"none"|table|nil
---@return string? kind    nil: nothing is said
---@return table? id       of the authorizer
function parts.authorization(authorizer)
  if authorizer == "iam" then
    return "AWS_IAM"
  elseif authorizer == "none" then
    return "NONE"
  elseif authorizer then
    return authorizer.jwt and "JWT" or "CUSTOM", value.ref(authorizer.logical_id)
  end
end

-- ---- the API --------------------------------------------------------------------------------------

--- The API itself, with what both kinds say of theirs.
---@param words engine.ConstructWords
---@param properties table
---@return table resource
function parts.api(words, properties)
  properties.Description = words.description
  properties.DisableExecuteApiEndpoint = words.disable_default_endpoint
  properties.IpAddressType = words.ip_address_type
  properties.Name = value.sub("${AWS::StackName}_" .. words.name)
  properties.Tags = words.tags
  return { Type = "AWS::ApiGatewayV2::Api", Properties = properties }
end

--- The names of a list's members that are there, as handles have them, sorted and each once.
---@param list table[]  with `lambda`
---@return string[]
function parts.function_names(list)
  local names = {}
  for _, item in ipairs(list) do
    names[item.lambda.name] = true
  end
  return order.keys(names)
end

return parts
