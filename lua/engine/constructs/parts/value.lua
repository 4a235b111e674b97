--- Values of a template: intrinsics by name, and what several constructs make of them alike.
local order = require "engine.order"

local value = {}

function value.ref(id)
  return { Ref = id }
end

function value.att(id, attribute)
  return { ["Fn::GetAtt"] = { id, attribute } }
end

--- A text with "${Name}" and "${Name.Attribute}" in it.
function value.sub(text)
  return { ["Fn::Sub"] = text }
end

--- Texts and intrinsics, joined.
function value.join(...)
  return { ["Fn::Join"] = { "", { ... } } }
end

--- Texts and intrinsics, parted by commas.
---@param list any[]
---@return string|table
function value.listed(list)
  local parts, is_text = {}, true
  for i, item in ipairs(list) do
    is_text = is_text and type(item) == "string"
    parts[i] = item
  end
  return is_text and table.concat(parts, ",") or { ["Fn::Join"] = { ",", parts } }
end

--- A static value of a header, as API Gateway wants it: in quotes.
---@param text string|table
---@return string|table
function value.quoted(text)
  return type(text) == "table" and value.join("'", text, "'") or "'" .. text .. "'"
end

--- { Key, Value } for each tag, in the order of keys; nil when there are none.
---@param tags? table<string, any>
---@return table[]?
function value.tags(tags)
  if not tags then
    return nil
  end
  local list = {}
  for _, key in ipairs(order.keys(tags)) do
    table.insert(list, { Key = key, Value = tags[key] })
  end
  return list
end

--- The ARN of a function that a method or an authorizer calls.
---@param target { id?: string, arn?: table }
---@return table
function value.function_arn(target)
  return target.arn or value.att(target.id, "Arn")
end

--- What API Gateway calls to invoke a function.
---@param target { id?: string, arn?: table }
---@return table
function value.invocation_uri(target)
  return value.join("arn:", value.ref "AWS::Partition", ":apigateway:", value.ref "AWS::Region",
    ":lambda:path/2015-03-31/functions/", value.function_arn(target), "/invocations")
end

--- The ARN of something of an API: "/prod/GET/todos/*".
---@param api_id string  logical
---@param ... any        texts and intrinsics
---@return table
function value.execute_arn(api_id, ...)
  return value.join("arn:", value.ref "AWS::Partition", ":execute-api:", value.ref "AWS::Region",
    ":", value.ref "AWS::AccountId", ":", value.ref(api_id), ...)
end

return value
