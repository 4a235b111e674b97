--- AWS::ElasticLoadBalancingV2::Listener.
local resource = require "engine.local.services.elasticloadbalancing.resource"
local store = require "engine.local.services.elasticloadbalancing.store"

return resource.new {
  kind = "listeners",
  replacement = { LoadBalancerArn = true },
  prefix = function(job)
    return "listener/" .. resource.path(job.properties.LoadBalancerArn)
  end,
  check = function(job)
    store.get(job.cloud, "balancers", job.properties.LoadBalancerArn)
  end,
  attributes = function(record)
    return { ListenerArn = record.arn }
  end,
}
