--- CloudFormation's intrinsics as values. They are the tables that the template will hold, so they
--- can stand wherever a text can; `..` joins them with texts and with each other.
---
---     local cfn = require "laconic.cfn"
---     local url = "https://" .. cfn.ref "Api" .. ".execute-api." .. cfn.region .. ".amazonaws.com"
---     local name = cfn.if_("IsProduction", "orders", cfn.sub "orders-${AWS::StackName}")
---
---@module "laconic.cfn"
local check = require "engine.check"

local cfn = {}

---@class laconic.Intrinsic
---@operator concat(string): laconic.Intrinsic
local intrinsic = { __name = "intrinsic" }

local function make(value)
  return setmetatable(value, intrinsic)
end

-- The parts of a Join without a separator; any other value is a part of its own.
local function parts_of(value)
  local join = type(value) == "table" and value["Fn::Join"]
  local list = type(join) == "table" and join[1] == "" and join[2]
  if type(list) == "table" and #list > 0 then
    return list
  end
  return { value }
end

local function append(parts, value)
  local last = parts[#parts]
  if type(value) == "string" and type(last) == "string" then
    parts[#parts] = last .. value
  elseif value ~= "" then
    table.insert(parts, value)
  end
end

local function check_operand(value)
  if type(value) == "string" or type(value) == "number" or check.is_intrinsic(value) then
    return
  end
  check.type("the operand of ..", value, "text")
end

--- One flat Join, however many values are chained.
function intrinsic.__concat(a, b)
  local parts = {}
  for _, side in ipairs { a, b } do
    check_operand(side)
    for _, part in ipairs(parts_of(type(side) == "number" and tostring(side) or side)) do
      append(parts, part)
    end
  end
  return make { ["Fn::Join"] = { "", parts } }
end

local function show(value)
  if type(value) ~= "table" then
    return ("%q"):format(value)
  end
  local shown = {}
  if #value > 0 then
    for _, item in ipairs(value) do
      table.insert(shown, show(item))
    end
    return "[" .. table.concat(shown, ",") .. "]"
  end
  for key, item in pairs(value) do
    table.insert(shown, ("%q:%s"):format(key, show(item)))
  end
  table.sort(shown)
  return "{" .. table.concat(shown, ",") .. "}"
end

--- As it will stand in the template: {"Ref":"Visits"}.
function intrinsic:__tostring()
  return show(self)
end

local NAME = { type = "string", least = 1 }

-- A name, or the handle of what has that name.
local function id_of(word, value)
  local metatable = getmetatable(value)
  if type(value) == "table" and metatable and metatable.__name == "handle" then
    return value.id
  end
  check.value(word, value, NAME)
  return value
end

--- Ref: the name, or whatever CloudFormation returns for a resource or parameter.
---@param target string|laconic.Handle
---@return laconic.Intrinsic
function cfn.ref(target)
  return make { Ref = id_of("cfn.ref", target) }
end

--- Fn::GetAtt: `cfn.att("Visits", "StreamArn")`.
---@param target string|laconic.Handle
---@param attribute string
---@return laconic.Intrinsic
function cfn.att(target, attribute)
  check.value("cfn.att: attribute", attribute, NAME)
  return make { ["Fn::GetAtt"] = { id_of("cfn.att", target), attribute } }
end

--- Fn::Sub: `cfn.sub "arn:${AWS::Partition}:s3:::${Bucket}"`, with `values` for names of your own.
---@param text string
---@param values? table<string, any>
---@return laconic.Intrinsic
function cfn.sub(text, values)
  check.type("cfn.sub", text, "string")
  if values == nil then
    return make { ["Fn::Sub"] = text }
  end
  check.type("cfn.sub: values", values, "table")
  return make { ["Fn::Sub"] = { text, values } }
end

--- Fn::Join: the items of `list` with `separator` between them.
---@param separator string
---@param list any[]|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.join(separator, list)
  check.type("cfn.join: separator", separator, "string")
  check.type("cfn.join: list", list, "table")
  return make { ["Fn::Join"] = { separator, list } }
end

--- Fn::If: `yes` where the condition of that name holds, else `no`.
---@param condition string|laconic.Handle
---@param yes any
---@param no any  cfn.no_value leaves the property out
---@return laconic.Intrinsic
function cfn.if_(condition, yes, no)
  local name = id_of("cfn.if_", condition)
  if yes == nil or no == nil then
    check.fail("E102", "cfn.if_: two values are needed", "cfn.no_value stands for none")
  end
  return make { ["Fn::If"] = { name, yes, no } }
end

--- Fn::Equals, for conditions.
---@return laconic.Intrinsic
function cfn.equals(a, b)
  if a == nil or b == nil then
    check.fail("E102", "cfn.equals: two values are needed")
  end
  return make { ["Fn::Equals"] = { a, b } }
end

--- { Condition = name }: a condition inside another.
---@param target string|laconic.Handle
---@return laconic.Intrinsic
function cfn.condition(target)
  return make { Condition = id_of("cfn.condition", target) }
end

-- What may stand in a condition: an intrinsic, a condition's handle, or its name.
local function term(word, value)
  if type(value) == "table" and getmetatable(value) ~= nil and getmetatable(value) ~= intrinsic then
    return cfn.condition(value)
  elseif type(value) == "string" then
    return cfn.condition(value)
  end
  check.type(word, value, "table")
  return value
end

local function terms(word, ...)
  local list = table.pack(...)
  if list.n < 2 or list.n > 10 then
    check.fail("E104", ("%s: from 2 to 10 conditions expected, got %d"):format(word, list.n))
  end
  for i = 1, list.n do
    list[i] = term(word, list[i])
  end
  list.n = nil
  return list
end

--- Fn::And of conditions: intrinsics, handles or names.
---@return laconic.Intrinsic
function cfn.and_(...)
  return make { ["Fn::And"] = terms("cfn.and_", ...) }
end

--- Fn::Or of conditions: intrinsics, handles or names.
---@return laconic.Intrinsic
function cfn.or_(...)
  return make { ["Fn::Or"] = terms("cfn.or_", ...) }
end

--- Fn::Not of a condition: an intrinsic, a handle or a name.
---@return laconic.Intrinsic
function cfn.not_(condition)
  return make { ["Fn::Not"] = { term("cfn.not_", condition) } }
end

--- Fn::ImportValue: what another stack exports under that name.
---@param name string|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.import_value(name)
  check.type("cfn.import_value", name, "text")
  return make { ["Fn::ImportValue"] = name }
end

--- Fn::Select: item `index` of a list, counted from 0 as CloudFormation does.
---@param index integer
---@param list any[]|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.select(index, list)
  check.value("cfn.select: index", index, { type = "integer", least = 0 })
  check.type("cfn.select: list", list, "table")
  return make { ["Fn::Select"] = { index, list } }
end

--- Fn::Split: a text → a list.
---@param separator string
---@param text string|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.split(separator, text)
  check.type("cfn.split: separator", separator, "string")
  check.type("cfn.split: text", text, "text")
  return make { ["Fn::Split"] = { separator, text } }
end

--- Fn::FindInMap: a value of service:mapping.
---@param mapping string|laconic.Handle
---@param first string|laconic.Intrinsic
---@param second string|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.find_in_map(mapping, first, second)
  check.type("cfn.find_in_map: first key", first, "text")
  check.type("cfn.find_in_map: second key", second, "text")
  return make { ["Fn::FindInMap"] = { id_of("cfn.find_in_map", mapping), first, second } }
end

--- Fn::Base64.
---@param text string|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.base64(text)
  check.type("cfn.base64", text, "text")
  return make { ["Fn::Base64"] = text }
end

--- Fn::GetAZs: the availability zones of a region, by default the stack's.
---@param region? string|laconic.Intrinsic
---@return laconic.Intrinsic
function cfn.get_azs(region)
  check.type("cfn.get_azs", region or "", "text")
  return make { ["Fn::GetAZs"] = region or "" }
end

--- Fn::Cidr: `count` blocks out of one, each with `bits` for its hosts.
---@param block string|laconic.Intrinsic
---@param count integer
---@param bits? integer
---@return laconic.Intrinsic
function cfn.cidr(block, count, bits)
  check.type("cfn.cidr: block", block, "text")
  check.value("cfn.cidr: count", count, { type = "integer", least = 1, most = 256 })
  return make { ["Fn::Cidr"] = { block, count, bits } }
end

cfn.account_id = make { Ref = "AWS::AccountId" }
cfn.no_value = make { Ref = "AWS::NoValue" }
cfn.partition = make { Ref = "AWS::Partition" }
cfn.region = make { Ref = "AWS::Region" }
cfn.stack_id = make { Ref = "AWS::StackId" }
cfn.stack_name = make { Ref = "AWS::StackName" }
cfn.url_suffix = make { Ref = "AWS::URLSuffix" }

return setmetatable(cfn, {
  __index = function(_, name)
    check.fail("E101", "cfn: " .. check.unknown("field", name, cfn))
  end,
})
