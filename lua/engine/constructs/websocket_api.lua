--- A WebSocket API: the API, its routes and their integrations, a stage with its deployment, and the
--- table of those who are connected.
local deployment = require "engine.constructs.gateway_v2.deployment"
local domains = require "engine.constructs.gateway_v2.domains"
local failure = require "engine.failure"
local ids = require "engine.constructs.gateway_v2.ids"
local order = require "engine.order"
local parts = require "engine.constructs.gateway_v2.parts"
local patterns = require "engine.constructs.parts.patterns"
local spelling = require "engine.spelling"
local stages = require "engine.constructs.gateway_v2.stages"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local websocket_api = {}

local TTL <const> = 10800 -- seconds: API Gateway ends a connection after 7,200

local function invalid(code, message, where, hint)
  failure.raise("invalid", message, { code = code, where = where, hint = hint })
end

-- One model alone is for all messages: what is selected, whatever it is, is not among them.
local function request_models(route)
  return type(route.models) == "string" and { ["$default"] = route.models } or route.models
end

---@param words engine.ConstructWords
function websocket_api.check(words)
  if #words.routes == 0 then
    invalid("E102", ("websocket_api '%s': it has no route"):format(words.name), words.where,
      "say api:route { key = \"$default\", lambda = … }")
  end
  local models = {}
  for _, model in ipairs(words.models) do
    models[model.name] = true
    patterns.check_schema(model.where, "websocket_api.model.schema", model.schema)
  end
  for _, route in ipairs(words.routes) do
    local named = request_models(route) or {}
    for _, kind in ipairs(order.keys(named)) do
      local name = named[kind]
      if not models[name] then
        local unknown = spelling.unknown("model", name, models)
        invalid("E104", ("websocket_api.route.models: %s"):format(unknown), route.where)
      end
    end
  end
end

-- ---- functions ------------------------------------------------------------------------------------

local TABLE_ACTIONS <const> = {
  "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
  "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem",
}

local function table_id(words)
  return words.stem .. "Connections"
end

local function grant(words)
  local privileges = {
    {
      actions = { "execute-api:ManageConnections" },
      resource = parts.execute_arn(words, "/" .. words.stage.name .. "/*/@connections/*"),
    },
  }
  local environment = { CONNECTIONS_URL = words.management_url }
  if words.connections then
    local arn = table_id(words) .. ".Arn"
    table.insert(privileges, {
      actions = TABLE_ACTIONS,
      resources = {
        value.att(table_id(words), "Arn"),
        value.sub("${" .. arn .. "}/index/*"),
      },
    })
    environment.CONNECTIONS_TABLE = value.ref(table_id(words))
    environment.CONNECTIONS_TTL = tostring(words.connections.ttl or TTL)
  end
  return { privileges = privileges, environment = environment }
end

--- Who answers for a route may send to the API's clients, and knows who they are.
---@param words engine.ConstructWords
---@return table<string, engine.Grant>
function websocket_api.grants(words)
  local grants = {}
  for _, list in ipairs { words.routes, words.senders } do
    for _, name in ipairs(parts.function_names(list)) do
      grants[name] = grants[name] or grant(words)
    end
  end
  return grants
end

-- ---- the table ------------------------------------------------------------------------------------

local function connection_table(words)
  local said = words.connections
  local throughput = said.read_capacity
    and { ReadCapacityUnits = said.read_capacity, WriteCapacityUnits = said.write_capacity }
  local policy = said.deletion_policy or "Delete"
  return {
    Type = "AWS::DynamoDB::Table",
    DeletionPolicy = policy,
    UpdateReplacePolicy = policy,
    Properties = {
      AttributeDefinitions = {
        { AttributeName = "connection_id", AttributeType = "S" },
        { AttributeName = "group", AttributeType = "S" },
      },
      BillingMode = throughput and "PROVISIONED" or "PAY_PER_REQUEST",
      GlobalSecondaryIndexes = {
        {
          IndexName = "by_group",
          KeySchema = {
            { AttributeName = "group", KeyType = "HASH" },
            { AttributeName = "connection_id", KeyType = "RANGE" },
          },
          Projection = { ProjectionType = "ALL" },
          ProvisionedThroughput = throughput,
        },
      },
      KeySchema = { { AttributeName = "connection_id", KeyType = "HASH" } },
      ProvisionedThroughput = throughput,
      SSESpecification = { SSEEnabled = true },
      TableName = said.name,
      TimeToLiveSpecification = { AttributeName = "expires", Enabled = true },
    },
  }
end

-- ---- routes ---------------------------------------------------------------------------------------

local function route_id(words, route)
  return words.stem .. "Api" .. ids.websocket_route(route.key) .. "Route"
end

local function model_id(words, model)
  return words.stem .. "Api" .. model.name .. "Model"
end

