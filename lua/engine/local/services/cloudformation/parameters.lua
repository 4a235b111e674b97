--- Template parameters: what the caller gave, checked against what the template declares.
local fault = require "engine.local.fault"
local json = require "host.json"
local order = require "engine.order"
local pattern = require "engine.local.services.cloudformation.pattern"

local parameters = {}

local MASK <const> = "****"
local MAX_VALUE_BYTES <const> = 4096

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

local function text_of(value)
  if type(value) == "table" then
    local parts = {}
    for _, item in ipairs(value) do
      table.insert(parts, tostring(item))
    end
    return table.concat(parts, ",")
  end
  return value ~= nil and tostring(value) or nil
end

--- A value of the template as text: lists joined with commas; nil stays nil.
parameters.text = text_of

local function is_list(kind)
  return kind == "CommaDelimitedList" or kind:find "^List<" ~= nil
end

local function split(text)
  local items = json.array {}
  if text ~= "" then
    for item in (text .. ","):gmatch "(.-)," do
      table.insert(items, item:match "^%s*(.-)%s*$")
    end
  end
  return items
end

local function is_allowed(declaration, item)
  for _, allowed in ipairs(declaration.AllowedValues) do
    if text_of(allowed) == item then
      return true
    end
  end
  return false
end

local function constraint(name, declaration, otherwise)
  if declaration.ConstraintDescription then
    complain("Parameter '%s' failed to satisfy constraint: %s", name,
      tostring(declaration.ConstraintDescription))
  end
  complain("Parameter '%s' %s", name, otherwise)
end

local function check_number(name, declaration, item)
  local number = tonumber(item)
  if not number then
    complain("Parameter '%s' must be a number.", name)
  end
  local least, most = tonumber(declaration.MinValue), tonumber(declaration.MaxValue)
  if least and number < least then
    constraint(name, declaration, "must be a number not less than " .. least)
  elseif most and number > most then
    constraint(name, declaration, "must be a number not greater than " .. most)
  end
end

local function check_text(name, declaration, item)
  local least, most = tonumber(declaration.MinLength), tonumber(declaration.MaxLength)
  local length = utf8.len(item) or #item
  if least and length < least then
    constraint(name, declaration, ("must contain at least %d characters"):format(least))
  elseif most and length > most then
    constraint(name, declaration, ("must contain at most %d characters"):format(most))
  elseif declaration.AllowedPattern then
    local matches, reason = pattern.matches(declaration.AllowedPattern, item)
    if matches == nil then
      complain("Parameter '%s': this cloud cannot apply its AllowedPattern: %s", name, reason)
    elseif not matches then
      constraint(name, declaration, "must match pattern " .. declaration.AllowedPattern)
    end
  end
end

local function check_value(name, declaration, text)
  local kind = declaration.Type
  if #text > MAX_VALUE_BYTES then
    complain("Parameter '%s' must contain at most %d characters", name, MAX_VALUE_BYTES)
  elseif kind:find "^AWS::SSM::" then
    complain("Parameter '%s': this cloud has no parameter store to resolve %s", name, kind)
  end
  local is_number = kind == "Number" or kind == "List<Number>"
  for _, item in ipairs(is_list(kind) and split(text) or { text }) do
    if declaration.AllowedValues and not is_allowed(declaration, item) then
      constraint(name, declaration, "must be one of AllowedValues")
    end
    (is_number and check_number or check_text)(name, declaration, item)
  end
end

--- The value of every parameter as text.
---@param declarations table<string, table>  the template's Parameters
---@param given { name: string, value?: string, use_previous?: boolean }[]
---@param previous? table<string, string>    the values of the stack as it is
---@return table<string, string>
function parameters.resolve(declarations, given, previous)
  local values, unknown, missing = {}, {}, {}
  for _, parameter in ipairs(given) do
    if not declarations[parameter.name] then
      unknown[parameter.name] = true
    elseif parameter.use_previous then
      if not (previous and previous[parameter.name]) then
        complain("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for "
          .. "a parameter key not in the previous template", parameter.name)
      end
      values[parameter.name] = previous[parameter.name]
    else
      values[parameter.name] = parameter.value
    end
  end
  if next(unknown) then
    complain("Parameters: [%s] do not exist in the template",
      table.concat(order.keys(unknown), ", "))
  end
  for _, name in ipairs(order.keys(declarations)) do
    values[name] = values[name] or text_of(declarations[name].Default)
    if not values[name] then
      table.insert(missing, name)
    end
  end
  if #missing > 0 then
    complain("Parameters: [%s] must have values", table.concat(missing, ", "))
  end
  for _, name in ipairs(order.keys(values)) do
    check_value(name, declarations[name], values[name])
  end
  return values
end

--- What Ref gives for a parameter: a text, or a list of texts.
---@param declaration table
---@param text string
---@return string|string[]
function parameters.value(declaration, text)
  return is_list(declaration.Type) and split(text) or text
end

--- The parameters as DescribeStacks shows them, in the order of their names: NoEcho ones masked.
---@param declarations table<string, table>
---@param values table<string, string>
---@return { ParameterKey: string, ParameterValue: string }[]
function parameters.shown(declarations, values)
  local list = {}
  for _, name in ipairs(order.keys(values)) do
    local no_echo = text_of((declarations[name] or {}).NoEcho) == "true"
    table.insert(list, { ParameterKey = name, ParameterValue = no_echo and MASK or values[name] })
  end
  return list
end

return parameters
