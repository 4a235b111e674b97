--- What can be said of a resource: anything that CloudFormation knows.
---@module "laconic.resource"
local check = require "engine.check"
local handle = require "laconic.handle"

local resource = {}

---@class laconic.ResourceOptions
---@field name string               its logical id: letters and digits
---@field type string               "AWS::DynamoDB::Table"
---@field properties? table         as CloudFormation has them
---@field depends_on? any           names or handles
---@field condition? any            the name or handle of a condition
---@field deletion_policy? "Delete"|"Retain"|"RetainExceptOnCreate"|"Snapshot"
---@field update_replace_policy? "Delete"|"Retain"|"Snapshot"
---@field metadata? table
---@field creation_policy? table
---@field update_policy? table

--- A rule for logical ids, of resources and of everything else that has one.
resource.ID = {
  type = "string",
  required = true,
  least = 1,
  most = 255,
  test = function(name)
    if not name:match "^%w+$" then
      return ("'%s' is not a logical id: letters and digits expected"):format(name)
    end
  end,
}

--- A rule for the output that a word makes by itself: `output = "Address"` names it, `false` leaves it
--- out.
resource.OUTPUT = {
  type = { "string", "boolean" },
  test = function(output)
    if output == true or type(output) == "string" and not output:match "^%w+$" then
      return "a name of letters and digits, or false, expected"
    end
  end,
}

local function test_type(name)
  if not name:match "^%w+::%w+::[%w:]+$" and not name:match "^Custom::[%w_@-]+$" then
    return ("'%s' is not a resource type such as 'AWS::SQS::Queue'"):format(name)
  end
end

local RULES = {
  name = resource.ID,
  type = { type = "string", required = true, test = test_type },
  properties = { type = "table" },
  depends_on = { type = { "string", "table" } },
  condition = { type = { "string", "table" } },
  deletion_policy = { one_of = { "Delete", "Retain", "RetainExceptOnCreate", "Snapshot" } },
  update_replace_policy = { one_of = { "Delete", "Retain", "Snapshot" } },
  metadata = { type = "table" },
  creation_policy = { type = "table" },
  update_policy = { type = "table" },
}

--- Checks that a value can stand in a template, all the way down: no handle, no function.
---@param name string
---@param value any
---@param depth? integer
function resource.check_value(name, value, depth)
  local kind = type(value)
  if kind == "table" then
    if handle.kind(value) then
      local what = ("%s: a handle (%s) is no value"):format(name, tostring(value))
      check.fail("E103", what, handle.hint(value))
    elseif (depth or 0) > 64 then
      check.fail("E306", name .. ": nested too deeply, or in a circle")
    end
    for key, item in pairs(value) do
      local path = type(key) == "string" and name .. "." .. key or ("%s[%s]"):format(name, key)
      resource.check_value(path, item, (depth or 0) + 1)
    end
  elseif kind == "function" or kind == "thread" then
    check.fail("E306", ("%s: a %s cannot be written in a template"):format(name, kind))
  end
end

--- A condition's name, said as a name or by its handle.
---@param name string
---@param value any
---@return string?
function resource.condition(name, value)
  if type(value) == "table" and handle.kind(value) ~= "condition" then
    check.fail("E103", name .. ": the name or the handle of a condition expected")
  end
  return type(value) == "table" and value.id or value
end

--- Checks what was said of a resource, and returns it as the engine takes it.
---@param options laconic.ResourceOptions
---@return engine.ResourceWords
function resource.read(options)
  check.fields("resource", options, RULES)
  for _, field in ipairs { "properties", "metadata", "creation_policy", "update_policy" } do
    resource.check_value("resource." .. field, options[field])
  end
  return {
    name = options.name,
    type = options.type,
    properties = options.properties or {},
    depends_on = options.depends_on and handle.ids("resource.depends_on", options.depends_on),
    condition = resource.condition("resource.condition", options.condition),
    deletion_policy = options.deletion_policy,
    update_replace_policy = options.update_replace_policy,
    metadata = options.metadata,
    creation_policy = options.creation_policy,
    update_policy = options.update_policy,
  }
end

return resource
