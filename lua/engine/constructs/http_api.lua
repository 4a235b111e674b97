--- An HTTP API: the API, its routes and their integrations, stages, authorizers, a domain.
local cross_origin = require "engine.constructs.parts.cross_origin"
local deployment = require "engine.constructs.gateway_v2.deployment"
local domains = require "engine.constructs.gateway_v2.domains"
local failure = require "engine.failure"
local ids = require "engine.constructs.gateway_v2.ids"
local parts = require "engine.constructs.gateway_v2.parts"
local stages = require "engine.constructs.gateway_v2.stages"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local http_api = {}

local function invalid(code, message, where, hint)
  failure.raise("invalid", message, { code = code, where = where, hint = hint })
end

---@param words engine.ConstructWords
function http_api.check(words)
  if #words.routes == 0 then
    invalid("E102", ("http_api '%s': it has no route"):format(words.name), words.where,
      "say api:route { key = \"GET /\", lambda = … }")
  end
  for _, route in ipairs(words.routes) do
    local authorizer = route.authorizer or words.authorizer
    if route.scopes and not (type(authorizer) == "table" and authorizer.jwt) then
      invalid("E104", "http_api.route.scopes: only an authorizer with `jwt` knows scopes",
        route.where)
    end
  end
end

-- ---- routes ---------------------------------------------------------------------------------------

-- AWS writes a status' changes as a list of pairs.
local function response_parameters(by_status)
  if not by_status then
    return nil
  end
  local written = {}
  for status, changes in pairs(by_status) do
    local list = {}
    for destination, source in pairs(changes) do
      table.insert(list, { Destination = destination, Source = source })
    end
    table.sort(list, function(a, b)
      return a.Destination < b.Destination
    end)
    written[tostring(status)] = { ResponseParameters = list }
  end
  return written
end

local function route_id(words, route)
  return words.stem .. "Api" .. ids.http_route(route.key) .. "Route"
end

local function function_integration(made, words, route)
  local format = route.payload_format or words.payload_format or "2.0"
  local id = parts.integration(made, words, route.lambda, {
    PayloadFormatVersion = format ~= "2.0" and format or nil,
    RequestParameters = route.request_parameters,
    ResponseParameters = response_parameters(route.response_parameters),
    TimeoutInMillis = parts.milliseconds(route.timeout or words.timeout),
  }, {
    IntegrationUri = value.att(route.lambda.id, "Arn"),
    PayloadFormatVersion = "2.0",
  }, route.where)
  parts.permission(made, words, route.lambda, route.where)
  return id
end

-- One for each route: its URL has the variables of the route's path.
local function server_integration(made, words, route)
  return made:add(words.stem .. "Api" .. ids.http_route(route.key) .. "Server", {
    Type = "AWS::ApiGatewayV2::Integration",
    Properties = {
      ApiId = value.ref(words.stem .. "Api"),
      IntegrationMethod = "ANY",
      IntegrationType = "HTTP_PROXY",
      IntegrationUri = route.url,
      PayloadFormatVersion = "1.0",
      RequestParameters = route.request_parameters,
      ResponseParameters = response_parameters(route.response_parameters),
      TimeoutInMillis = parts.milliseconds(route.timeout or words.timeout),
    },
  }, route.where)
end

local function add_route(made, words, route)
  local integration = (route.url and server_integration or function_integration)(made, words, route)
  local authorizer = route.authorizer or words.authorizer
  local kind, authorizer_id = parts.authorization(authorizer)
  made:add(route_id(words, route), {
    Type = "AWS::ApiGatewayV2::Route",
    Properties = {
      ApiId = value.ref(words.stem .. "Api"),
      AuthorizationScopes = route.scopes,
      AuthorizationType = kind,
      AuthorizerId = authorizer_id,
      OperationName = route.operation_name,
      RouteKey = route.key,
      Target = parts.target(integration),
    },
  }, route.where)
end

local function add_authorizer(made, words, authorizer)
  local jwt = authorizer.jwt
  if jwt then
    parts.authorizer(made, words, authorizer, {
      AuthorizerType = "JWT",
      JwtConfiguration = { Audience = jwt.audience, Issuer = jwt.issuer },
    })
    return
  end
  parts.authorizer(made, words, authorizer, {
    AuthorizerPayloadFormatVersion = authorizer.payload_format,
    AuthorizerResultTtlInSeconds = authorizer.ttl,
    EnableSimpleResponses = authorizer.payload_format == "2.0" and authorizer.simple or nil,
  })
end

-- ---- stages ---------------------------------------------------------------------------------------

local ACCESS_LOG <const> = {
  error = "$context.integrationErrorMessage",
  ip = "$context.identity.sourceIp",
  length = "$context.responseLength",
  protocol = "$context.protocol",
  requestId = "$context.requestId",
  routeKey = "$context.routeKey",
  status = "$context.status",
  time = "$context.requestTime",
}

local function stage_id(words, stage)
  local own = stage.name ~= "$default" and #words.stages > 1 and ids.stage(stage.name) or ""
  return words.stem .. "Api" .. own .. "Stage"
end

local function deployment_of(made, words)
  for _, stage in ipairs(words.stages) do
    if not stage.auto_deploy then
      return made:add(deployment.new(words))
    end
  end
end

local function add_stage(made, words, stage, deployment_id)
  local id = stage_id(words, stage)
  local settings, depends_on = stages.all_route_settings(words.routes, function(route)
    return route_id(words, route)
  end)
  return made:add(id, {
    Type = "AWS::ApiGatewayV2::Stage",
    DependsOn = depends_on,
    Properties = {
      AccessLogSettings = stages.access_log(made, words, stage, id, ACCESS_LOG),
      ApiId = value.ref(words.stem .. "Api"),
      AutoDeploy = stage.auto_deploy or nil,
      DefaultRouteSettings = stages.route_settings(stage),
      DeploymentId = not stage.auto_deploy and value.ref(deployment_id) or nil,
      Description = stage.description,
      RouteSettings = settings,
      StageName = stage.name,
      StageVariables = stage.variables,
      Tags = stage.tags,
    },
  })
end

---@param words engine.ConstructWords
---@return engine.Expansion
function http_api.expand(words)
  local made = parts.new()
  made:add(words.stem .. "Api", parts.api(words, {
    CorsConfiguration = cross_origin.properties(words.cors),
    ProtocolType = "HTTP",
    Version = words.version,
  }))
  for _, authorizer in ipairs(words.authorizers) do
    add_authorizer(made, words, authorizer)
  end
  for _, route in ipairs(words.routes) do
    add_route(made, words, route)
  end
  local deployment_id = deployment_of(made, words)
  for _, stage in ipairs(words.stages) do
    add_stage(made, words, stage, deployment_id)
  end
  local target = domains.add(made, words, stage_id(words, words.stages[1]))
  local outputs = url_output.list(words, ("the HTTP API '%s'"):format(words.name), words.url)
  table.insert(outputs, target)
  return { resources = made.resources, outputs = outputs }
end

http_api.settle = deployment.settle

return http_api
