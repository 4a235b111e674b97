--- What an update would change: resource by resource, property by property, and which changes take a
--- new physical resource. Nothing is touched.
local intrinsics = require "engine.local.services.cloudformation.intrinsics"
local order = require "engine.order"
local references = require "engine.local.services.cloudformation.references"
local same = require "engine.same"
local scope = require "engine.local.services.cloudformation.scope"

local difference = {}

--- Stands for a value that only the update itself will bring out.
difference.UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"

local RECREATION <const> = { [true] = "Always", conditionally = "Conditionally" }
local COMPARED_POLICIES <const> = { "DeletionPolicy", "UpdateReplacePolicy" }

--- The names of the properties that differ, sorted.
---@param old table
---@param new table
---@return string[]
function difference.properties(old, new)
  local names = {}
  for name, value in pairs(new) do
    if not same(old[name], value) then
      names[name] = true
    end
  end
  for name in pairs(old) do
    if new[name] == nil then
      names[name] = true
    end
  end
  return order.keys(names)
end

--- How a change of these properties is made: "True" (a new physical resource), "Conditional", "False".
---@param handler engine.local.Resource
---@param names string[]
---@return "True"|"False"|"Conditional"
function difference.replacement(handler, names)
  local result = "False"
  for _, name in ipairs(names) do
    local rule = handler.replacement[name]
    if rule == true then
      return "True"
    elseif rule then
      result = "Conditional"
    end
  end
  return result
end

local function mentions_unknown(value)
  if type(value) == "string" then
    return value:find(difference.UNKNOWN, 1, true) ~= nil
  elseif type(value) == "table" then
    for _, item in pairs(value) do
      if mentions_unknown(item) then
        return true
      end
    end
  end
  return false
end

-- The first resource or parameter that a definition mentions and `is_wanted` accepts.
local function cause_in(definition, is_wanted)
  local found, attribute_name, kind_found
  references.each(definition, function(kind, name, attribute)
    if not found and (kind == "ref" or kind == "attribute") and is_wanted(name) then
      found, attribute_name, kind_found = name, attribute, kind
    end
  end)
  return found, attribute_name, kind_found
end

local function detail(plan, id, name, handler, value)
  local target = {
    Attribute = "Properties",
    Name = name,
    RequiresRecreation = RECREATION[handler.replacement[name]] or "Never",
  }
  local definition = (plan.live[id].Properties or {})[name]
  local old_resource = plan.old_template and plan.old_template.Resources[id]
  local old_definition = ((old_resource or {}).Properties or {})[name]
  if mentions_unknown(value) then
    local cause, attribute, kind = cause_in(definition, function(other)
      return plan.unknown[other]
    end)
    return {
      Target = target,
      Evaluation = "Dynamic",
      ChangeSource = kind == "attribute" and "ResourceAttribute" or "ResourceReference",
      CausingEntity = attribute and cause .. "." .. attribute or cause,
    }
  end
  local cause = same(definition, old_definition) and cause_in(definition, function(other)
    return plan.parameters[other]
  end)
  return {
    Target = target,
    Evaluation = "Static",
    ChangeSource = cause and "ParameterReference" or "DirectModification",
    CausingEntity = cause or nil,
  }
end

local function attribute_detail(attribute)
  return {
    Target = { Attribute = attribute, RequiresRecreation = "Never" },
    Evaluation = "Static",
    ChangeSource = "DirectModification",
  }
end

local function policy_changes(record, resource)
  local changed = {}
  for _, name in ipairs(COMPARED_POLICIES) do
    if record.policies[name] ~= resource[name] then
      table.insert(changed, name)
    end
  end
  return changed
end

