--- AWS::ElasticLoadBalancingV2::TargetGroup. Those of functions are called; others have nobody here.
local fault = require "engine.local.fault"
local resource = require "engine.local.services.elasticloadbalancing.resource"

return resource.new {
  kind = "groups",
  name_property = "Name",
  replacement = {
    Name = true, Port = true, Protocol = true, ProtocolVersion = true, TargetType = true,
    VpcId = true,
  },
  prefix = function(_, name)
    return "targetgroup/" .. name
  end,
  check = function(job)
    if job.properties.TargetType == "lambda" and #(job.properties.Targets or {}) > 1 then
      fault.raise("ValidationError",
        "You can register only one Lambda function with each target group")
    end
  end,
  attributes = function(record)
    return {
      LoadBalancerArns = {},
      TargetGroupArn = record.arn,
      TargetGroupFullName = record.arn:match "[^:]*$",
      TargetGroupName = record.name,
    }
  end,
}
