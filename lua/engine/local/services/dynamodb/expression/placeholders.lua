--- A request's names and values for its expressions: "#n" and ":v". Each must be used.
local attribute = require "engine.local.services.dynamodb.attribute"
local fault = require "engine.local.fault"
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local order = require "engine.order"

local placeholders = {}
placeholders.__index = placeholders

---@class engine.local.services.dynamodb.Placeholders

local function check(map, field, pattern, check_value)
  if type(map) ~= "table" then
    fault.raise("SerializationException", field .. ": a map expected")
  elseif next(map) == nil then
    invalid("%s must not be empty", field)
  end
  for _, key in ipairs(order.keys(map)) do
    if not tostring(key):find(pattern) then
      invalid('%s contains invalid key: Syntax error; key: "%s"', field, key)
    end
    check_value(map[key], key)
  end
end

local function check_name(name, key)
  if type(name) ~= "string" or name == "" then
    invalid("ExpressionAttributeNames contains invalid value: Empty attribute name for key %s", key)
  end
end

local function check_value(value, key)
  local ok, problem = pcall(attribute.read, value)
  if not ok and fault.is(problem) and problem.code == "ValidationException" then
    invalid("ExpressionAttributeValues contains invalid value: %s for key %s",
      problem.message, key)
  elseif not ok then
    error(problem, 0)
  end
end

-- "UpdateExpression and ConditionExpression are null", as DynamoDB says why nothing can use them.
local function nothing_to_use(fields)
  local last = #fields > 1 and " are null" or " is null"
  return table.concat(fields, " and ") .. last
end

--- The placeholders of a request.
---@param params { ExpressionAttributeNames?: table, ExpressionAttributeValues?: table }
---@param fields string[]  the request's members that may hold an expression with values
---@param has_any? boolean  another member holds an expression, without values
---@return engine.local.services.dynamodb.Placeholders
function placeholders.new(params, fields, has_any)
  local names, values = params.ExpressionAttributeNames, params.ExpressionAttributeValues
  local has_values = false
  for _, field in ipairs(fields) do
    has_values = has_values or params[field] ~= nil
  end
  if names and not (has_values or has_any) then
    invalid "ExpressionAttributeNames can only be specified when using expressions"
  elseif values and not has_values then
    invalid("ExpressionAttributeValues can only be specified when using expressions: %s",
      nothing_to_use(fields))
  end
  if names then
    check(names, "ExpressionAttributeNames", "^#[%w_]+$", check_name)
  end
  if values then
    check(values, "ExpressionAttributeValues", "^:[%w_]+$", check_value)
  end
  return setmetatable({ names = names or {}, values = values or {}, used = {} }, placeholders)
end

--- What "#n" stands for, or nil.
---@return string?
function placeholders:name(name)
  self.used[name] = true
  return self.names[name]
end

--- What ":v" stands for, or nil.
---@return engine.local.services.dynamodb.Attribute?
function placeholders:value(name)
  self.used[name] = true
  return self.values[name]
end

local function check_used(self, map, field)
  local unused = {}
  for _, key in ipairs(order.keys(map)) do
    if not self.used[key] then
      table.insert(unused, key)
    end
  end
  if #unused > 0 then
    invalid("Value provided in %s unused in expressions: keys: {%s}", field,
      table.concat(unused, ", "))
  end
end

--- Refuses names and values that no expression has used; to be called when all are read.
function placeholders:finish()
  check_used(self, self.names, "ExpressionAttributeNames")
  check_used(self, self.values, "ExpressionAttributeValues")
end

return placeholders
