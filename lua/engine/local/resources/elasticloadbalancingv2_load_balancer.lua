--- AWS::ElasticLoadBalancingV2::LoadBalancer.
local fault = require "engine.local.fault"
local resource = require "engine.local.services.elasticloadbalancing.resource"
local store = require "engine.local.services.elasticloadbalancing.store"

return resource.new {
  kind = "balancers",
  name_property = "Name",
  replacement = { Name = true, Scheme = true, Type = true },
  prefix = function(_, name)
    return "loadbalancer/app/" .. name
  end,
  check = function(job)
    local kind = job.properties.Type or "application"
    if kind ~= "application" then
      fault.raise("ValidationError", "laconic local acts out application load balancers alone, not "
        .. tostring(kind))
    end
  end,
  attributes = function(record)
    return {
      CanonicalHostedZoneID = "Z35SXDOTRQ7X7K",
      DNSName = store.domain(record),
      LoadBalancerArn = record.arn,
      LoadBalancerFullName = resource.path(record.arn),
      LoadBalancerName = record.name,
      SecurityGroups = record.properties.SecurityGroups or {},
    }
  end,
}