local function add_model(made, words, model)
  made:add(model_id(words, model), {
    Type = "AWS::ApiGatewayV2::Model",
    Properties = {
      ApiId = value.ref(words.stem .. "Api"),
      ContentType = model.content_type,
      Description = model.description,
      Name = model.name,
      Schema = model.schema,
    },
  }, model.where)
end

-- A route names its models, which does not tell CloudFormation that they have to be there.
local function models_of(words, route)
  local depends_on, named = {}, {}
  for _, name in pairs(request_models(route) or {}) do
    named[name] = true
  end
  for _, model in ipairs(words.models) do
    if named[model.name] then
      table.insert(depends_on, model_id(words, model))
    end
  end
  table.sort(depends_on)
  return #depends_on > 0 and depends_on or nil
end

local function request_parameters(said)
  if not said then
    return nil
  end
  local written = {}
  for name, required in pairs(said) do
    written[name] = { Required = required }
  end
  return written
end

local function add_response(made, words, route, id)
  made:add(id .. "Response", {
    Type = "AWS::ApiGatewayV2::RouteResponse",
    Properties = {
      ApiId = value.ref(words.stem .. "Api"),
      RouteId = value.ref(id),
      RouteResponseKey = "$default",
    },
  }, route.where)
end

local function add_route(made, words, route)
  local integration = parts.integration(made, words, route.lambda, {
    TimeoutInMillis = parts.milliseconds(route.timeout),
  }, { IntegrationUri = parts.invocation_uri(route.lambda) }, route.where)
  parts.permission(made, words, route.lambda, route.where)
  local authorizer = route.authorizer or (route.key == "$connect" and words.authorizer) or nil
  local kind, authorizer_id = parts.authorization(authorizer)
  local id = made:add(route_id(words, route), {
    Type = "AWS::ApiGatewayV2::Route",
    DependsOn = models_of(words, route),
    Properties = {
      ApiId = value.ref(words.stem .. "Api"),
      ApiKeyRequired = route.api_key_required,
      AuthorizationType = kind or "NONE",
      AuthorizerId = authorizer_id,
      ModelSelectionExpression = route.models and (route.model_selection or words.route_selection),
      OperationName = route.operation_name,
      RequestModels = request_models(route),
      RequestParameters = request_parameters(route.request_parameters),
      RouteKey = route.key,
      RouteResponseSelectionExpression = route.response and "$default" or nil,
      Target = parts.target(integration),
    },
  }, route.where)
  if route.response then
    add_response(made, words, route, id)
  end
end

-- ---- the stage ------------------------------------------------------------------------------------

local ACCESS_LOG <const> = {
  connectionId = "$context.connectionId",
  error = "$context.integrationErrorMessage",
  eventType = "$context.eventType",
  ip = "$context.identity.sourceIp",
  requestId = "$context.requestId",
  routeKey = "$context.routeKey",
  status = "$context.status",
  time = "$context.requestTime",
}

local function add_stage(made, words, deployment_id)
  local stage, id = words.stage, words.stem .. "ApiStage"
  local settings, depends_on = stages.all_route_settings(words.routes, function(route)
    return route_id(words, route)
  end)
  return made:add(id, {
    Type = "AWS::ApiGatewayV2::Stage",
    DependsOn = depends_on,
    Properties = {
      AccessLogSettings = stages.access_log(made, words, stage, id, ACCESS_LOG),
      ApiId = value.ref(words.stem .. "Api"),
      ClientCertificateId = stage.client_certificate,
      DefaultRouteSettings = stages.route_settings(stage),
      DeploymentId = value.ref(deployment_id),
      Description = stage.description,
      RouteSettings = settings,
      StageName = stage.name,
      StageVariables = stage.variables,
      Tags = stage.tags,
    },
  })
end

local function add_authorizer(made, words, authorizer)
  parts.authorizer(made, words, authorizer, {})
end

---@param words engine.ConstructWords
---@return engine.Expansion
function websocket_api.expand(words)
  local made = parts.new()
  made:add(words.stem .. "Api", parts.api(words, {
    ApiKeySelectionExpression = words.api_key_selection,
    ProtocolType = "WEBSOCKET",
    RouteSelectionExpression = words.route_selection,
  }))
  for _, model in ipairs(words.models) do
    add_model(made, words, model)
  end
  for _, authorizer in ipairs(words.authorizers) do
    add_authorizer(made, words, authorizer)
  end
  for _, route in ipairs(words.routes) do
    add_route(made, words, route)
  end
  local stage = add_stage(made, words, made:add(deployment.new(words)))
  if words.connections then
    made:add(table_id(words), connection_table(words))
  end
  local target = domains.add(made, words, stage)
  local outputs = url_output.list(words, ("the WebSocket API '%s'"):format(words.name), words.url)
  table.insert(outputs, target)
  return { resources = made.resources, outputs = outputs }
end

websocket_api.settle = deployment.settle

return websocket_api
