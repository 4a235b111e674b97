--- Who may call a REST API: authorizers, usage plans and their keys, and the permission that lets
--- API Gateway call the functions.
local ids = require "engine.constructs.rest_api.ids"
local methods = require "engine.constructs.rest_api.methods"
local order = require "engine.order"
local permission = require "engine.constructs.parts.permission"
local value = require "engine.constructs.parts.value"

local access = {}

-- A function's policy has 20 kB, and a permission takes some 400 bytes of it.
local MOST_PERMISSIONS <const> = 20

local function permitted(target, source)
  return permission.new(value.function_arn(target), "apigateway.amazonaws.com", source)
end

local TYPES <const> = { token = "TOKEN", request = "REQUEST", cognito = "COGNITO_USER_POOLS" }

--- Adds the authorizers, each with the permission to be asked.
---@param context table  see methods.add
function access.add_authorizers(context)
  for _, said in ipairs(context.words.authorizers) do
    context.add(said.id, {
      Type = "AWS::ApiGateway::Authorizer",
      Properties = {
        AuthorizerCredentials = said.credentials,
        AuthorizerResultTtlInSeconds = said.ttl,
        AuthorizerUri = said.target and value.invocation_uri(said.target),
        IdentitySource = said.identity,
        IdentityValidationExpression = said.validation,
        Name = said.name,
        ProviderARNs = said.user_pools,
        RestApiId = value.ref(context.api_id),
        Type = TYPES[said.type],
      },
    }, said.where)
    if said.target and not said.credentials then
      context.add(said.id:gsub("Authorizer$", "AuthorizerPermission"), permitted(said.target,
        value.execute_arn(context.api_id, "/authorizers/", value.ref(said.id))), said.where)
    end
  end
end

local function key_of(target)
  return target.id or require("host.json").encode(target.arn)
end

-- "/prod/GET/todos/*": a variable stands for anything.
local function source_of(words, method)
  local path = method.path:gsub("{[^}]*}", "*")
  local verb = method.verb == "ANY" and "*" or method.verb
  return ("/%s/%s%s"):format(words.stage and words.stage.name or "*", verb, path)
end

local function by_function(words)
  local groups, found = {}, {}
  for _, method in ipairs(words.methods) do
    if method.target and not method.options.credentials then
      local key = key_of(method.target)
      if not found[key] then
        found[key] = { key = key, methods = {} }
        table.insert(groups, found[key])
      end
      table.insert(found[key].methods, method)
    end
  end
  return groups
end

--- Lets API Gateway call each function by the methods that name it, and by nothing else; by the
--- whole stage when there are more of these than fit into a function's policy.
---@param context table
function access.add_permissions(context)
  local words = context.words
  for _, group in ipairs(by_function(words)) do
    local first = group.methods[1]
    if #group.methods > MOST_PERMISSIONS then
      local stage = words.stage and words.stage.name or "*"
      local stem = first.target.id or "Arn" .. require("host.digest").sha256(group.key):sub(1, 8)
      context.add(context.api_id .. stem .. "Permission", permitted(first.target,
        value.execute_arn(context.api_id, ("/%s/*/*"):format(stage))), first.where)
    else
      for _, method in ipairs(group.methods) do
        context.add(ids.method(words, method.verb, method.path, "Permission"),
          permitted(method.target, value.execute_arn(context.api_id, source_of(words, method))),
          method.where)
      end
    end
  end
end

local function limits(throttling)
  return throttling and { BurstLimit = throttling.burst, RateLimit = throttling.rate }
end

local function add_keys(plan, plan_id, context)
  for i, key in ipairs(plan.keys) do
    local id = key.name and plan_id .. key.stem .. "Key"
    if id then
      context.add(id, {
        Type = "AWS::ApiGateway::ApiKey",
        Properties = {
          Description = key.description,
          Enabled = key.enabled ~= false,
          Name = value.join(value.ref "AWS::StackName", "_" .. key.name),
          Value = key.value,
        },
      }, plan.where)
    end
    local member = plan_id .. (key.name and key.stem .. "Member" or "Member" .. i)
    context.add(member, {
      Type = "AWS::ApiGateway::UsagePlanKey",
      Properties = {
        KeyId = id and value.ref(id) or key.id,
        KeyType = "API_KEY",
        UsagePlanId = value.ref(plan_id),
      },
    }, plan.where)
  end
end

--- Adds the usage plans of the stage.
---@param context table
---@param stage_id string
function access.add_usage_plans(context, stage_id)
  for _, plan in ipairs(context.words.usage_plans) do
    local id = context.api_id .. plan.stem .. "Plan"
    local throttled = {}
    for _, name in ipairs(order.keys(plan.methods)) do
      local verb, path = name:match "^(%u+) (/.*)$"
      throttled[path .. "/" .. verb] = limits(plan.methods[name])
    end
    context.add(id, {
      Type = "AWS::ApiGateway::UsagePlan",
      Properties = {
        ApiStages = {
          {
            ApiId = value.ref(context.api_id),
            Stage = value.ref(stage_id),
            Throttle = next(throttled) and throttled or nil,
          },
        },
        Description = plan.description,
        Quota = plan.quota and {
          Limit = plan.quota.limit,
          Offset = plan.quota.offset,
          Period = plan.quota.period:upper(),
        },
        Throttle = limits(plan.throttling),
        UsagePlanName = value.join(value.ref "AWS::StackName", "_" .. plan.name),
      },
    }, plan.where)
    add_keys(plan, id, context)
  end
end

--- Whether a method takes Cognito's tokens, by its own word or the API's.
---@return boolean
function access.is_cognito(method, words)
  return methods.authorization(method, words) == "COGNITO_USER_POOLS"
end

return access
