--- Elastic Load Balancing (version 2): the actions that tell of load balancers. What makes them are
--- CloudFormation's resource types, and their clients' requests go to fronts/balancers.lua.
local digest = require "host.digest"
local fault = require "engine.local.fault"
local order = require "engine.order"
local store = require "engine.local.services.elasticloadbalancing.store"

local actions = {}

-- The records of a region that an action's lists of ARNs or names ask for; all when it has neither.
local function chosen(cloud, request, kind, arns, names)
  local list, wanted, unseen = {}, {}, {}
  for _, arn in ipairs(arns or {}) do
    wanted[store.get(cloud, kind, arn).key] = true
  end
  for _, name in ipairs(names or {}) do
    unseen[name] = true
  end
  for _, record in ipairs(store.all(cloud, kind)) do
    local is_named = record.name and unseen[record.name]
    local is_wanted = is_named or wanted[record.key] or not arns and not names
    if is_wanted and record.region == request.region then
      table.insert(list, record)
      unseen[record.name or ""] = nil
    end
  end
  if next(unseen) then
    store.raise_absent(kind, order.keys(unseen)[1])
  end
  return list
end

-- The parts of what an action names by its ARN: listeners of a balancer, rules of a listener.
local function parts_of(cloud, kind, owner, owner_kind, arn)
  store.get(cloud, owner_kind, arn)
  local list = {}
  for _, record in ipairs(store.all(cloud, kind)) do
    table.insert(list, record.properties[owner] == arn and record or nil)
  end
  return list
end

function actions.DescribeLoadBalancers(request, params, cloud)
  local list = {}
  for _, record in ipairs(chosen(cloud, request, "balancers", params.LoadBalancerArns,
    params.Names)) do
    table.insert(list, {
      LoadBalancerArn = record.arn,
      LoadBalancerName = record.name,
      DNSName = store.domain(record),
      Scheme = record.properties.Scheme or "internet-facing",
      Type = record.properties.Type or "application",
      State = { Code = "active" },
    })
  end
  return { LoadBalancers = list }
end

-- The listeners and rules that forward to a target group, and so the balancers that it has.
local function balancers_of(cloud, group_arn)
  local found = {}
  local function add(listener, list)
    for _, action in ipairs(listener and list or {}) do
      if action.TargetGroupArn == group_arn then
        found[listener.properties.LoadBalancerArn] = true
      end
    end
  end
  for _, listener in ipairs(store.all(cloud, "listeners")) do
    add(listener, listener.properties.DefaultActions)
  end
  for _, rule in ipairs(store.all(cloud, "rules")) do
    add(store.find(cloud, "listeners", rule.properties.ListenerArn), rule.properties.Actions)
  end
  return order.keys(found)
end

function actions.DescribeTargetGroups(request, params, cloud)
  local wanted = params.LoadBalancerArn
  if wanted then
    store.get(cloud, "balancers", wanted)
  end
  local list = {}
  for _, record in ipairs(chosen(cloud, request, "groups", params.TargetGroupArns, params.Names)) do
    local balancers = balancers_of(cloud, record.arn)
    local is_wanted = not wanted
    for _, arn in ipairs(balancers) do
      is_wanted = is_wanted or arn == wanted
    end
    table.insert(list, is_wanted and {
      TargetGroupArn = record.arn,
      TargetGroupName = record.name,
      TargetType = record.properties.TargetType or "instance",
      LoadBalancerArns = balancers,
    } or nil)
  end
  return { TargetGroups = list }
end

function actions.DescribeListeners(request, params, cloud)
  if not params.LoadBalancerArn and not params.ListenerArns then
    fault.raise("ValidationError",
      "You must specify either listener ARNs or a load balancer ARN")
  end
  local list = {}
  for _, record in ipairs(params.ListenerArns
    and chosen(cloud, request, "listeners", params.ListenerArns)
    or parts_of(cloud, "listeners", "LoadBalancerArn", "balancers", params.LoadBalancerArn)) do
    table.insert(list, {
      ListenerArn = record.arn,
      LoadBalancerArn = record.properties.LoadBalancerArn,
      Port = record.properties.Port,
      Protocol = record.properties.Protocol,
      DefaultActions = record.properties.DefaultActions,
    })
  end
  return { Listeners = list }
end

local function shape_rule(record)
  return {
    RuleArn = record.arn,
    Priority = record.properties.Priority,
    Conditions = record.properties.Conditions,
    Actions = record.properties.Actions,
    IsDefault = false,
  }
end

-- What a listener does when none of its rules fits is told as the last of them.
local function default_rule(listener)
  return {
    RuleArn = listener.arn:gsub(":listener/", ":listener-rule/") .. "/"
      .. digest.sha256(listener.arn):sub(1, 16),
    Priority = "default",
    Conditions = "",
    Actions = listener.properties.DefaultActions,
    IsDefault = true,
  }
end

local function rules_of(cloud, arn)
  local list = {}
  for _, record in ipairs(parts_of(cloud, "rules", "ListenerArn", "listeners", arn)) do
    table.insert(list, shape_rule(record))
  end
  table.sort(list, function(a, b)
    return (tonumber(a.Priority) or 0) < (tonumber(b.Priority) or 0)
  end)
  table.insert(list, default_rule(store.get(cloud, "listeners", arn)))
  return list
end

local function named_rules(cloud, request, arns)
  local by_arn = {}
  for _, listener in ipairs(chosen(cloud, request, "listeners")) do
    for _, rule in ipairs(rules_of(cloud, listener.arn)) do
      by_arn[rule.RuleArn] = rule
    end
  end
  local list = {}
  for i, arn in ipairs(arns) do
    list[i] = by_arn[arn] or store.raise_absent("rules", arn)
  end
  return list
end

function actions.DescribeRules(request, params, cloud)
  if params.RuleArns then
    return { Rules = named_rules(cloud, request, params.RuleArns) }
  elseif not params.ListenerArn then
    fault.raise("ValidationError", "You must specify either listener rule ARNs or a listener ARN")
  end
  return { Rules = rules_of(cloud, params.ListenerArn) }
end

return {
  protocol = "query",
  namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
  actions = actions,
}
