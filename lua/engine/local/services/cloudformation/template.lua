--- Reads a template and says, in AWS's words, what CloudFormation would refuse before it begins.
local fault = require "engine.local.fault"
local json = require "host.json"
local order = require "engine.order"
local references = require "engine.local.services.cloudformation.references"

local template = {}

local MAX_INLINE_BYTES <const> = 51200
local MAX_BYTES <const> = 1000000
local LIMITS <const> = {
  { section = "Mappings", most = 200, what = "mappings" },
  { section = "Outputs", most = 200, what = "outputs" },
  { section = "Parameters", most = 200, what = "parameters" },
  { section = "Resources", most = 500, what = "resources" },
}
local MAX_NAME <const> = 255

local SECTIONS <const> = {
  AWSTemplateFormatVersion = "string", Description = "string", Metadata = "table",
  Parameters = "table", Rules = "table", Mappings = "table", Conditions = "table",
  Transform = "any", Resources = "table", Outputs = "table", Hooks = "table",
}
local RESOURCE_KEYS <const> = {
  Type = true, Properties = true, DependsOn = true, Condition = true, Metadata = true,
  CreationPolicy = true, DeletionPolicy = true, UpdatePolicy = true, UpdateReplacePolicy = true,
}
local POLICIES <const> = {
  DeletionPolicy = { Delete = true, Retain = true, Snapshot = true, RetainExceptOnCreate = true },
  UpdateReplacePolicy = { Delete = true, Retain = true, Snapshot = true },
}
local PSEUDO <const> = {
  ["AWS::AccountId"] = true, ["AWS::NoValue"] = true, ["AWS::NotificationARNs"] = true,
  ["AWS::Partition"] = true, ["AWS::Region"] = true, ["AWS::StackId"] = true,
  ["AWS::StackName"] = true, ["AWS::URLSuffix"] = true,
}
local EXTENSIONS <const> = "AWS::LanguageExtensions"

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

local function format_error(format, ...)
  complain("Template format error: " .. format, ...)
end

--- Raises for a template body that CloudFormation would not take.
---@param body string
---@param inline boolean  given as TemplateBody, not by URL
function template.check_size(body, inline)
  if inline and #body > MAX_INLINE_BYTES then
    complain("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
      .. "Member must have length less than or equal to %d", MAX_INLINE_BYTES)
  elseif #body > MAX_BYTES then
    complain("Template may not exceed %d bytes in size.", MAX_BYTES)
  end
end

local function check_sections(value)
  local unknown = {}
  for _, name in ipairs(order.keys(value)) do
    local want = SECTIONS[name]
    if not want then
      table.insert(unknown, name)
    elseif want ~= "any" and type(value[name]) ~= want then
      format_error("%s must be %s.", name, want == "table" and "an object" or "a string")
    end
  end
  if #unknown > 0 then
    complain("Invalid template property or properties [%s]", table.concat(unknown, ", "))
  end
  if not value.Resources or next(value.Resources) == nil then
    format_error "At least one Resources member must be defined."
  end
  for _, limit in ipairs(LIMITS) do
    local count = 0
    for name in pairs(value[limit.section] or {}) do
      count = count + 1
      if #tostring(name) > MAX_NAME then
        format_error("%s name %s exceeds %d characters.", limit.section, name, MAX_NAME)
      end
    end
    if count > limit.most then
      format_error("Number of %s, %d, is greater than maximum allowed, %d", limit.what, count,
        limit.most)
    end
  end
end

local function check_transform(value)
  local wanted = value.Transform
  local list = type(wanted) == "table" and wanted or { wanted }
  for _, name in ipairs(list) do
    if name ~= EXTENSIONS then
      complain("The transform %s is not known to this cloud; it knows %s alone", tostring(name),
        EXTENSIONS)
    end
  end
  return #list > 0
end

local function check_type(id, kind)
  if type(kind) ~= "string" then
    format_error("[/Resources/%s] Every Resources object must contain a Type member.", id)
  end
  local known = kind:find "^[A-Z]%w+::[%w]+::[%w]+$" or kind:find "^Custom::[%w_@-]+$"
    or kind:find "^%w+::%w+::%w+::MODULE$"
  if not known then
    format_error("Unrecognized resource types: [%s]", kind)
  end
end

