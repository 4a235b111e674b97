--- Whether a stack can be what a request says, asked before anything is done.
local clock = require "host.clock"
local definition = require "engine.local.services.cloudformation.definition"
local difference = require "engine.local.services.cloudformation.difference"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local live = require "engine.local.services.cloudformation.live"
local naming = require "engine.local.naming"
local same = require "engine.same"

local readiness = {}

local CAN_UPDATE <const> = {
  CREATE_COMPLETE = true, UPDATE_COMPLETE = true, UPDATE_ROLLBACK_COMPLETE = true,
  UPDATE_FAILED = true, CREATE_FAILED = true,
}
local MAX_NAME <const> = 128

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

--- Raises for what cannot be a stack's name.
---@param name any
function readiness.check_name(name)
  if type(name) ~= "string" or #name > MAX_NAME or not name:find "^%a[%w-]*$" then
    complain("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: "
      .. "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", tostring(name))
  end
end

--- A new stack's document; nothing of it is made yet.
---@return table
function readiness.new_stack(cloud, region, name)
  return {
    id = naming.arn("cloudformation", region, cloud.account,
      ("stack/%s/%s"):format(name, identifier.uuid())),
    name = name,
    region = region,
    created = clock.now(),
    description = "",
    parameters = json.object {},
    tags = json.array {},
    capabilities = json.array {},
    notification_arns = json.array {},
    resources = json.object {},
    outputs = json.array {},
    imports = json.object {},
    change_sets = json.object {},
    events = json.array {},
  }
end

--- Raises unless a stack may now be updated.
function readiness.check_updatable(stack)
  if not CAN_UPDATE[stack.status] then
    complain("Stack:%s is in %s state and can not be updated.", stack.id, stack.status)
  end
end

--- Raises when the plan would give a resource another type.
function readiness.check_types(stack, body)
  local changed = {}
  for id, record in pairs(stack.resources) do
    local resource = body.Resources[id]
    if resource and resource.Type ~= record.type then
      table.insert(changed, id)
    end
  end
  table.sort(changed)
  if #changed > 0 then
    complain("Update of resource type is not permitted. The new template modifies resource type of "
      .. "the following resources: [%s]", table.concat(changed, ", "))
  end
end

--- Whether a plan, or the definition around it, changes anything.
---@return boolean
function readiness.has_changes(cloud, stack, fields, body, planned)
  if #planned.changes > 0 or not same(stack.tags, fields.tags) then
    return true
  end
  return not same(stack.outputs, live.outputs(cloud, stack, body, planned.scope))
end

--- What the definition would change. Finds, too, what cannot be evaluated at all.
function readiness.plan(cloud, stack, fields, body)
  return difference.plan(definition.plan_input(cloud, stack, fields, body))
end

return readiness
