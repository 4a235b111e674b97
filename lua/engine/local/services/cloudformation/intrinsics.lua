--- Evaluates CloudFormation's intrinsic functions against a scope. Pure: what a name stands for is the
--- scope's business, so the same code serves a plan, a creation and an output.
local digest = require "host.digest"
local fault = require "engine.local.fault"
local json = require "host.json"

local intrinsics = {}

--- What the names in a template stand for.
---@class engine.local.services.cloudformation.Scope
---@field ref fun(name: string): any             nil: no such parameter or resource
---@field attribute fun(id: string, name: string): any
---@field condition fun(name: string): boolean
---@field import fun(name: string): string
---@field mappings table<string, table>
---@field region string
---@field extensions boolean                     AWS::LanguageExtensions was asked for

--- Stands where `AWS::NoValue` was: the property, or the list's item, is left out.
intrinsics.no_value = setmetatable({}, {
  __tostring = function()
    return "AWS::NoValue"
  end,
})

local no_value <const> = intrinsics.no_value
local MAX_DEPTH <const> = 128
local MAX_CIDR_BLOCKS <const> = 256

local evaluate

local function complain(path, format, ...)
  local message = format:format(...)
  if path then
    message = ("%s [%s]"):format(message, path)
  end
  return fault.raise("ValidationError", "Template error: " .. message)
end

local function is_list(value)
  return type(value) == "table" and (json.is_array(value) or #value > 0)
end

--- The text of a scalar as CloudFormation joins it, or nil.
local function scalar_text(value)
  local kind = type(value)
  if kind == "string" then
    return value
  elseif kind == "number" or kind == "boolean" then
    return tostring(value)
  end
  return nil
end

local function text_of(value, scope, path, what)
  local text = scalar_text(evaluate(value, scope, path))
  if not text then
    complain(path, "%s must be a string", what)
  end
  return text
end

local function list_of(value, scope, path, what)
  local list = evaluate(value, scope, path)
  if not is_list(list) then
    complain(path, "%s must be a list", what)
  end
  return list
end

local function index_of(value, scope, path)
  local index = math.tointeger(tonumber(scalar_text(evaluate(value, scope, path))))
  if not index then
    complain(path, "Fn::Select requires an index that is an integer")
  end
  return index
end

local function reference(name, scope, path)
  if name == "AWS::NoValue" then
    return no_value
  end
  local value = scope.ref(name)
  if value == nil then
    complain(path, "unresolved reference to %s", name)
  end
  return value
end

local functions = {}

functions["Ref"] = function(name, scope, path)
  if type(name) ~= "string" then
    complain(path, "Ref requires the name of a parameter or a resource")
  end
  return reference(name, scope, path)
end

functions["Fn::GetAtt"] = function(argument, scope, path)
  local id, attribute
  if type(argument) == "string" then
    id, attribute = argument:match "^([^.]+)%.(.+)$"
  elseif is_list(argument) and #argument == 2 then
    id = argument[1]
    attribute = scalar_text(evaluate(argument[2], scope, path))
  end
  if type(id) ~= "string" or not attribute or id == "" or attribute == "" then
    complain(path, "every Fn::GetAtt object requires two non-empty parameters, the resource name "
      .. "and the resource attribute")
  end
  return scope.attribute(id, attribute)
end

functions["Fn::Sub"] = function(argument, scope, path)
  local text, variables = argument, {}
  if is_list(argument) and #argument == 2 then
    text, variables = argument[1], argument[2]
  end
  if type(text) ~= "string" or type(variables) ~= "table" then
    complain(path, "One or more Fn::Sub intrinsic functions don't specify expected arguments. "
      .. "Specify a string as first argument, and an optional second argument to specify a mapping "
      .. "of values to replace in the string")
  end
  return (text:gsub("%${([^}]*)}", function(name)
    if name:sub(1, 1) == "!" then
      return "${" .. name:sub(2) .. "}"
    end
    local value
    if variables[name] ~= nil then
      value = evaluate(variables[name], scope, path)
    elseif name:find(".", 1, true) then
      value = scope.attribute(name:match "^([^.]+)%.(.+)$")
    else
      value = reference(name, scope, path)
    end
    local replacement = scalar_text(value)
    if not replacement then
      complain(path, "the value of ${%s} in Fn::Sub is not a string", name)
    end
    return replacement
  end))
end

functions["Fn::Join"] = function(argument, scope, path)
  if not is_list(argument) or #argument ~= 2 or type(argument[1]) ~= "string" then
    complain(path, "every Fn::Join object requires two parameters, (1) a string delimiter and "
      .. "(2) a list of strings to be joined or a function that returns a list of strings "
      .. "(such as Fn::GetAZs) to be joined")
  end
  local parts = {}
  for _, item in ipairs(list_of(argument[2], scope, path, "the second parameter of Fn::Join")) do
    local text = scalar_text(item)
    if not text then
      complain(path, "Fn::Join joins strings alone")
    end
    table.insert(parts, text)
  end
  return table.concat(parts, argument[1])
end

functions["Fn::Select"] = function(argument, scope, path)
  if not is_list(argument) or #argument ~= 2 then
    complain(path, "Fn::Select requires a list argument with two elements: an integer index and a "
      .. "list")
  end
  local index = index_of(argument[1], scope, path)
  local list = list_of(argument[2], scope, path, "the second parameter of Fn::Select")
  if index < 0 or index >= #list then
    complain(path, "Fn::Select cannot select nonexistent value at index %d", index)
  end
  return list[index + 1]
end

functions["Fn::Split"] = function(argument, scope, path)
  if not is_list(argument) or #argument ~= 2 or type(argument[1]) ~= "string"
    or argument[1] == "" then
    complain(path, "every Fn::Split object requires two parameters, (1) a string delimiter and "
      .. "(2) a string to be split or a function that returns a string to be split")
  end
  local delimiter = argument[1]
  local text = text_of(argument[2], scope, path, "the second parameter of Fn::Split")
  local parts, from = json.array {}, 1
  while true do
    local first, last = text:find(delimiter, from, true)
    table.insert(parts, text:sub(from, first and first - 1))
    if not first then
      return parts
    end
    from = last + 1
  end
end

functions["Fn::FindInMap"] = function(argument, scope, path)
  if not is_list(argument) or #argument < 3 or #argument > 4 then
    complain(path, "every Fn::FindInMap object requires three parameters, the map name, map key "
      .. "and the attribute for return value")
  end
  local fallback = type(argument[4]) == "table" and argument[4].DefaultValue
  if fallback and not scope.extensions then
    complain(path, "Fn::FindInMap with DefaultValue requires the transform AWS::LanguageExtensions")
  end
  local name = text_of(argument[1], scope, path, "the map name of Fn::FindInMap")
  local top = text_of(argument[2], scope, path, "the map key of Fn::FindInMap")
  local second = text_of(argument[3], scope, path, "the attribute of Fn::FindInMap")
  local mapping = scope.mappings[name]
  local value = mapping and mapping[top] and mapping[top][second]
  if value ~= nil then
    return value
  elseif fallback then
    return evaluate(fallback, scope, path)
  elseif not mapping then
    complain(path, "Mapping named '%s' is not present in the 'Mappings' section of template.", name)
  end
  return complain(path, "Unable to get mapping for %s::%s::%s", name, top, second)
end

functions["Fn::If"] = function(argument, scope, path)
  if not is_list(argument) or #argument ~= 3 or type(argument[1]) ~= "string" then
    complain(path, "Fn::If requires a list argument with three elements")
  end
  return evaluate(scope.condition(argument[1]) and argument[2] or argument[3], scope, path)
end

functions["Fn::Base64"] = function(argument, scope, path)
  return digest.to_base64(text_of(argument, scope, path, "the parameter of Fn::Base64"))
end

functions["Fn::GetAZs"] = function(argument, scope, path)
  local region = text_of(argument, scope, path, "the parameter of Fn::GetAZs")
  region = region == "" and scope.region or region
  return json.array { region .. "a", region .. "b", region .. "c" }
end

functions["Fn::ImportValue"] = function(argument, scope, path)
  return scope.import(text_of(argument, scope, path, "the parameter of Fn::ImportValue"))
end

-- "10.0.0.0/16" → its address as a number, and 16.
local function ipv4_block(text)
  local octets = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)/(%d+)$" }
  local address = 0
  for i = 1, 4 do
    local octet = math.tointeger(tonumber(octets[i]))
    if not octet or octet > 255 then
      return nil
    end
    address = address << 8 | octet
  end
  local prefix = math.tointeger(tonumber(octets[5]))
  return prefix <= 32 and address or nil, prefix
