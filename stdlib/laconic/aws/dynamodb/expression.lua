--- DynamoDB's expressions: conditions as they are written, changes as tables, names and values bound.
---@module "laconic.aws.dynamodb.expression"
local check = require "engine.check"
local order = require "engine.order"
local values = require "laconic.aws.dynamodb.values"

local expression = {}

-- Names for names and values, so that no reserved word and no character is in the way.
local Binder = {}
Binder.__index = Binder

-- "address.city" → "#n1.#n2"; an index such as [0] stays.
function Binder:name(path)
  return (
    path:gsub("[^.%[%]]+", function(part)
      if part:find "^%d+$" then
        return part
      end
      self.count = self.count + 1
      local bound = "#n" .. self.count
      self.names[bound] = part
      return bound
    end)
  )
end

function Binder:value(value, path)
  self.count = self.count + 1
  local bound = ":v" .. self.count
  self.values[bound] = values.write(value, path)
  return bound
end

local function list_of(map, write)
  local parts = {}
  for i, key in ipairs(order.keys(map)) do
    parts[i] = write(key, map[key])
  end
  return table.concat(parts, ", ")
end

local function removed(binder, names)
  local parts = {}
  for i, name in ipairs(names) do
    parts[i] = binder:name(name)
  end
  return table.concat(parts, ", ")
end

-- { set = { a = 1 }, add = { n = 1 }, remove = { "b" }, delete = { tags = set } } as one text.
local function changes(binder, request)
  local clauses = {}
  local function clause(word, field, between)
    local map = request[field]
    if map and next(map) ~= nil then
      table.insert(clauses, word .. " " .. list_of(map, function(name, value)
        return binder:name(name) .. between .. binder:value(value, field .. "." .. name)
      end))
    end
  end
  clause("SET", "set", " = ")
  clause("ADD", "add", " ")
  clause("DELETE", "delete", " ")
  if request.remove and #request.remove > 0 then
    table.insert(clauses, "REMOVE " .. removed(binder, request.remove))
  end
  return table.concat(clauses, " ")
end

-- What the author bound: "#status" → "status", ":open" → "open".
local function bind_own(binder, request)
  for name, bound in pairs(request.names or {}) do
    if type(name) ~= "string" or not name:find "^#" or type(bound) ~= "string" then
      check.fail("E105", "names: { [\"#status\"] = \"status\" } expected")
    end
    binder.names[name] = bound
  end
  for name, value in pairs(request.values or {}) do
    if type(name) ~= "string" or not name:find "^:" then
      check.fail("E105", "values: { [\":open\"] = \"open\" } expected")
    end
    binder.values[name] = values.write(value, "values." .. name)
  end
end

--- What a request says in expressions, as DynamoDB's parameters; what is not said is absent.
---@param request table  condition?, update?, set?, add?, remove?, delete?, filter?, key_condition?,
---  projection?, names?, values?
---@return table params
function expression.params(request)
  local binder = setmetatable({ names = {}, values = {}, count = 0 }, Binder)
  bind_own(binder, request)
  local change = changes(binder, request)
  if request.update and change ~= "" then
    check.fail("E104", "update: an expression, or set, add, remove and delete; not both")
  end
  return {
    ConditionExpression = request.condition,
    FilterExpression = request.filter,
    KeyConditionExpression = request.key_condition,
    ProjectionExpression = request.projection and removed(binder, request.projection) or nil,
    UpdateExpression = request.update or change ~= "" and change or nil,
    ExpressionAttributeNames = next(binder.names) and binder.names or nil,
    ExpressionAttributeValues = next(binder.values) and binder.values or nil,
  }
end

return expression