local function check_resource(id, resource, resources)
  if type(id) ~= "string" or not id:find "^%w+$" then
    format_error("Resource name %s is non alphanumeric.", tostring(id))
  elseif type(resource) ~= "table" then
    format_error("[/Resources/%s] Every Resources member must be an object.", id)
  end
  check_type(id, resource.Type)
  for _, key in ipairs(order.keys(resource)) do
    if not RESOURCE_KEYS[key] then
      complain("Invalid template resource property '%s' [/Resources/%s]", key, id)
    end
  end
  if resource.Properties ~= nil and type(resource.Properties) ~= "table" then
    format_error("[/Resources/%s/Properties] Properties must be an object.", id)
  end
  for name, allowed in pairs(POLICIES) do
    local policy = resource[name]
    if policy ~= nil and type(policy) ~= "table" and not allowed[policy] then
      format_error("Unrecognized %s %s for resource %s", name, tostring(policy), id)
    end
  end
  for _, name in ipairs(references.explicit(resource)) do
    if type(name) ~= "string" or not resources[name] then
      format_error("Unresolved resource dependencies [%s] in the Resources block of the template",
        tostring(name))
    elseif name == id then
      complain("Circular dependency between resources: [%s]", id)
    end
  end
end

-- Every name that is said must lead somewhere, in branches that will not be taken too.
local function check_references(value, part, block)
  local unresolved = {}
  local resources, parameters = value.Resources, value.Parameters or {}
  references.each(part, function(kind, name, attribute)
    if kind == "ref" then
      if not resources[name] and parameters[name] == nil and not PSEUDO[name] then
        unresolved[name] = true
      end
    elseif kind == "attribute" and not resources[name] then
      complain("Template error: instance of Fn::GetAtt references undefined resource %s%s", name,
        attribute and "" or " without an attribute")
    elseif kind == "condition" and not (value.Conditions or {})[name] then
      complain("Template error: unresolved condition dependency %s in the %s block of the template",
        name, block)
    elseif kind == "mapping" and not (value.Mappings or {})[name] then
      complain("Template error: Mapping named '%s' is not present in the 'Mappings' section of "
        .. "template.", name)
    end
  end)
  local names = order.keys(unresolved)
  if #names > 0 then
    format_error("Unresolved resource dependencies [%s] in the %s block of the template",
      table.concat(names, ", "), block)
  end
end

local function check_condition_name(value, holder, block)
  local name = holder.Condition
  if name ~= nil and not (value.Conditions or {})[name] then
    format_error("Unresolved condition dependency %s in the %s block of the template",
      tostring(name), block)
  end
end

local function check_conditions(value)
  local unresolved = {}
  references.each(value.Conditions or {}, function(kind, name)
    local is_known = kind == "mapping" or kind == "ref"
      and ((value.Parameters or {})[name] ~= nil or PSEUDO[name])
    if not is_known then
      unresolved[name] = true
    end
  end)
  local names = order.keys(unresolved)
  if #names > 0 then
    format_error("Unresolved dependencies [%s]. Cannot reference resources in the Conditions block "
      .. "of the template", table.concat(names, ", "))
  end
end

local function check_outputs(value)
  for _, name in ipairs(order.keys(value.Outputs or {})) do
    local output = value.Outputs[name]
    if not name:find "^%w+$" then
      format_error("Output name %s is non alphanumeric.", name)
    elseif type(output) ~= "table" or output.Value == nil then
      format_error("Output %s is malformed: every Outputs member must contain a Value.", name)
    end
    check_condition_name(value, output, "Outputs")
    check_references(value, { output.Value, output.Export }, "Outputs")
  end
end

local function check_parameters(value)
  for _, name in ipairs(order.keys(value.Parameters or {})) do
    local parameter = value.Parameters[name]
    if not name:find "^%w+$" then
      format_error("Parameter name %s is non alphanumeric.", name)
    elseif type(parameter) ~= "table" or type(parameter.Type) ~= "string" then
      format_error("[/Parameters/%s] Every Parameters object must contain a Type member.", name)
    end
  end
end

local function check_cycles(value)
  local needs = {}
  for id, resource in pairs(value.Resources) do
    needs[id] = references.needs(resource, function(name)
      return value.Resources[name]
    end)
  end
  local loop = references.cycle(needs)
  if loop then
    complain("Circular dependency between resources: [%s]", table.concat(loop, ", "))
  end
end

--- Reads a template's text, and checks all that can be checked without its parameters.
---@param body string
---@return table
function template.read(body)
  if not body:find "^%s*{" then
    format_error "this cloud reads JSON templates alone, not YAML."
  end
  local value, err = json.decode(body)
  if type(value) ~= "table" then
    format_error("JSON not well-formed. (%s)", tostring(err))
  end
  check_sections(value)
  check_transform(value)
  check_parameters(value)
  check_conditions(value)
  for _, id in ipairs(order.keys(value.Resources)) do
    local resource = value.Resources[id]
    check_resource(id, resource, value.Resources)
    check_condition_name(value, resource, "Resources")
    check_references(value, resource.Properties, "Resources")
  end
  check_outputs(value)
  check_cycles(value)
  return value
end

--- Whether the template asked for the language's extensions.
---@return boolean
function template.has_extensions(value)
  return value.Transform ~= nil
end

return template
