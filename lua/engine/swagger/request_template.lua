--- The request template of an operation: what API Gateway makes of a request for the function.
---
---     { "module": …, "function": …, "cognitoIdentityId": …, "cognitoIdentityPoolId": …, "sourceIp": …,
---       "parameters": { name: value, … },       what the operation declares, if anything
---       "required": [ name, … ],                which of them must be there
---       "types": { name: type, … } }            what they must be
---
--- Whatever a client sends, the outcome is JSON, and no value becomes more than a value: a number or
--- a truth value is written bare when it looks exactly like one, else as a text, which the dispatcher
--- refuses because of "types". Those stand in the template, so that they cost a start nothing.
local json = require "host.json"
local order = require "engine.order"
local text = require "engine.swagger.text"

local request_template = {}

local IDENTITY <const> = { "cognitoIdentityId", "cognitoIdentityPoolId", "sourceIp" }

-- What is the JSON of its type, to the letter; 18 digits are within 64 bits, and 99 within a double.
-- What is longer is sent as a text, which the dispatcher reads.
local LOOKS <const> = {
  integer = "-?(0|[1-9][0-9]{0,17})",
  number = "-?(0|[1-9][0-9]{0,17})([.][0-9]{1,18})?([eE][+-]?[0-9]{1,2})?",
  boolean = "true|false",
}

local SOURCES <const> = { path = "$path", query = "$query" }

local DECODABLE <const> = "[^%]*(%[0-9A-Fa-f]{2}[^%]*)*"

-- A path comes as it was sent. What cannot be decoded stays as it is: decoding it would be an error.
local DECODE <const> = "#if($v.matches('" .. DECODABLE .. "'))#set($v = $util.urlDecode($v))#end"

local function value_of(parameter, source)
  local set = ("#set($v = %s.get(%s))"):format(source, text.literal(parameter.name))
  local looks = not parameter.is_json and LOOKS[parameter.type]
  if looks then
    return ("%s#if($v.matches('%s'))$v#{else}%s#end"):format(set, looks, text.quoted "$v")
  elseif parameter.location == "path" then
    return set .. DECODE .. text.quoted "$v"
  end
  return set .. text.quoted "$v"
end

-- Null is as good as absent, as nothing but blanks is. `$body` is the text without those around it.
local function of_body()
  return "#if($input.body == '{}' || $body == '' || $body == 'null')null#{else}$input.json('$')#end"
end

local IS_TEXT <const> = [[$body.startsWith('"') && ($body == '""' || $input.path('$') != '')]]

-- What is no JSON is an empty text once it was read. Where a text may stand, the look of what was sent
-- tells what the dispatcher must find: "JSON" is what it never finds.
local SENT <const> = {
  string = ("#if(%s)string#{else}JSON#end"):format(IS_TEXT),
  any = "#if($body.startsWith('{'))object#elseif($body.startsWith('['))array"
    .. ("#elseif(%s)string"):format(IS_TEXT)
    .. "#elseif($body.matches('-?[0-9][0-9.eE+-]*'))number"
    .. "#elseif($body.matches('true|false'))boolean#{else}JSON#end",
}

local function entry_of(parameter)
  local name = text.inert(parameter.name)
  if parameter.location == "body" then
    return ("    %s: %s"):format(name, of_body())
  end
  local source = SOURCES[parameter.location]
  local absent = "null"
  if parameter.location == "query" and parameter.default ~= nil then
    local default = parameter.default
    absent = text.inert(parameter.is_json and json.encode(default) or default)
  end
  return ("    %s: #if(%s.containsKey(%s))%s#{else}%s#end"):format(name, source,
    text.literal(parameter.name), value_of(parameter, source), absent)
end

-- A query's list is sent as a text, which the dispatcher takes apart; so is JSON.
local function type_of(parameter)
  if parameter.location == "body" then
    local sent = SENT[parameter.type or "any"]
    return sent and '"' .. sent .. '"' or text.inert(parameter.type)
  elseif parameter.is_json then
    return text.inert { json = parameter.type or "any" }
  elseif parameter.type == "array" then
    return text.inert { items = parameter.items or "string", separator = parameter.separator }
  elseif parameter.type ~= "string" then
    return text.inert(parameter.type)
  end
end

local function declared(parameters)
  local required, types = json.array {}, {}
  for _, parameter in ipairs(parameters) do
    if parameter.required then
      table.insert(required, parameter.name)
    end
    types[parameter.name] = type_of(parameter)
  end
  local lines, entries = {}, {}
  if #required > 0 then
    table.insert(lines, '  "required": ' .. text.inert(required))
  end
  for _, name in ipairs(order.keys(types)) do
    table.insert(entries, text.inert(name) .. ":" .. types[name])
  end
  if #entries > 0 then
    table.insert(lines, '  "types": {' .. table.concat(entries, ",") .. "}")
  end
  return lines
end

local function with_parameters(members, parameters)
  local entries = {}
  for i, parameter in ipairs(parameters) do
    entries[i] = entry_of(parameter)
  end
  table.insert(members, '  "parameters": {\n' .. table.concat(entries, ",\n") .. "\n  }")
  for _, line in ipairs(declared(parameters)) do
    table.insert(members, line)
  end
end

local HEAD <const> = "#set($path = $input.params().path)\n"
  .. "#set($query = $input.params().querystring)\n"
local HEAD_OF_BODY <const> = "#set($body = $input.body.trim())\n"

local function head_of(parameters)
  for _, parameter in ipairs(parameters) do
    if parameter.location == "body" then
      return HEAD .. HEAD_OF_BODY
    end
  end
  return #parameters > 0 and HEAD or ""
end

--- The template of an operation.
---@param operation engine.swagger.Operation
---@return string
function request_template.of(operation)
  local members = {
    '  "module": ' .. text.inert(operation.module),
    '  "function": ' .. text.inert(operation.function_name),
  }
  for _, name in ipairs(IDENTITY) do
    table.insert(members, ('  "%s": "$context.identity.%s"'):format(name, name))
  end
  if #operation.parameters > 0 then
    with_parameters(members, operation.parameters)
  end
  return head_of(operation.parameters) .. "{\n" .. table.concat(members, ",\n")
    .. operation.request_content .. "\n}"
end

return request_template