end

functions["Fn::Cidr"] = function(argument, scope, path)
  if not is_list(argument) or #argument < 2 then
    complain(path, "every Fn::Cidr object requires two parameters, (1) a string IP block and "
      .. "(2) a count, and takes the number of bits of each subnet")
  end
  local block = text_of(argument[1], scope, path, "the first parameter of Fn::Cidr")
  local count = math.tointeger(tonumber(text_of(argument[2], scope, path, "the count of Fn::Cidr")))
  local bits = math.tointeger(tonumber(argument[3] == nil and 8
    or text_of(argument[3], scope, path, "the bits of Fn::Cidr")))
  local base, prefix = ipv4_block(block)
  if not base then
    complain(path, "Fn::Cidr: '%s' is not an IPv4 block, the only kind this cloud divides", block)
  end
  local size = bits and bits >= 0 and bits <= 32 and 1 << bits
  if not size or not count or count < 1 or count > MAX_CIDR_BLOCKS
    or count * size > 1 << (32 - prefix) then
    complain(path, "Fn::Cidr cannot make the wanted subnets out of %s", block)
  end
  local first = base & ~((1 << (32 - prefix)) - 1)
  local blocks = json.array {}
  for i = 0, count - 1 do
    local address = first + i * size
    table.insert(blocks, ("%d.%d.%d.%d/%d"):format(address >> 24 & 255, address >> 16 & 255,
      address >> 8 & 255, address & 255, 32 - bits))
  end
  return blocks