local function compare(plan, id, record, handler, properties)
  local resource = plan.live[id]
  local change = {
    Action = "Modify",
    LogicalResourceId = id,
    PhysicalResourceId = record.physical_id,
    ResourceType = resource.Type,
    Details = {},
    Scope = {},
  }
  local names = difference.properties(record.properties, properties)
  change.Replacement = difference.replacement(handler, names)
  for _, name in ipairs(names) do
    table.insert(change.Details, detail(plan, id, name, handler, properties[name]))
  end
  if #names > 0 then
    table.insert(change.Scope, "Properties")
  end
  local function add(attribute)
    table.insert(change.Scope, attribute)
    table.insert(change.Details, attribute_detail(attribute))
  end
  if not same(record.metadata, resource.Metadata) then
    add "Metadata"
  end
  if plan.tags_changed and handler.taggable then
    add "Tags"
  end
  for _, policy in ipairs(policy_changes(record, resource)) do
    add(policy)
  end
  return #change.Scope > 0 and change or nil
end

-- Ids in an order in which each comes after what it needs.
local function ordered(needs)
  local list, seen = {}, {}
  local function visit(id)
    if seen[id] then
      return
    end
    seen[id] = true
    for _, other in ipairs(order.keys(needs[id])) do
      visit(other)
    end
    table.insert(list, id)
  end
  for _, id in ipairs(order.keys(needs)) do
    visit(id)
  end
  return list
end

--- What stands behind names while nothing has been done yet: resources as they are, or not known.
local function planned_scope(plan, input)
  return scope.new(input.template, input.parameters, input.facts, {
    ref = function(id)
      if not input.template.Resources[id] then
        return nil
      end
      local record = input.records[id]
      return not plan.unknown[id] and record and record.physical_id or difference.UNKNOWN
    end,
    attribute = function(id, name)
      local record = input.records[id]
      if not record or plan.unknown[id] or plan.modified[id] == "custom" then
        return difference.UNKNOWN
      end
      return input.attribute(id, name)
    end,
    import = input.import,
  })
end

--- Compares a template with the resources as they are.
---@class engine.local.services.cloudformation.PlanInput
---@field template table
---@field old_template? table
---@field parameters table<string, string>
---@field facts engine.local.services.cloudformation.Facts
---@field records table<string, table>      the stack's resources
---@field handler_of fun(type: string): engine.local.Resource
---@field attribute fun(id: string, name: string): any
---@field import fun(name: string): string
---@field tags_changed boolean
---@param input engine.local.services.cloudformation.PlanInput
---@return table plan  changes (as DescribeChangeSet shows them), live, needs, scope
function difference.plan(input)
  local plan = {
    changes = {},
    unknown = {}, -- what will be made anew: neither its id nor its attributes are known
    modified = {},
    parameters = input.parameters,
    old_template = input.old_template,
    tags_changed = input.tags_changed,
  }
  plan.scope = planned_scope(plan, input)
  plan.live = scope.live(input.template, plan.scope)
  plan.needs = {}
  for id, resource in pairs(plan.live) do
    plan.needs[id] = references.needs(resource, function(name)
      return plan.live[name]
    end, plan.scope.condition)
  end
  for _, id in ipairs(ordered(plan.needs)) do
    local resource, record = plan.live[id], input.records[id]
    local handler = input.handler_of(resource.Type)
    local properties = intrinsics.evaluate(resource.Properties or {}, plan.scope,
      ("/Resources/%s/Properties"):format(id))
    if not record then
      plan.unknown[id] = true
      table.insert(plan.changes, {
        Action = "Add", LogicalResourceId = id, ResourceType = resource.Type,
        Details = {}, Scope = {},
      })
    else
      local change = compare(plan, id, record, handler, properties)
      table.insert(plan.changes, change)
      if change and change.Replacement ~= "False" then
        plan.unknown[id] = true
      elseif change then
        plan.modified[id] = handler.custom and "custom" or "in place"
      end
    end
  end
  for _, id in ipairs(order.keys(input.records)) do
    local record = input.records[id]
    if not plan.live[id] then
      table.insert(plan.changes, {
        Action = "Remove", LogicalResourceId = id, PhysicalResourceId = record.physical_id,
        ResourceType = record.type, Details = {}, Scope = {},
        PolicyAction = record.policies.DeletionPolicy == "Retain" and "Retain" or "Delete",
      })
    end
  end
  return plan
end

return difference
