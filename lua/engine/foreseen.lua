--- What CloudFormation will make of a template's values, as far as it is known before there is a stack:
--- for texts that it does not get to see, such as an API's description in S3. It takes two steps:
--- `reduced`, which needs no network, leaves of all intrinsics those that tell where the stack will be;
--- `filled` puts in the place.
local order = require "engine.order"
local place = require "engine.swagger.place"
local twin = require "engine.twin"

local foreseen = {}

--- Where a stack is: what pseudo parameters become, by their names.
---@alias engine.StackPlace table<string, string>

-- Pseudo parameters that are known as soon as it is known who provisions where.
local KNOWN <const> = {
  ["AWS::AccountId"] = true, ["AWS::Partition"] = true, ["AWS::Region"] = true,
  ["AWS::StackName"] = true, ["AWS::URLSuffix"] = true,
}

local function join(parts)
  return { ["Fn::Join"] = { "", parts } }
end

local function ref(name)
  return { Ref = name }
end

local function arn(service, region, rest)
  return join { "arn:", ref "AWS::Partition", (":%s:"):format(service), region, ":",
    ref "AWS::AccountId", table.unpack(rest) }
end

-- Resources whose names their author may choose, and what follows from a name.
local NAMED <const> = {
  ["AWS::Lambda::Function"] = {
    field = "FunctionName",
    arn = function(name)
      return arn("lambda", ref "AWS::Region", { ":function:", name })
    end,
  },
  ["AWS::IAM::Role"] = {
    field = "RoleName",
    arn = function(name, properties)
      return arn("iam", "", { ":role", properties.Path or "/", name })
    end,
  },
}

-- { Ref = "X" } → "Ref", "X". A schema's property may be called Ref; what it leads to is no text.
local function intrinsic(value)
  local name, argument = next(value)
  if name == nil or next(value, name) ~= nil or type(name) ~= "string" then
    return nil
  elseif name:find "^Fn::" or name == "Ref" and type(argument) == "string" then
    return name, argument
  end
end

local reduce

local function unknown(value, here, run)
  table.insert(run.unknown, here)
  return value
end

local function named(id, run)
  local resource = run.resources[id]
  local kind = type(resource) == "table" and NAMED[resource.Type]
  local properties = kind and resource.Properties
  local name = type(properties) == "table" and properties[kind.field]
  if name then
    run.named[id] = true
    return name, kind, properties
  end
end

local function reduced_ref(value, id, here, run)
  local name = not KNOWN[id] and named(id, run)
  if name then
    return reduce(name, here, run)
  end
  return KNOWN[id] and value or unknown(value, here, run)
end

local function reduced_attribute(value, target, here, run)
  local id, attribute
  if type(target) == "table" then
    id, attribute = target[1], target[2]
  else
    id, attribute = tostring(target):match "^([^.]+)%.(.+)$"
  end
  local name, kind, properties = named(id, run)
  if not name or attribute ~= "Arn" then
    return unknown(value, here, run)
  end
  return reduce(kind.arn(name, properties), here, run)
end

local function reduced_join(value, argument, here, run)
  local separator, list = argument[1], argument[2]
  if type(separator) ~= "string" or type(list) ~= "table" or intrinsic(list) then
    return unknown(value, here, run)
  end
  local parts = {}
  for i, part in ipairs(list) do
    parts[i] = reduce(part, here, run)
  end
  return { ["Fn::Join"] = { separator, parts } }
end

-- What stands between "${" and "}" of a text for Fn::Sub.
local function reduced_name(name, variables, here, run)
  if name:sub(1, 1) == "!" then
    return ("${%s}"):format(name:sub(2))
  elseif variables[name] ~= nil then
    return reduce(variables[name], here, run)
  elseif name:find(".", 1, true) then
    return reduce({ ["Fn::GetAtt"] = name }, here, run)
  end
  return reduce(ref(name), here, run)
end

local function reduced_sub(value, argument, here, run)
  local text, variables = argument, {}
  if type(argument) == "table" then
    text, variables = argument[1], argument[2]
  end
  if type(text) ~= "string" or type(variables) ~= "table" then
    return unknown(value, here, run)
  end
  local parts, from = {}, 1
  for first, name, after in text:gmatch "()%${([^}]*)}()" do
    table.insert(parts, text:sub(from, first - 1))
    table.insert(parts, reduced_name(name, variables, here, run))
    from = after
  end
  table.insert(parts, text:sub(from))
  return join(parts)
end

local REDUCE <const> = {
  Ref = reduced_ref,
  ["Fn::GetAtt"] = reduced_attribute,
  ["Fn::Join"] = reduced_join,
  ["Fn::Sub"] = reduced_sub,
}

function reduce(value, here, run)
  if type(value) == "string" then
    -- A dynamic reference: CloudFormation would look the value up.
    return value:find("{{resolve:", 1, true) and unknown(value, here, run) or value
  elseif type(value) ~= "table" then
    return value
  end
  local name, argument = intrinsic(value)
  if name then
    local by = REDUCE[name]
    return by and by(value, argument, here, run) or unknown(value, here, run)
  end
  return twin.of(value, function(item, key)
    return reduce(item, place.below(here, key), run)
  end)
end

--- A copy whose intrinsics tell of the stack's place alone; and where others, which only the stack
--- can answer, were left as they are.
---@param value table
---@param template table  that it is part of
---@return table reduced
---@return string[] unknown  places in `value`, sorted: "paths./player.get.security"
---@return string[] named  the logical ids of the resources whose names it holds now, sorted
function foreseen.reduced(value, template)
  local run = { resources = template.Resources, unknown = {}, named = {} }
  local result = reduce(value, place.ROOT, run)
  local places = {}
  for i, here in ipairs(run.unknown) do
    places[i] = place.text(here)
  end
  table.sort(places)
  return result, places, order.keys(run.named)
end

--- What CloudFormation makes of a reduced value in a stack.
---@param value any
---@param stack engine.StackPlace
---@return any
function foreseen.filled(value, stack)
  if type(value) ~= "table" then
    return value
  end
  local name, argument = intrinsic(value)
  if name == "Ref" then
    return assert(stack[argument], argument)
  elseif name == "Fn::Join" then
    local parts = {}
    for i, part in ipairs(argument[2]) do
      parts[i] = tostring(foreseen.filled(part, stack))
    end
    return table.concat(parts, argument[1])
  end
  return twin.of(value, function(item)
    return foreseen.filled(item, stack)
  end)
end

return foreseen
