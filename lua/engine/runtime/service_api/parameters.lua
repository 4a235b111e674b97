--- The parameters of a request: held against what the function expects and what the description says
--- they are. What does not fit is the client's error, told all at once.
local errors = require "engine.runtime.service_api.errors"
local json = require "host.json"
local order = require "engine.order"

local parameters = {}

local HINT <const> = "The API's description names the parameters of this operation."

-- Expected names, and which of them must be there; nil for names when any is welcome.
local function signature(facts, event)
  local required, known = facts.required or {}, {}
  if not facts.required and not facts.optional then
    return type(event.required) == "table" and event.required or {}, nil
  end
  for _, list in ipairs { required, facts.optional or {} } do
    for _, name in ipairs(list) do
      known[name] = true
    end
  end
  return required, not facts.rest and known or nil
end

local function missing_of(required, values, wrong)
  local list = {}
  for _, name in ipairs(required) do
    if values[name] == nil and not wrong[name] then
      table.insert(list, name)
    end
  end
  return list
end

local function unexpected_of(known, given)
  local list = {}
  for name in pairs(known and given or {}) do
    if not known[name] then
      table.insert(list, name)
    end
  end
  table.sort(list)
  return list
end

local IS <const> = {
  integer = function(value)
    return math.type(value) == "integer"
  end,
  number = function(value)
    return type(value) == "number"
  end,
  boolean = function(value)
    return type(value) == "boolean"
  end,
  string = function(value)
    return type(value) == "string"
  end,
  object = function(value)
    return type(value) == "table" and not json.is_array(value)
  end,
  array = function(value)
    return type(value) == "table" and (json.is_array(value) or #value > 0)
  end,
  JSON = function() -- said of a body that is none
    return false
  end,
}

-- The items of a list that came in a URL are texts: "7" is a number where numbers are wanted.
local function item_of(text, type)
  if type == "string" or not IS[type] then
    return text
  end
  local value = json.decode(text)
  if value ~= nil and IS[type](value) then
    return value
  end
end

-- "a,b", and JSON's ["a","b"].
local function split(text, separator)
  local list = json.array {}
  if text == "" then
    return list
  end
  local from = 1
  while true do
    local first, last = text:find(separator, from, true)
    table.insert(list, text:sub(from, (first or 0) - 1))
    if not first then
      return list
    end
    from = last + 1
  end
end

local function list_of(value, wanted)
  if type(value) == "string" then
    local decoded = value:sub(1, 1) == "[" and json.decode(value)
    if json.is_array(decoded) then
      value = decoded
    else
      value = split(value, wanted.separator or ",")
      for i, text in ipairs(value) do
        value[i] = item_of(text, wanted.items)
        if value[i] == nil then
          return nil
        end
      end
      return value
    end
  end
  for _, item in ipairs(IS.array(value) and value or {}) do
    if IS[wanted.items] and not IS[wanted.items](item) then
      return nil
    end
  end
  return (IS.array(value) or type(value) == "table" and next(value) == nil) and value or nil
end

-- A number that is too long for the template to be sure of comes as a text.
local function long_number(value, wanted)
  local is_number = (wanted == "integer" or wanted == "number") and type(value) == "string"
    and (#value > 18 or value:find "[eE][+-]?%d%d%d") and value:find "^%-?%d[%d.eE+-]*$"
  return is_number and item_of(value, wanted) or value
end

-- A parameter that is JSON in the URL, where null is as good as absent, too.
local function decoded(value, wanted)
  if type(value) ~= "string" then
    return nil
  end
  local found = json.decode(value)
  if found == json.null or found ~= nil and (not IS[wanted] or IS[wanted](found)) then
    return found
  end
end

-- The value as its type has it; nil when it is none of that type.
local function typed(value, wanted)
  if type(wanted) == "table" and wanted.items == nil then
    return decoded(value, wanted.json)
  elseif type(wanted) == "table" then
    return list_of(value, wanted)
  end
  value = long_number(value, wanted)
  if not IS[wanted] or IS[wanted](value) then
    return value
  elseif wanted == "array" and type(value) == "table" and next(value) == nil then
    return value
  end
end

local function shown(wanted)
  if type(wanted) ~= "table" then
    return tostring(wanted)
  end
  return wanted.items and ("a list of %s"):format(tostring(wanted.items))
    or ("JSON of type %s"):format(tostring(wanted.json))
end

-- The values without those that are null, and what is wrong with the others.
local function read(given, types)
  local values, wrong = {}, {}
  for name, value in pairs(given) do
    local wanted = types[name]
    if value ~= json.null and wanted ~= nil then
      value = typed(value, wanted)
      if value == nil then
        wrong[name] = ("%s (%s)"):format(name, shown(wanted))
      end
    end
    if value ~= json.null then
      values[name] = value
    end
  end
  return values, wrong
end

local function sorted_values(map)
  local list = {}
  for _, name in ipairs(order.keys(map)) do
    table.insert(list, map[name])
  end
  return list
end

local function sentence(sentences, text, names)
  if #names > 0 then
    table.insert(sentences, text:format(table.concat(names, ", ")))
  end
end

--- What the function is given. Raises a client error that names what is missing, what is not expected,
--- and what is not of its type. Null is as good as absent.
---@param facts engine.runtime.ApiFunction
---@param event table
---@param given table  the event's parameters
---@return table<string, any>
function parameters.read(facts, event, given)
  local required, known = signature(facts, event)
  local types = type(event.types) == "table" and event.types or {}
  local values, wrong = read(given, types)
  local missing, unexpected = missing_of(required, values, wrong), unexpected_of(known, given)
  if #missing + #unexpected > 0 or next(wrong) then
    local sentences = {}
    sentence(sentences, "Expected the following parameters: %s.", missing)
    sentence(sentences, "The following parameters are unexpected: %s.", unexpected)
    sentence(sentences, "The following parameters are not of their type: %s.", sorted_values(wrong))
    table.insert(sentences, HINT)
    errors.raise("ClientError", errors.PREFIXES[1], table.concat(sentences, " "))
  end
  return values
end

return parameters
