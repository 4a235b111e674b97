--- A function behind an Application Load Balancer: its target group, the permission to call it, the rule
--- that leads there, and the balancer where the stack makes one.
local failure = require "engine.failure"
local order = require "engine.order"
local permission = require "engine.constructs.parts.permission"
local same = require "engine.same"
local short_hash = require "engine.constructs.parts.short_hash"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local alb_target = {}

-- The listener whose rule leads there: an ARN, or the one that the balancer comes with.
local function listener_of(words)
  return words.load_balancer and value.ref(words.stem .. "Listener") or words.listener
end

--- A listener has each priority once.
---@param words engine.ConstructWords
---@param model engine.Model
function alb_target.check(words, model)
  for _, other in ipairs(model.service.constructs) do
    if other == words then
      return
    elseif other.kind == words.kind and words.priority and other.priority == words.priority
      and same(listener_of(other), listener_of(words)) then
      failure.raise("invalid",
        ("alb_target.priority: %d is taken: %s"):format(words.priority, other.where),
        { code = "E106", where = words.where })
    end
  end
end

local MOST_LETTERS <const> = 32 -- of a target group's name

-- The group's name has to be known beforehand: the function is made known to the group when that is
-- made, for which the group must have the permission already, and the permission names the group.
local function group_name(words, service)
  local hash = short_hash { service, words.name }
  local readable = (service .. "-" .. words.name):gsub("[^%w]+", "-")
  return readable:sub(1, MOST_LETTERS - 1 - #hash):gsub("%-+$", "") .. "-" .. hash
end

local function attribute_list(attributes)
  return attributes and next(attributes) ~= nil and value.tags(attributes) or nil
end

local function permitted(words, name)
  return permission.new(value.ref(words.lambda.id), "elasticloadbalancing.amazonaws.com", {
    ["Fn::Sub"] = "arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}"
      .. ":targetgroup/" .. name .. "/*",
  })
end

local function target_group(words, name, permission_id)
  local health = type(words.health_check) == "table" and words.health_check or {}
  local properties = {
    HealthCheckEnabled = words.health_check and true or false,
    Name = name,
    Tags = value.tags(words.tags),
    TargetGroupAttributes = words.multi_value_headers
      and { { Key = "lambda.multi_value_headers.enabled", Value = "true" } } or nil,
    TargetType = "lambda",
    Targets = { { Id = value.att(words.lambda.id, "Arn") } },
  }
  if words.health_check then
    properties.HealthCheckIntervalSeconds = health.interval or 35
    properties.HealthCheckPath = health.path or "/"
    properties.HealthCheckTimeoutSeconds = health.timeout or 30
    properties.HealthyThresholdCount = health.healthy_threshold
    properties.Matcher = health.matcher and { HttpCode = health.matcher }
    properties.UnhealthyThresholdCount = health.unhealthy_threshold
  end
  return {
    Type = "AWS::ElasticLoadBalancingV2::TargetGroup",
    DependsOn = { permission_id },
    Properties = properties,
  }
end

-- ---- conditions -----------------------------------------------------------------------------------

local function list_of(said)
  return type(said) == "table" and said or { said }
end

local function query_values(key, texts)
  local values = {}
  for _, text in ipairs(texts) do
    table.insert(values, { Key = key ~= "*" and key or nil, Value = text })
  end
  return values
end

local function conditions(words)
  local list = {}
  local function add(field, config, values)
    if values then
      table.insert(list, { Field = field, [config] = { Values = values } })
    end
  end
  add("host-header", "HostHeaderConfig", words.hosts)
  for _, name in ipairs(order.keys(words.headers or {})) do
    table.insert(list, {
      Field = "http-header",
      HttpHeaderConfig = { HttpHeaderName = name, Values = list_of(words.headers[name]) },
    })
  end
  add("http-request-method", "HttpRequestMethodConfig", words.methods)
  add("path-pattern", "PathPatternConfig", words.paths)
  for _, key in ipairs(order.keys(words.query or {})) do
    add("query-string", "QueryStringConfig", query_values(key, list_of(words.query[key])))
  end
  add("source-ip", "SourceIpConfig", words.source_ips)
  return list
end

local function forward(group_id)
  return { { Type = "forward", TargetGroupArn = value.ref(group_id) } }
end

local function not_found()
  return {
    {
      Type = "fixed-response",
      FixedResponseConfig = {
        ContentType = "text/plain",
        MessageBody = "Not Found",
        StatusCode = "404",
      },
    },
  }
end

-- ---- the balancer ---------------------------------------------------------------------------------

local function load_balancer(said)
  return {
    Type = "AWS::ElasticLoadBalancingV2::LoadBalancer",
    Properties = {
      IpAddressType = said.ip_address_type,
      LoadBalancerAttributes = attribute_list(said.attributes),
      Scheme = said.scheme or "internet-facing",
      SecurityGroups = said.security_groups,
      Subnets = said.subnets,
      Tags = value.tags(said.tags),
      Type = "application",
    },
  }
end

local function listener(said, balancer_id, actions)
  local certificate = said.certificate
  return {
    Type = "AWS::ElasticLoadBalancingV2::Listener",
    Properties = {
      Certificates = certificate and { { CertificateArn = certificate } } or nil,
      DefaultActions = actions,
      LoadBalancerArn = value.ref(balancer_id),
      Port = said.port or (certificate and 443 or 80),
      Protocol = certificate and "HTTPS" or "HTTP",
      SslPolicy = said.ssl_policy,
    },
  }
end

---@param words engine.ConstructWords
---@param model engine.Model
---@return engine.Expansion
function alb_target.expand(words, model)
  local resources, stem = {}, words.stem
  local function add(role, resource)
    table.insert(resources, { id = stem .. role, resource = resource })
    return stem .. role
  end
  local name, rules = group_name(words, model.name), conditions(words)
  local group = add("TargetGroup", target_group(words, name, stem .. "TargetPermission"))
  add("TargetPermission", permitted(words, name))
  local outputs, listener_arn = {}, words.listener
  if words.load_balancer then
    local balancer = add("LoadBalancer", load_balancer(words.load_balancer))
    local actions = #rules == 0 and forward(group) or not_found()
    listener_arn = value.ref(add("Listener", listener(words.load_balancer, balancer, actions)))
    outputs = url_output.list(words, ("the load balancer of '%s'"):format(words.name), words.url)
  end
  if #rules > 0 then
    add("ListenerRule", {
      Type = "AWS::ElasticLoadBalancingV2::ListenerRule",
      Properties = {
        Actions = forward(group),
        Conditions = rules,
        ListenerArn = listener_arn,
        Priority = words.priority,
      },
    })
  end
  return { resources = resources, outputs = outputs }
end

return alb_target
