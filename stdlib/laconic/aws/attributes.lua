--- Message attributes of SQS and SNS as plain values: texts, numbers, and bytes.
---
---     { who = "ada", tries = 3 }  ⇄  { who = { DataType = "String", StringValue = "ada" }, … }
---@module "laconic.aws.attributes"
local check = require "engine.check"

local attributes = {}

local function write_one(name, value)
  if type(value) == "string" then
    return { DataType = "String", StringValue = value }
  elseif math.type(value) == "integer" then
    return { DataType = "Number", StringValue = ("%d"):format(value) }
  elseif type(value) == "number" then
    return { DataType = "Number", StringValue = ("%.17g"):format(value) }
  elseif type(value) == "table" and type(value.bytes) == "string" then
    local digest = require "host.digest"
    return { DataType = "Binary", BinaryValue = digest.to_base64(value.bytes) }
  elseif type(value) == "table" and type(value.DataType) == "string" then
    return value
  end
  check.fail("E103", ("attributes.%s: a string, a number, { bytes = … } or AWS's own form expected")
    :format(name))
end

--- As AWS wants them; nil for none.
---@param map? table<string, any>
---@return table?
function attributes.write(map)
  if not map or not next(map) then
    return nil
  end
  local written = {}
  for name, value in pairs(map) do
    written[name] = write_one(name, value)
  end
  return written
end

local function read_one(value)
  local kind = value.DataType or ""
  if kind:find "^Number" then
    return math.tointeger(value.StringValue) or tonumber(value.StringValue)
  elseif kind:find "^Binary" then
    return { bytes = (require("host.digest").from_base64(value.BinaryValue or "")) }
  end
  return value.StringValue
end

--- As plain values.
---@param map? table<string, table>
---@return table<string, any>
function attributes.read(map)
  local plain = {}
  for name, value in pairs(map or {}) do
    plain[name] = read_one(value)
  end
  return plain
end

return attributes
