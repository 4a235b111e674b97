--- What CloudWatch takes of metrics, dimensions and properties: what a handler says is checked here, at
--- its author's line.
---@module "laconic.metrics.rules"
local check = require "engine.check"
local json = require "host.json"
local order = require "engine.order"

local rules = {}

local MOST_DIMENSIONS = 30
local MOST_PROPERTY_BYTES = 64 * 1024
local LARGEST = 2.0 ^ 360 -- what CloudWatch takes

local UNITS = {
  "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes",
  "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count",
  "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second",
  "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second",
  "Count/Second", "None",
}

local function test_name(name)
  if not utf8.len(name) then
    return "the name is not UTF-8"
  elseif name == "_aws" then
    return "'_aws' is the format's own"
  end
end

local function test_namespace(name)
  if not name:match "^[%w._/#: -]+$" then
    return ("'%s': letters, digits, spaces and ._-/#: expected"):format(name)
  elseif name:match "^AWS/" then
    return "'AWS/' is AWS's own"
  end
end

local function test_dimension(text)
  if not text:match "^[\32-\126]+$" or not text:match "%S" then
    return "printable ASCII expected"
  end
end

local function test_dimension_name(name)
  return name:match "^:" and "a name begins with no ':'" or test_name(name) or test_dimension(name)
end

local NAME = { type = "string", least = 1, most = 255, test = test_name }
local UNIT = { one_of = UNITS }
local OPTIONS = { resolution = { one_of = { 1, 60 } } }
local DIMENSION_NAME = { type = "string", least = 1, most = 250, test = test_dimension_name }
local DIMENSION_VALUE = { type = "string", least = 1, most = 1024, test = test_dimension }

local CONFIGURE = {
  namespace = { type = "string", least = 1, most = 255, test = test_namespace },
  dimensions = { each = { type = "table" }, least = 1 },
  properties = { type = "table" },
  cold_start = { type = "boolean" },
  write = { type = "function" },
}

local known_units = { None = true }
for _, unit in ipairs(UNITS) do
  known_units[unit] = true
end

--- Sets as the author said them → { values: name → text, sets: sorted names of each set }.
---@param word string
---@param said table<string, string|number>[]
---@return { values: table<string, string>, sets: string[][] }
function rules.dimensions(word, said)
  local dimensions, count = { values = {}, sets = json.array {} }, 0
  for i, set in ipairs(said) do
    local path = ("%s[%d]"):format(word, i)
    check.type(path, set, "table")
    for name, value in pairs(set) do
      check.value(path .. " (the name)", name, DIMENSION_NAME)
      local text = math.type(value) and tostring(value) or value
      check.value(path .. "." .. name, text, DIMENSION_VALUE)
      local other = dimensions.values[name]
      if other and other ~= text then
        check.fail("E104", ("%s.%s: has two values in one document"):format(path, name))
      end
      count = other and count or count + 1
      dimensions.values[name] = text
    end
    table.insert(dimensions.sets, json.array(order.keys(set)))
  end
  if count > MOST_DIMENSIONS then
    check.fail("E104", ("%s: must be at most %d, got %d"):format(word, MOST_DIMENSIONS, count))
  end
  return dimensions
end

--- Checks a property, and returns the bytes that it takes.
---@param word string
---@param name string
---@param value any
---@return integer bytes
function rules.property(word, name, value)
  check.value(word .. " (the name)", name, NAME)
  local text, problem = json.encode(value)
  if not text then
    check.fail("E103", ("%s '%s': %s"):format(word, name, problem.message))
  end
  return #name + #text
end

--- Checks what the properties of a document take together.
---@param word string
---@param bytes integer
function rules.property_bytes(word, bytes)
  if bytes > MOST_PROPERTY_BYTES then
    local text = "%s: must be at most %d bytes of properties, got %d"
    check.fail("E104", text:format(word, MOST_PROPERTY_BYTES, bytes))
  end
end

--- Checks properties, and returns the bytes that they take.
---@param word string
---@param said table<string, any>
---@return integer bytes
function rules.properties(word, said)
  local bytes = 0
  for name, value in pairs(said) do
    bytes = bytes + rules.property(word, name, value)
  end
  rules.property_bytes(word, bytes)
  return bytes
end

local function check_value(name, value)
  check.type("metrics.put: value of " .. name, value, "number")
  if value ~= value or value > LARGEST or value < -LARGEST then
    check.fail("E104", ("metrics.put: value of %s: %s is no number for CloudWatch"):format(name,
      tostring(value)))
  end
end

--- Checks a value that is put.
---@param name string
---@param value number
---@param unit? string
---@param options? laconic.PutOptions
function rules.put(name, value, unit, options)
  check.value("metrics.put: name", name, NAME)
  check_value(name, value)
  if not known_units[unit or "None"] then
    check.value("metrics.put: unit", unit, UNIT)
  end
  if options ~= nil then
    check.fields("metrics.put: options", options, OPTIONS)
  end
end

--- Checks what is to hold for all invocations.
---@param options laconic.MetricOptions
function rules.configure(options)
  check.fields("metrics.configure", options, CONFIGURE)
end

return rules
