--- Elastic Load Balancing (version 2): the actions that tell of load balancers. What makes them are
--- CloudFormation's resource types, and their clients' requests go to fronts/balancers.lua.
local order = require "engine.order"
local store = require "engine.local.services.elasticloadbalancing.store"

local actions = {}

-- The records of a region that an action's lists of ARNs or names ask for; all when it has neither.
local function chosen(cloud, request, kind, arns, names)
  local list = {}
  local wanted = {}
  for _, arn in ipairs(arns or {}) do
    wanted[store.get(cloud, kind, arn).key] = true
  end
  for _, record in ipairs(store.all(cloud, kind)) do
    local is_named = false
    for _, name in ipairs(names or {}) do
      is_named = is_named or record.name == name
    end
    local is_wanted = is_named or wanted[record.key] or not arns and not names
    table.insert(list, record.region == request.region and is_wanted and record or nil)
  end
  return list
end

local function parts_of(cloud, kind, owner, arn)
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
  local list = {}
  for _, record in ipairs(chosen(cloud, request, "groups", params.TargetGroupArns, params.Names)) do
    table.insert(list, {
      TargetGroupArn = record.arn,
      TargetGroupName = record.name,
      TargetType = record.properties.TargetType or "instance",
      LoadBalancerArns = balancers_of(cloud, record.arn),
    })
  end
  return { TargetGroups = list }
end

function actions.DescribeListeners(_, params, cloud)
  local list = {}
  for _, record in ipairs(parts_of(cloud, "listeners", "LoadBalancerArn",
    params.LoadBalancerArn)) do
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

function actions.DescribeRules(_, params, cloud)
  local list = {}
  for _, record in ipairs(parts_of(cloud, "rules", "ListenerArn", params.ListenerArn)) do
    table.insert(list, {
      RuleArn = record.arn,
      Priority = record.properties.Priority,
      Conditions = record.properties.Conditions,
      Actions = record.properties.Actions,
      IsDefault = false,
    })
  end
  return { Rules = list }
end

return {
  protocol = "query",
  namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
  actions = actions,
}
