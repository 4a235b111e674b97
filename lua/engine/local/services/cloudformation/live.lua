--- The scope of a stack as it is: Ref and attributes of resources that exist, exports of other stacks,
--- outputs.
local fault = require "engine.local.fault"
local intrinsics = require "engine.local.services.cloudformation.intrinsics"
local json = require "host.json"
local order = require "engine.order"
local resources = require "engine.local.resources"
local scope = require "engine.local.services.cloudformation.scope"
local store = require "engine.local.services.cloudformation.store"

local live = {}

--- What a job or a scope needs to know of a stack.
---@return engine.local.services.cloudformation.Facts
function live.facts(cloud, stack)
  return {
    id = stack.id,
    name = stack.name,
    region = stack.region,
    account = cloud.account,
    notification_arns = stack.notification_arns,
  }
end

--- The tags that reach a resource: the stack's, and CloudFormation's own three.
---@return { Key: string, Value: string }[]
function live.tags(stack, id)
  local tags = {
    { Key = "aws:cloudformation:logical-id", Value = id },
    { Key = "aws:cloudformation:stack-id", Value = stack.id },
    { Key = "aws:cloudformation:stack-name", Value = stack.name },
  }
  for _, tag in ipairs(stack.tags) do
    table.insert(tags, tag)
  end
  return tags
end

--- The job of a resource that has a record.
---@return engine.local.Job
function live.job(cloud, stack, id, record)
  return {
    cloud = cloud,
    region = stack.region,
    account = cloud.account,
    stack = { id = stack.id, name = stack.name },
    logical_id = id,
    type = record.type,
    properties = record.properties,
    physical_id = record.physical_id,
    attributes = record.attributes,
    generation = record.generation or 0,
    resumed = false,
    tags = live.tags(stack, id),
  }
end

--- An attribute of a resource that exists; a fault names the resource.
---@return any
function live.attribute(cloud, stack, id, name)
  local record = stack.resources[id]
  if not record or not record.physical_id then
    fault.raise("ValidationError", ("Resource %s has no attribute %s yet"):format(id, name))
  end
  local value = record.attributes[name]
  if value == nil then
    local handler = resources.of(record.type)
    local job = live.job(cloud, stack, id, record)
    value = handler.attribute and handler.attribute(record, name, job)
  end
  if value == nil then
    local message = "Template error: resource %s does not support attribute type %s in Fn::GetAtt"
    fault.raise("ValidationError", message:format(id, name))
  end
  return value
end

--- What an export is worth to a stack that imports it.
---@return string
function live.import(cloud, stack, name)
  local export = store.exports(cloud, stack.region)[name]
  if not export or export.stack == stack then
    fault.raise("ValidationError", ("No export named %s found."):format(name))
  end
  return export.value
end

--- The scope of a stack's template. `imports`, when given, collects the names that were imported.
---@param body table
---@param values table<string, string>
---@param imports? table<string, boolean>
---@return engine.local.services.cloudformation.Scope
function live.scope(cloud, stack, body, values, imports)
  return scope.new(body, values, live.facts(cloud, stack), {
    ref = function(id)
      local record = stack.resources[id]
      return record and record.physical_id
    end,
    attribute = function(id, name)
      return live.attribute(cloud, stack, id, name)
    end,
    import = function(name)
      local value = live.import(cloud, stack, name)
      if imports then
        imports[name] = true
      end
      return value
    end,
  })
end

local function text_of(value, what)
  if type(value) == "table" then
    fault.raise("ValidationError",
      ("Template format error: The %s must be a string."):format(what))
  end
  return tostring(value)
end

local function check_export(cloud, stack, name)
  local export = store.exports(cloud, stack.region)[name]
  if export and export.stack ~= stack then
    fault.raise("ValidationError", ("Export with name %s is already exported by stack %s"):format(
      name, export.stack.name))
  end
end

--- Evaluates the outputs whose condition holds, in the order of their names.
---@return { key: string, value: string, description?: string, export?: string }[]
function live.outputs(cloud, stack, body, in_scope)
  local outputs = json.array {}
  for _, name in ipairs(order.keys(body.Outputs or {})) do
    local output = body.Outputs[name]
    if not output.Condition or in_scope.condition(output.Condition) then
      local path = "/Outputs/" .. name
      local export = output.Export and intrinsics.evaluate(output.Export.Name, in_scope, path)
      if export ~= nil then
        export = text_of(export, "export name of output " .. name)
        check_export(cloud, stack, export)
      end
      local value = intrinsics.evaluate(output.Value, in_scope, path)
      table.insert(outputs, {
        key = name,
        value = text_of(value, "Value field of output " .. name),
        description = output.Description,
        export = export,
      })
    end
  end
  return outputs
end

--- Raises when an export that other stacks import would go, or change.
---@param outputs { export?: string, value: string }[]  those the stack is to have
function live.check_importers(cloud, stack, outputs)
  local kept = {}
  for _, output in ipairs(outputs) do
    if output.export then
      kept[output.export] = output.value
    end
  end
  for _, output in ipairs(stack.outputs) do
    local users = output.export and kept[output.export] ~= output.value
      and store.importers(cloud, stack.region, output.export)
    if users and #users > 0 then
      local what = kept[output.export] and "updated" or "deleted"
      fault.raise("ValidationError", ("Export %s cannot be %s as it is in use by %s"):format(
        output.export, what, table.concat(users, " and ")))
    end
  end
end

return live
