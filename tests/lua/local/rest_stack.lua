--- Stacks with one REST API each, for specs: made in a cloud of the test's own, and asked over HTTP.
local api_client = dofile "tests/lua/local/api_client.lua"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local operation = require "engine.local.services.cloudformation.operation"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local store = require "engine.local.services.cloudformation.store"

local rest_stack = { send = api_client.send }

local REGION = "us-east-1"

--- The cloud of the test that runs.
---@type engine.local.Cloud
rest_stack.cloud = nil

--- Makes a function whose handler has that body; `before` stands above it in its file.
function rest_stack.create_function(folder, name, body, before)
  local role = rest_stack.cloud:call("iam", "CreateRole", {
    RoleName = "role-" .. name,
    AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
      .. '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
  }).Role.Arn
  rest_stack.cloud:call("lambda", "CreateFunction", {
    FunctionName = name, Runtime = "provided.al2023", Handler = "index", Role = role,
    MemorySize = 512, Timeout = 10,
    Code = { ZipFile = packed_service.zip(folder, packed_service.text(body, before)) },
  })
end

--- The URI by which an integration or an authorizer names a function.
function rest_stack.uri(name)
  return ("arn:aws:apigateway:%s:lambda:path/2015-03-31/functions/arn:aws:lambda:%s:%s:function:%s"
    .. "/invocations"):format(REGION, REGION, rest_stack.cloud.account, name)
end

--- A template's resources: one API with its methods, all deployed on the stage "dev". Methods are
--- { path = "/a/{b}", verb = "GET", …properties of the method } in the order given.
function rest_stack.template_of(methods, more)
  local resources = { Api = { Type = "AWS::ApiGateway::RestApi", Properties = { Name = "api" } } }
  for name, value in pairs(more and more.api or {}) do
    resources.Api.Properties[name] = value
  end
  local known, method_names = { ["/"] = { ["Fn::GetAtt"] = { "Api", "RootResourceId" } } }, {}
  local function resource_of(path)
    if not known[path] then
      local parent, part = path:match "^(.*)/([^/]+)$"
      local id = "R" .. (path:gsub("%W", function(c)
        return ("x%02x"):format(c:byte())
      end))
      resources[id] = {
        Type = "AWS::ApiGateway::Resource",
        Properties = {
          RestApiId = { Ref = "Api" }, PathPart = part,
          ParentId = resource_of(parent == "" and "/" or parent),
        },
      }
      known[path] = { Ref = id }
    end
    return known[path]
  end
  for i, method in ipairs(methods) do
    local properties = {
      RestApiId = { Ref = "Api" }, ResourceId = resource_of(method.path),
      HttpMethod = method.verb, AuthorizationType = "NONE",
    }
    for name, value in pairs(method) do
      properties[name] = name ~= "path" and name ~= "verb" and value or nil
    end
    resources["Method" .. i] = { Type = "AWS::ApiGateway::Method", Properties = properties }
    table.insert(method_names, "Method" .. i)
  end
  for name, resource in pairs(more and more.resources or {}) do
    resources[name] = resource
    if resource.Type == "AWS::ApiGateway::GatewayResponse" then
      table.insert(method_names, name)
    end
  end
  resources.Deployment = {
    Type = "AWS::ApiGateway::Deployment", DependsOn = json.array(method_names),
    Properties = { RestApiId = { Ref = "Api" } },
  }
  resources.Stage = {
    Type = "AWS::ApiGateway::Stage",
    Properties = {
      RestApiId = { Ref = "Api" }, DeploymentId = { Ref = "Deployment" }, StageName = "dev",
    },
  }
  for name, value in pairs(more and more.stage or {}) do
    resources.Stage.Properties[name] = value
  end
  return {
    Resources = resources,
    Outputs = {
      Id = { Value = { Ref = "Api" } },
      Url = { Value = { ["Fn::Sub"] =
        "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev" } },
    },
  }
end

--- Waits until nothing is done to a stack any more.
function rest_stack.settled(id)
  local stack = store.get(rest_stack.cloud, REGION, id)
  while stack.operation do
    operation.wait(stack)
  end
  return stack
end

local function failures(stack)
  local reasons = {}
  for _, event in ipairs(stack.events) do
    if event.status:find "_FAILED$" then
      table.insert(reasons, event.logical_id .. ": " .. tostring(event.reason))
    end
  end
  return table.concat(reasons, "\n")
end

--- Makes the stack and returns the stage's URL, as a caller of DescribeStacks gets it.
function rest_stack.deploy(template, action)
  local made = rest_stack.cloud:call("cloudformation", action or "CreateStack", {
    StackName = "s", TemplateBody = assert(json.encode(template)),
  })
  local stack = rest_stack.settled(made.StackId)
  assert(stack.status:find "^%u+_COMPLETE$", failures(stack))
  local outputs = {}
  for _, output in ipairs(rest_stack.cloud:call("cloudformation", "DescribeStacks",
    { StackName = "s" }).Stacks[1].Outputs) do
    outputs[output.OutputKey] = output.OutputValue
  end
  return outputs.Url, outputs.Id
end

--- The permission of the API for a function.
function rest_stack.permission(name, source)
  return {
    Type = "AWS::Lambda::Permission",
    Properties = {
      FunctionName = name, Action = "lambda:InvokeFunction", Principal = "apigateway.amazonaws.com",
      SourceArn = source or { ["Fn::Sub"] =
        "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*/*" },
    },
  }
end

--- A method with a proxy integration.
function rest_stack.proxy(path, verb, name)
  return {
    path = path, verb = verb,
    Integration = {
      Type = "AWS_PROXY", IntegrationHttpMethod = "POST", Uri = rest_stack.uri(name),
    },
  }
end

--- A method that answers a status by itself.
function rest_stack.mock(path, verb, status, more)
  local method = {
    path = path, verb = verb,
    Integration = {
      Type = "MOCK",
      RequestTemplates = { ["application/json"] = ('{"statusCode": %s}'):format(status or 200) },
      IntegrationResponses = { { StatusCode = status or 200 } },
    },
    MethodResponses = { { StatusCode = status or 200 } },
  }
  for name, value in pairs(more or {}) do
    method[name] = value
  end
  return method
end

--- Runs a case's body in a cloud of its own.
---@param body fun(folder: string)
---@param folder? string  of a cloud that was before: what it knew is there
function rest_stack.within(body, folder)
  in_cloud(function(opened, own)
    rest_stack.cloud = opened
    body(own)
  end, folder)
end

--- The same with a text.
function rest_stack.reply(path, verb, words, more)
  local method = rest_stack.mock(path, verb, 200, more)
  method.Integration.IntegrationResponses[1].ResponseTemplates = { ["text/plain"] = words }
  return method
end

return rest_stack
