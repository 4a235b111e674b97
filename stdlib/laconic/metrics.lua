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
local current = require "engine.runtime.current"
local new_document = require("laconic.metrics.document").new
local rules = require "laconic.metrics.rules"

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

local function write_line(line)
  io.stdout:write(line, "\n")
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
  local put = settings.write or write_line
  put(finished:encode {
    namespace = settings.namespace or stack_name(),
    sets = of.sets,
    members = beside(of.values),
  })
end

--- Sets what holds for all invocations from now on; usually said at the top of the service file.
---@param options laconic.MetricOptions
function metrics.configure(options)
  rules.configure(options)
  local bytes = rules.properties("metrics.configure.properties", options.properties or {})
  local sets = options.dimensions
    and rules.dimensions("metrics.configure.dimensions", options.dimensions)
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

local function check_free(name)
  local other = taken(name)
  if other then
    check.fail("E106", ("metrics.put: '%s' is %s already"):format(name, other))
  end
end

--- Puts a value of a metric. Several of one name become a list of values, of which CloudWatch makes
--- its statistics.
---@param name string
---@param value number
---@param unit? string  "Count", "Milliseconds", "Bytes", "Percent", … as CloudWatch has them; default "None"
---@param options? laconic.PutOptions
function metrics.put(name, value, unit, options)
  rules.put(name, value, unit, options)
  local resolution = options and options.resolution
  local metric = document and document.by_name[name]
  if not metric then
    check_free(name)
  elseif metric.unit ~= unit or metric.resolution ~= resolution then
    check.fail("E104", ("metrics.put: %s was put with another unit or resolution"):format(name))
  end
  if document and document:is_full(name) then
    metrics.flush()
  end
  document = document or new_document()
  document:put(name, value, unit, resolution)
end

--- Says which dimensions the metrics of this invocation have from here on. Each set makes a metric of
--- its own in CloudWatch; `{}` is the one without any. What was put before is written as it was.
---
---     metrics.dimensions({ Shop = "Riga" }, { Shop = "Riga", Till = "3" })
---@param ... table<string, string|number>  at least one set; 30 names in all
function metrics.dimensions(...)
  check.value("metrics.dimensions", { ... }, { each = { type = "table" }, least = 1 })
  local said = rules.dimensions("metrics.dimensions", { ... })
  metrics.flush()
  dimensions = said
end

--- Adds a property to the documents of this invocation: it is found in the log, and is no metric.
---@param name string
---@param value any  what JSON can say; nil takes it away
function metrics.property(name, value)
  local bytes = value ~= nil and rules.property("metrics.property", name, value) or nil
  local total = settings.property_bytes + (bytes or 0)
  for other, taken_by_it in pairs(own_bytes) do
    total = total + (other ~= name and taken_by_it or 0)
  end
  rules.property_bytes("metrics.property", total)
  if document and document.by_name[name] then
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
  local cold = new_document()
  cold:put("ColdStart", 1, "Count")
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
