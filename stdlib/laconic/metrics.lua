--- Metrics out of a handler, in CloudWatch's Embedded Metric Format: lines on standard output that
--- CloudWatch reads from the function's log. No call to AWS, no waiting, no permission.
---
---     local metrics = require "laconic.metrics"
---     metrics.configure { namespace = "Shop", cold_start = true }
---
---     local function handler(event)
---       metrics.put("Orders", 1, "Count")
---       metrics.put("Price", event.price)
---       metrics.property("order", event.id)
---     end
---
--- What was put is written at the end of the invocation, also of one that fails or is stopped before
--- its deadline. The lines are the same under every log format.
---
---@module "laconic.metrics"
local check = require "engine.check"
local clock = require "host.clock"
local current = require "engine.runtime.current"
local json = require "host.json"
local order = require "engine.order"

local metrics = {}

--- What holds for all invocations from now on.
---@class laconic.MetricOptions
---@field namespace? string       default: the stack's name
---@field dimensions? table[]     sets of name → value; default { { Function = its name } }
---@field properties? table<string, any>  in every document
---@field cold_start? boolean     count the first invocation of each process as ColdStart
---@field write? fun(line: string)  where documents go; default: standard output. For tests

---@class laconic.PutOptions
---@field resolution? 1|60        seconds; default 60

local MOST_METRICS = 100 -- in a document, by the format's rules; and of a metric so many values
local MOST_VALUES = 100
local MOST_DIMENSIONS = 30
local MOST_BYTES = 128 * 1024 -- of names and values; with all the rest a log event holds 256 KB
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

local function write_line(line)
  io.stdout:write(line, "\n")
end

-- Sets as the author said them → { values: name → text, sets: sorted names of each set }.
local function read_dimensions(word, said)
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

local function check_property(word, name, value)
  check.value(word .. " (the name)", name, NAME)
  local text, problem = json.encode(value)
  if not text then
    check.fail("E103", ("%s '%s': %s"):format(word, name, problem.message))
  end
  return #name + #text
end

local function read_properties(word, said)
  local bytes = 0
  for name, value in pairs(said) do
    bytes = bytes + check_property(word, name, value)
  end
  if bytes > MOST_PROPERTY_BYTES then
    local text = "%s: must be at most %d bytes, got %d"
    check.fail("E104", text:format(word, MOST_PROPERTY_BYTES, bytes))
  end
  return bytes
end

