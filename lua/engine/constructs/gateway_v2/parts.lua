--- What HTTP APIs and WebSocket APIs are made of alike: integrations, permissions, stages, domains.
local ids = require "engine.constructs.gateway_v2.ids"
local json = require "host.json"
local order = require "engine.order"

local parts = {}

local RETENTION <const> = 30 -- days

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

local function sub(text, values)
  return { ["Fn::Sub"] = values and { text, values } or text }
end

local function ref(id)
  return { Ref = id }
end

-- The ARN by which API Gateway calls a function.
local function invocation_uri(lambda)
  return sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${"
    .. lambda.id .. ".Arn}/invocations")
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
  local suffix = next(properties) ~= nil and ids.hash(properties) or ""
  local id = api .. ids.of_function(lambda) .. "Integration" .. suffix
  made.integrations = made.integrations or {}
  if not made.integrations[id] then
    made.integrations[id] = true
    local all = { ApiId = ref(api), IntegrationMethod = "POST", IntegrationType = "AWS_PROXY" }
    for _, some in ipairs { usual, properties } do
      for name, value in pairs(some) do
        all[name] = value
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
  return sub("integrations/${" .. id .. "}")
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
  made:add(id, {
    Type = "AWS::Lambda::Permission",
    Properties = {
      Action = "lambda:InvokeFunction",
      FunctionName = ref(lambda.id),
      Principal = "apigateway.amazonaws.com",
      SourceArn = parts.execute_arn(words, "/*"),
    },
  }, where)
end

--- "arn:aws:execute-api:REGION:ACCOUNT:ID" and what follows.
---@param words engine.ConstructWords
---@param rest string
---@return table
function parts.execute_arn(words, rest)
  return sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" .. words.stem
    .. "Api}" .. rest)
end

-- ---- authorizers ----------------------------------------------------------------------------------

--- An authorizer, and the permission to call its function.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param authorizer table
---@param properties table  what its kind of API adds
function parts.authorizer(made, words, authorizer, properties)
  local id = authorizer.logical_id
  properties.ApiId = ref(words.stem .. "Api")
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
    made:add(id .. "Permission", {
      Type = "AWS::Lambda::Permission",
      Properties = {
        Action = "lambda:InvokeFunction",
        FunctionName = ref(authorizer.lambda.id),
        Principal = "apigateway.amazonaws.com",
        SourceArn = parts.execute_arn(words, "/authorizers/${" .. id .. "}"),
      },
    }, authorizer.where)
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
    return authorizer.jwt and "JWT" or "CUSTOM", ref(authorizer.logical_id)
  end
end

-- ---- stages ---------------------------------------------------------------------------------------

local LEVELS <const> = { off = "OFF", error = "ERROR", info = "INFO" }

--- Settings of a route, or of all; nil when nothing was said.
---@param said table  throttling?, detailed_metrics?, logging?, data_trace?
---@return table?
function parts.route_settings(said)
  local throttling = said.throttling or {}
  local settings = {
    DataTraceEnabled = said.data_trace,
    DetailedMetricsEnabled = said.detailed_metrics,
    LoggingLevel = said.logging and LEVELS[said.logging],
    ThrottlingBurstLimit = throttling.burst,
    ThrottlingRateLimit = throttling.rate,
  }
  return next(settings) ~= nil and settings or nil
end

--- The settings of those routes that have some, and their ids: a stage can only speak of routes that
--- are there.
---@param routes table[]
---@param id_of fun(route: table): string
---@return table? settings
---@return string[]? depends_on
function parts.all_route_settings(routes, id_of)
  local settings, depends_on = {}, {}
  for _, route in ipairs(routes) do
    local own = parts.route_settings(route)
    if own then
      settings[route.key] = own
      table.insert(depends_on, id_of(route))
    end
  end
  if #depends_on == 0 then
    return nil
  end
  table.sort(depends_on)
  return settings, depends_on
end

