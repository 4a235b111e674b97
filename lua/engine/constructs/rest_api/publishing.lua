--- How a REST API is published: a stage that shows a deployment, its logs and settings, and a
--- domain.
local access_log = require "engine.constructs.parts.access_log"
local deployment = require "engine.constructs.rest_api.deployment"
local dns_record = require "engine.constructs.parts.dns_record"
local value = require "engine.constructs.parts.value"

local publishing = {}

-- A line of the access log: values that no client can break out of.
local LOG_FORMAT <const> = '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",'
  .. '"requestTime":"$context.requestTime","method":"$context.httpMethod",'
  .. '"resource":"$context.resourcePath","status":"$context.status",'
  .. '"length":"$context.responseLength","latency":"$context.responseLatency",'
  .. '"integrationLatency":"$context.integrationLatency"}'

local function add_account(context)
  local role_id, id = context.api_id .. "AccountRole", context.api_id .. "Account"
  local service = { Service = "apigateway.amazonaws.com" }
  context.add(role_id, {
    Type = "AWS::IAM::Role",
    DeletionPolicy = "Retain", -- other APIs of the account write their logs by it
    UpdateReplacePolicy = "Retain",
    Properties = {
      AssumeRolePolicyDocument = {
        Version = "2012-10-17",
        Statement = { { Effect = "Allow", Principal = service, Action = "sts:AssumeRole" } },
      },
      ManagedPolicyArns = {
        value.join("arn:", value.ref "AWS::Partition",
          ":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"),
      },
    },
  })
  context.add(id, {
    Type = "AWS::ApiGateway::Account",
    DeletionPolicy = "Retain",
    UpdateReplacePolicy = "Retain",
    Properties = { CloudWatchRoleArn = value.att(role_id, "Arn") },
  })
  return id
end

local function stage_settings(stage)
  local cache, throttling = stage.cache or {}, stage.throttling or {}
  return {
    CacheDataEncrypted = cache.encrypted,
    CacheTtlInSeconds = cache.ttl,
    CachingEnabled = stage.cache and true or nil,
    DataTraceEnabled = stage.log_bodies,
    LoggingLevel = stage.log and stage.log:upper(),
    MetricsEnabled = stage.metrics,
    ThrottlingBurstLimit = throttling.burst,
    ThrottlingRateLimit = throttling.rate,
  }
end

-- What a method has of its own replaces all that the stage says, so the stage's is said again.
local function method_settings(words)
  local list, whole = {}, stage_settings(words.stage)
  if next(whole) then
    local all = stage_settings(words.stage)
    all.HttpMethod, all.ResourcePath = "*", "/*"
    table.insert(list, all)
  end
  for _, method in ipairs(words.methods) do
    local cache, throttling = method.options.cache, method.options.throttling
    if cache or throttling then
      local own = stage_settings(words.stage)
      if cache then
        if cache.encrypted ~= nil then
          own.CacheDataEncrypted = cache.encrypted
        end
        own.CacheTtlInSeconds = cache.ttl or own.CacheTtlInSeconds
        own.CachingEnabled = true
      end
      own.ThrottlingBurstLimit = throttling and throttling.burst or own.ThrottlingBurstLimit
      own.ThrottlingRateLimit = throttling and throttling.rate or own.ThrottlingRateLimit
      own.HttpMethod = method.verb == "ANY" and "*" or method.verb
      own.ResourcePath = method.path == "/" and "/" or "/" .. method.path:gsub("/", "~1")
      table.insert(list, own)
    end
  end
  return #list > 0 and list or nil
end

--- Adds deployment and stage, and returns the stage's id.
---@param context table  see engine.constructs.rest_api
---@return string
function publishing.add_stage(context)
  local stage, id = context.words.stage, context.api_id .. "Stage"
  local account = stage.account_role and add_account(context)
  local deployment_id, shown = deployment.new(context.words)
  context.add(deployment_id, shown)
  context.add(id, {
    Type = "AWS::ApiGateway::Stage",
    DependsOn = account and { account },
    Properties = {
      AccessLogSetting = access_log.settings(stage.access_log, {
        id = context.api_id .. "Logs",
        name = value.join("/aws/apigateway/", value.ref "AWS::StackName",
          "_" .. context.words.name),
        format = LOG_FORMAT,
      }, context.add),
      CacheClusterEnabled = stage.cache and true or nil,
      CacheClusterSize = stage.cache and (stage.cache.size or "0.5"),
      ClientCertificateId = stage.client_certificate,
      DeploymentId = value.ref(deployment_id),
      Description = stage.description,
      MethodSettings = method_settings(context.words),
      RestApiId = value.ref(context.api_id),
      StageName = stage.name,
      Tags = value.tags(stage.tags),
      TracingEnabled = stage.tracing,
      Variables = stage.variables,
    },
  })
  return id
end

--- Adds the domain, when there is one.
---@param context table
---@param stage_id string
function publishing.add_domain(context, stage_id)
  local domain, id = context.words.domain, context.api_id .. "Domain"
  if not domain then
    return
  end
  local is_edge = context.words.endpoint.type == "edge"
  context.add(id, {
    Type = "AWS::ApiGateway::DomainName",
    Properties = {
      CertificateArn = is_edge and domain.certificate or nil,
      DomainName = domain.name,
      EndpointConfiguration = { Types = { is_edge and "EDGE" or "REGIONAL" } },
      RegionalCertificateArn = not is_edge and domain.certificate or nil,
      SecurityPolicy = domain.security_policy or "TLS_1_2",
    },
  })
  context.add(context.api_id .. "BasePath", {
    Type = "AWS::ApiGateway::BasePathMapping",
    Properties = {
      BasePath = domain.path,
      DomainName = value.ref(id),
      RestApiId = value.ref(context.api_id),
      Stage = value.ref(stage_id),
    },
  })
  if domain.hosted_zone then
    local prefix = is_edge and "Distribution" or "Regional"
    context.add(context.api_id .. "Address", dns_record.new(domain, id, "A", prefix))
    context.add(context.api_id .. "Address6", dns_record.new(domain, id, "AAAA", prefix))
  end
end

return publishing
