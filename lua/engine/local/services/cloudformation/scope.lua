--- What the names in one stack's template stand for: parameters, pseudo parameters, conditions, and
--- the resources as they are.
local fault = require "engine.local.fault"
local intrinsics = require "engine.local.services.cloudformation.intrinsics"
local json = require "host.json"
local parameters = require "engine.local.services.cloudformation.parameters"
local template = require "engine.local.services.cloudformation.template"

local scope = {}

--- What is known of a stack before its resources.
---@class engine.local.services.cloudformation.Facts
---@field id string
---@field name string
---@field region string
---@field account string
---@field notification_arns string[]

local function pseudo_parameters(facts)
  return {
    ["AWS::AccountId"] = facts.account,
    ["AWS::NotificationARNs"] = json.array(facts.notification_arns or {}),
    ["AWS::Partition"] = "aws",
    ["AWS::Region"] = facts.region,
    ["AWS::StackId"] = facts.id,
    ["AWS::StackName"] = facts.name,
    ["AWS::URLSuffix"] = "amazonaws.com",
  }
end

-- Conditions by name, each evaluated once, a loop among them refused.
local function conditions_of(definitions, self)
  local known, open = {}, {}
  return function(name)
    if known[name] == nil then
      if definitions[name] == nil then
        fault.raise("ValidationError",
          "Template error: unresolved condition dependency " .. tostring(name))
      elseif open[name] then
        fault.raise("ValidationError",
          "Template error: circular dependency between conditions: [" .. name .. "]")
      end
      open[name] = true
      known[name] = intrinsics.test(definitions[name], self, "/Conditions/" .. name)
    end
    return known[name]
  end
end

--- Builds the scope of a template with its parameters' values.
---@param body table                 the template
---@param values table<string, string>
---@param facts engine.local.services.cloudformation.Facts
---@param resources table  ref(id), attribute(id, name), import(name): what stands behind those
---@return engine.local.services.cloudformation.Scope
function scope.new(body, values, facts, resources)
  local known = pseudo_parameters(facts)
  for name, text in pairs(values) do
    known[name] = parameters.value(body.Parameters[name], text)
  end
  local self = {
    mappings = body.Mappings or {},
    region = facts.region,
    extensions = template.has_extensions(body),
    attribute = resources.attribute,
    import = resources.import,
  }
  function self.ref(name)
    if known[name] ~= nil then
      return known[name]
    end
    return resources.ref(name)
  end
  self.condition = conditions_of(body.Conditions or {}, self)
  return self
end

--- The resources whose condition holds, by logical id.
---@param body table
---@param of engine.local.services.cloudformation.Scope
---@return table<string, table>
function scope.live(body, of)
  local live = {}
  for id, resource in pairs(body.Resources) do
    if not resource.Condition or of.condition(resource.Condition) then
      live[id] = resource
    end
  end
  return live
end

return scope
