--- AWS::ElasticLoadBalancingV2::ListenerRule.
local conditions = require "engine.local.services.elasticloadbalancing.conditions"
local fault = require "engine.local.fault"
local imagined = require "engine.local.services.elasticloadbalancing.imagined"
local resource = require "engine.local.services.elasticloadbalancing.resource"
local store = require "engine.local.services.elasticloadbalancing.store"

local function check(job)
  local properties = job.properties
  for _, condition in ipairs(properties.Conditions or {}) do
    if not conditions.is_field(condition.Field) then
      fault.raise("ValidationError",
        ("Condition field '%s' must be one of '[http-header, host-header, path-pattern, "
          .. "http-request-method, source-ip, query-string]'"):format(tostring(condition.Field)))
    end
  end
  local priority = tostring(properties.Priority)
  for _, other in ipairs(job.resumed and {} or store.all(job.cloud, "rules")) do
    if other.arn ~= job.physical_id and other.properties.ListenerArn == properties.ListenerArn
      and tostring(other.properties.Priority) == priority then
      fault.raise("PriorityInUse", ("Priority '%s' is currently in use"):format(priority))
    end
  end
  imagined.add(job.cloud, properties.ListenerArn)
  store.get(job.cloud, "listeners", properties.ListenerArn)
end

return resource.new {
  kind = "rules",
  replacement = { ListenerArn = true },
  prefix = function(job)
    return "listener-rule/" .. resource.path(job.properties.ListenerArn)
  end,
  check = check,
  removed = function(job)
    imagined.forget(job.cloud, job.properties.ListenerArn)
  end,
  note = function(properties, cloud)
    return imagined.note(cloud, properties.ListenerArn)
  end,
  attributes = function(record)
    return { RuleArn = record.arn, IsDefault = "false" }
  end,
}