-- "orders_take" of the function "take" → "orders".
local function stack_name()
  local full, own = os.getenv "AWS_LAMBDA_FUNCTION_NAME" or "", os.getenv "_HANDLER" or ""
  return full:sub(-#own - 1) == "_" .. own and full:sub(1, -#own - 2) or "Laconic"
end

local function function_dimension()
  local name = os.getenv "_HANDLER" or ""
  return { values = { Function = name ~= "" and name or "none" }, sets = { { "Function" } } }
end

local settings = { properties = {}, property_bytes = 0 }
local document -- what will be written; nil when nothing was put since
local dimensions -- of this invocation, when it said its own
local own = {} -- the properties of this invocation
local own_bytes = {} -- name → what it takes

local function dimensions_at_hand()
  settings.dimensions = settings.dimensions or function_dimension()
  return dimensions or settings.dimensions
end

local function new_document()
  return { begun = clock.now(), names = {}, by_name = {}, bytes = 0 }
end

-- The members beside the metrics: properties, the invocation, dimensions; the later wins.
local function beside(values)
  local members = {}
  for _, group in ipairs {
    settings.properties, own,
    {
      request_id = current.request_id(),
      function_name = os.getenv "AWS_LAMBDA_FUNCTION_NAME",
    },
    values,
  } do
    for name, value in pairs(group) do
      members[name] = value
    end
  end
  return members
end

local function write(finished, of)
  local members = beside(of.values)
  local definitions = json.array {}
  for i, name in ipairs(finished.names) do
    local metric = finished.by_name[name]
    definitions[i] = { Name = name, Unit = metric.unit, StorageResolution = metric.resolution }
    members[name] = #metric.values == 1 and metric.values[1] or json.array(metric.values)
  end
  members._aws = {
    Timestamp = math.floor(finished.begun * 1000),
    CloudWatchMetrics = {
      {
        Namespace = settings.namespace or stack_name(),
        Dimensions = of.sets,
        Metrics = definitions,
      },
    },
  }
  local put = settings.write or write_line
  put(assert(json.encode(members)))
end

--- Sets what holds for all invocations from now on; usually said at the top of the service file.
---@param options laconic.MetricOptions
function metrics.configure(options)
  check.fields("metrics.configure", options, CONFIGURE)
  local word = "metrics.configure.properties"
  local bytes = read_properties(word, options.properties or {})
  local sets = options.dimensions
    and read_dimensions("metrics.configure.dimensions", options.dimensions)
  metrics.flush()
  settings = {
    namespace = options.namespace,
    dimensions = sets,
    properties = options.properties or {},
    property_bytes = bytes,
    cold_start = options.cold_start,
    write = options.write,
  }
end

local function taken(name)
  return dimensions_at_hand().values[name] and "a dimension"
    or (own[name] ~= nil or settings.properties[name] ~= nil) and "a property"
    or (name == "request_id" or name == "function_name") and "a property of every document"
end

local function add_metric(name, unit, resolution)
  local other = taken(name)
  if other then
    check.fail("E106", ("metrics.put: '%s' is %s already"):format(name, other))
  end
  if #document.names == MOST_METRICS then
    metrics.flush()
    document = new_document()
  end
  local metric = { unit = unit, resolution = resolution, values = {} }
  document.by_name[name] = metric
  table.insert(document.names, name)
  document.bytes = document.bytes + 2 * #name + 80 -- its definition, and its member
  return metric
end

local function check_value(name, value)
  check.type("metrics.put: value of " .. name, value, "number")
  if value ~= value or value > LARGEST or value < -LARGEST then
    check.fail("E104", ("metrics.put: value of %s: %s is no number for CloudWatch"):format(name,
      tostring(value)))
  end
end

--- Puts a value of a metric. Several of one name become a list of values, of which CloudWatch makes
--- its statistics.
---@param name string
---@param value number
---@param unit? string  "Count", "Milliseconds", "Bytes", "Percent", … as CloudWatch has them; default "None"
---@param options? laconic.PutOptions
function metrics.put(name, value, unit, options)
  check.value("metrics.put: name", name, NAME)
  check_value(name, value)
  if not known_units[unit or "None"] then
    check.value("metrics.put: unit", unit, UNIT)
  end
  if options ~= nil then
    check.fields("metrics.put: options", options, OPTIONS)
  end
  local resolution = options and options.resolution
  document = document or new_document()
  local metric = document.by_name[name]
  if metric and (metric.unit ~= unit or metric.resolution ~= resolution) then
    check.fail("E104", ("metrics.put: %s was put with another unit or resolution"):format(name))
  elseif metric and #metric.values == MOST_VALUES or document.bytes > MOST_BYTES then
    metrics.flush()
    document, metric = new_document(), nil
  end
  metric = metric or add_metric(name, unit, resolution)
  table.insert(metric.values, value)
  document.bytes = document.bytes + 24
end

--- Says which dimensions the metrics of this invocation have from here on. Each set makes a metric of
--- its own in CloudWatch; `{}` is the one without any. What was put before is written as it was.
---
---     metrics.dimensions({ Shop = "Riga" }, { Shop = "Riga", Till = "3" })
---@param ... table<string, string|number>  at least one set; 30 names in all
function metrics.dimensions(...)
  check.value("metrics.dimensions", { ... }, { each = { type = "table" }, least = 1 })
  local said = read_dimensions("metrics.dimensions", { ... })
  metrics.flush()
  dimensions = said
end

--- Adds a property to the documents of this invocation: it is found in the log, and is no metric.
---@param name string
---@param value any  what JSON can say; nil takes it away
function metrics.property(name, value)
  local bytes = value ~= nil and check_property("metrics.property", name, value) or nil
  local total = settings.property_bytes + (bytes or 0)
  for other, taken_by_it in pairs(own_bytes) do
    total = total + (other ~= name and taken_by_it or 0)
  end
  if total > MOST_PROPERTY_BYTES then
    local text = "metrics.property: must be at most %d bytes of properties, got %d"
    check.fail("E104", text:format(MOST_PROPERTY_BYTES, total))
  elseif document and document.by_name[name] then
    check.fail("E106", ("metrics.property: '%s' is a metric already"):format(name))
  end
  own[name], own_bytes[name] = value, bytes
end

--- Writes what was put so far. It is called by itself at the end of each invocation.
function metrics.flush()
  local finished = document
  document = nil
  if finished and #finished.names > 0 then
    write(finished, dimensions_at_hand())
  end
end

local function write_cold_start()
  local metric = { unit = "Count", values = { 1 } }
  local cold = { begun = clock.now(), names = { "ColdStart" }, by_name = { ColdStart = metric } }
  write(cold, function_dimension())
end

current.on_end(function()
  local _, count = current.context()
  metrics.flush()
  if settings.cold_start and count == 1 then
    write_cold_start()
  end
  dimensions = nil
  if next(own) ~= nil then
    own, own_bytes = {}, {}
  end
end)

return metrics