end

functions["Fn::Length"] = function(argument, scope, path)
  return #list_of(argument, scope, path, "the parameter of Fn::Length")
end

functions["Fn::ToJsonString"] = function(argument, scope, path)
  return assert(json.encode(evaluate(argument, scope, path)))
end

local EXTENSIONS <const> = { ["Fn::Length"] = true, ["Fn::ToJsonString"] = true }

--- The name of the intrinsic function that a table stands for, and its argument; nil for plain data.
---@param value any
---@return string? name
---@return any argument
function intrinsics.call_of(value)
  if type(value) ~= "table" then
    return nil
  end
  local name, argument = next(value)
  if type(name) ~= "string" or next(value, name) ~= nil then
    return nil
  end
  if name == "Ref" and type(argument) == "string" or name:sub(1, 4) == "Fn::" then
    return name, argument
  end
  return nil
end

local function call(name, argument, scope, path)
  local fn = functions[name]
  if not fn then
    complain(path, "this cloud does not know the function %s", name)
  elseif EXTENSIONS[name] and not scope.extensions then
    complain(path, "%s requires the transform AWS::LanguageExtensions", name)
  end
  return fn(argument, scope, path)
end

-- Lists lose their left-out items, objects their left-out fields.
local function evaluate_items(value, scope, path, depth)
  if is_list(value) then
    local list = json.array {}
    for i, item in ipairs(value) do
      local result = evaluate(item, scope, path and path .. "/" .. i - 1, depth)
      if result ~= no_value then
        table.insert(list, result)
      end
    end
    return list
  end
  local object = {}
  for key, item in pairs(value) do
    local result = evaluate(item, scope, path and path .. "/" .. key, depth)
    if result ~= no_value then
      object[key] = result
    end
  end
  return object
end

local function refuse_dynamic(text, path)
  if text:find("{{resolve:", 1, true) then
    complain(path, "this cloud has no store for dynamic references: {{resolve:%s:...}}",
      text:match "{{resolve:([%w-]*)")
  end
end

function evaluate(value, scope, path, depth)
  depth = (depth or 0) + 1
  if depth > MAX_DEPTH then
    complain(path, "nested deeper than %d levels", MAX_DEPTH)
  elseif type(value) == "string" then
    refuse_dynamic(value, path)
    return value
  elseif type(value) ~= "table" or value == no_value then
    return value
  end
  local name, argument = intrinsics.call_of(value)
  if name then
    local result = call(name, argument, scope, path)
    if type(result) == "string" then
      refuse_dynamic(result, path)
    end
    return result
  end
  return evaluate_items(value, scope, path, depth)
end

--- Replaces every intrinsic function in `value` by what it stands for.
---@param value any
---@param scope engine.local.services.cloudformation.Scope
---@param path? string  where the value stands, for messages: "/Resources/Fn/Properties"
---@return any result  `intrinsics.no_value` when nothing is left
function intrinsics.evaluate(value, scope, path)
  return evaluate(value, scope, path)
end

local function operands(argument, path, name)
  if not is_list(argument) or #argument < 2 or #argument > 10 then
    complain(path, "every %s object requires a list of 2 to 10 conditions", name)
  end
  return argument
end

local tests = {}

tests["Condition"] = function(name, scope)
  return scope.condition(name)
end

tests["Fn::Equals"] = function(argument, scope, path)
  if not is_list(argument) or #argument ~= 2 then
    complain(path, "every Fn::Equals object requires a list of two string parameters")
  end
  return text_of(argument[1], scope, path, "a parameter of Fn::Equals")
    == text_of(argument[2], scope, path, "a parameter of Fn::Equals")
end

tests["Fn::Not"] = function(argument, scope, path)
  if not is_list(argument) or #argument ~= 1 then
    complain(path, "every Fn::Not object requires a list with one condition")
  end
  return not intrinsics.test(argument[1], scope, path)
end

tests["Fn::And"] = function(argument, scope, path)
  for _, item in ipairs(operands(argument, path, "Fn::And")) do
    if not intrinsics.test(item, scope, path) then
      return false
    end
  end
  return true
end

tests["Fn::Or"] = function(argument, scope, path)
  for _, item in ipairs(operands(argument, path, "Fn::Or")) do
    if intrinsics.test(item, scope, path) then
      return true
    end
  end
  return false
end

--- Evaluates a condition's definition.
---@param value any
---@param scope engine.local.services.cloudformation.Scope
---@param path? string
---@return boolean
function intrinsics.test(value, scope, path)
  if type(value) == "table" then
    local name, argument = next(value)
    if tests[name] and next(value, name) == nil then
      return tests[name](argument, scope, path)
    end
  end
  local text = scalar_text(value)
  if text == "true" or text == "false" then
    return text == "true"
  end
  return complain(path, "a condition is one of Condition, Fn::And, Fn::Equals, Fn::Not, Fn::Or")
end

return intrinsics