--- Access logs of a stage; nil when there are none. The group that the stack makes has a name under
--- which AWS's log delivery needs no policy for each group.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param stage table
---@param stage_id string
---@param fields table<string, string>  what a line tells, unless the author said so
---@return table?
function parts.access_log(made, words, stage, stage_id, fields)
  if not stage.access_log then
    return nil
  end
  local said = stage.access_log == true and {} or stage.access_log
  local group = said.group
  if not group then
    local id = made:add(stage_id .. "Logs", {
      Type = "AWS::Logs::LogGroup",
      DeletionPolicy = "Delete",
      UpdateReplacePolicy = "Delete",
      Properties = {
        LogGroupName = sub(("/aws/vendedlogs/${AWS::StackName}/%s/%s"):format(words.name,
          (stage.name:gsub("%$", "")))),
        RetentionInDays = said.retention or RETENTION,
      },
    })
    group = { ["Fn::GetAtt"] = { id, "Arn" } }
  end
  local format = said.format or fields
  return {
    DestinationArn = group,
    Format = type(format) == "table" and assert(json.encode(format)) or format,
  }
end

-- ---- domains --------------------------------------------------------------------------------------

local function record(domain, id)
  return {
    Type = "AWS::Route53::RecordSet",
    Properties = {
      AliasTarget = {
        DNSName = { ["Fn::GetAtt"] = { id, "RegionalDomainName" } },
        HostedZoneId = { ["Fn::GetAtt"] = { id, "RegionalHostedZoneId" } },
      },
      HostedZoneId = domain.hosted_zone,
      Name = domain.name,
      Type = "A",
    },
  }
end

local function new_domain(words, domain)
  local tls = words.mutual_tls
  return {
    Type = "AWS::ApiGatewayV2::DomainName",
    Properties = {
      DomainName = domain.name,
      DomainNameConfigurations = {
        {
          CertificateArn = domain.certificate,
          EndpointType = "REGIONAL",
          IpAddressType = domain.ip_address_type,
          OwnershipVerificationCertificateArn = domain.ownership_certificate,
          SecurityPolicy = domain.security_policy or "TLS_1_2",
        },
      },
      MutualTlsAuthentication = tls
        and { TruststoreUri = tls.truststore, TruststoreVersion = tls.version },
      Tags = domain.tags,
    },
  }
end

--- A domain of the API's own: the domain, unless it is there already, its record in DNS, and what leads
--- from it to a stage.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param stage_id string
---@return table? output  where the domain's record has to lead, when the author makes it
function parts.domain(made, words, stage_id)
  local domain, id = words.domain, words.stem .. "ApiDomain"
  if not domain then
    return nil
  end
  if domain.certificate then
    made:add(id, new_domain(words, domain))
    if domain.hosted_zone then
      made:add(id .. "Record", record(domain, id))
    end
  end
  made:add(words.stem .. "ApiMapping", {
    Type = "AWS::ApiGatewayV2::ApiMapping",
    Properties = {
      ApiId = ref(words.stem .. "Api"),
      ApiMappingKey = domain.path,
      DomainName = domain.certificate and ref(id) or domain.name,
      Stage = ref(stage_id),
    },
  })
  return domain.certificate and not domain.hosted_zone and {
    name = words.stem .. "DomainTarget",
    value = { ["Fn::GetAtt"] = { id, "RegionalDomainName" } },
    description = "Where the domain's record has to lead",
  } or nil
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
  properties.Name = sub("${AWS::StackName}_" .. words.name)
  properties.Tags = words.tags
  return { Type = "AWS::ApiGatewayV2::Api", Properties = properties }
end

--- The output with its URL.
---@param words engine.ConstructWords
---@param what string
---@return table?
function parts.output(words, what)
  return words.output ~= false and {
    name = words.output or words.stem .. "Url",
    value = words.url,
    description = ("The URL of the %s '%s'"):format(what, words.name),
  } or nil
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
