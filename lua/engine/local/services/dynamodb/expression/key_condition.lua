--- Key conditions: a condition of the common grammar that says a partition, and may say a range of its
--- sort key.
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local key_condition = {}

---@class engine.local.services.dynamodb.KeyCondition
---@field hash engine.local.services.dynamodb.Attribute
---@field operator? "="|"<"|"<="|">"|">="|"BETWEEN"|"begins_with"  of the sort key
---@field values? engine.local.services.dynamodb.Attribute[]

local FLIPPED <const> = { ["="] = "=", ["<"] = ">", ["<="] = ">=", [">"] = "<", [">="] = "<=" }
local UNKNOWN <const> = "Query condition missed key schema element: %s"

local function name_of(operand)
  if #operand.path > 1 then
    invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not"
      .. " allowed: Key: %s", operand.path[1])
  end
  return operand.path[1]
end

-- { operator, name, values } of one comparison, its attribute on the left.
local function comparison(tree)
  local operator = tree.call and tree.call.name or tree.operator
  if not (FLIPPED[operator] or operator == "BETWEEN" or operator == "begins_with") then
    invalid("Invalid operator used in KeyConditionExpression: %s", operator)
  end
  local operands = tree.operands or tree.call.arguments
  if operands[1].kind == "value" and operands[2].kind == "path" and FLIPPED[operator] then
    operator, operands = FLIPPED[operator], { operands[2], operands[1] }
  end
  local values = {}
  for i, operand in ipairs(operands) do
    if operand.kind == "call" then
      invalid "KeyConditionExpressions cannot contain nested operations"
    elseif i == 1 and operand.kind == "value" then
      invalid "Invalid condition in KeyConditionExpression: No key attribute specified"
    elseif i > 1 and operand.kind == "path" then
      invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one"
        .. " condition")
    end
    values[i - 1] = operand.value
  end
  return { operator = operator, name = name_of(operands[1]), values = values }
end

local function collect(tree, list)
  if tree.operator == "AND" then
    for _, part in ipairs(tree.conditions) do
      collect(part, list)
    end
  else
    table.insert(list, comparison(tree))
  end
  return list
end

local function check_values(part, key)
  for _, value in ipairs(part.values) do
    if not value[key.type] then
      wrong("Condition parameter type does not match"
        .. " schema type")
    elseif value.S == "" and part.operator ~= "begins_with" then
      invalid("One or more parameter values are not valid. The AttributeValue for a key attribute"
        .. " cannot contain an empty string value. Key: %s", key.name)
    end
  end
end

--- What a condition says of the keys of a table or an index.
---@param tree engine.local.services.dynamodb.Condition
---@param schema engine.local.services.dynamodb.Schema
---@return engine.local.services.dynamodb.KeyCondition
function key_condition.of(tree, schema)
  local said, count = {}, 0
  for _, part in ipairs(collect(tree, {})) do
    if said[part.name] then
      invalid "KeyConditionExpressions must only contain one condition per key"
    end
    said[part.name], count = part, count + 1
  end
  local hash, range = said[schema.hash.name], schema.range and said[schema.range.name]
  if count > 2 then
    invalid "Conditions can be of length 1 or 2 only"
  elseif not hash then
    invalid(UNKNOWN, schema.hash.name)
  elseif count == 2 and not range then
    invalid(schema.range and UNKNOWN or "Query key condition not supported",
      schema.range and schema.range.name)
  elseif hash.operator ~= "=" then
    invalid "Query key condition not supported"
  end
  check_values(hash, schema.hash)
  if range then
    check_values(range, schema.range)
  end
  return {
    hash = hash.values[1],
    operator = range and range.operator,
    values = range and range.values,
  }
end

return key_condition
