--- One document of CloudWatch's Embedded Metric Format: metrics that share a moment and dimensions.
---@module "laconic.metrics.document"
local clock = require "host.clock"
local json = require "host.json"

local document = {}

---@class laconic.MetricDocument
---@field begun number              seconds since 1970
---@field names string[]            of the metrics, in the order they were put
---@field by_name table<string, { unit?: string, resolution?: integer, values: number[] }>
---@field bytes integer             about what names and values take
local Document = {}
Document.__index = Document

-- The format's own rules, and what a log event of 256 KB holds beside all the rest.
local MOST_METRICS = 100
local MOST_VALUES = 100
local MOST_BYTES = 128 * 1024

local METRIC_BYTES = 80 -- its definition and its member, without the name
local VALUE_BYTES = 24

--- Begins a document: its moment is now.
---@return laconic.MetricDocument
function document.new()
  local self = { begun = clock.now(), names = {}, by_name = {}, bytes = 0 }
  return setmetatable(self, Document)
end

--- Whether another value of this metric belongs into the next document.
---@param name string
---@return boolean
function Document:is_full(name)
  local metric = self.by_name[name]
  if metric then
    return #metric.values == MOST_VALUES or self.bytes > MOST_BYTES
  end
  return #self.names == MOST_METRICS or self.bytes > MOST_BYTES
end

--- Adds a value of a metric.
---@param name string
---@param value number
---@param unit? string
---@param resolution? integer
function Document:put(name, value, unit, resolution)
  local metric = self.by_name[name]
  if not metric then
    metric = { unit = unit, resolution = resolution, values = {} }
    self.by_name[name] = metric
    table.insert(self.names, name)
    self.bytes = self.bytes + 2 * #name + METRIC_BYTES
  end
  table.insert(metric.values, value)
  self.bytes = self.bytes + VALUE_BYTES
end

--- The line that CloudWatch reads.
---@param around { namespace: string, sets: string[][], members: table<string, any> }  what stands in it
---  beside the metrics, which are added to `members`
---@return string
function Document:encode(around)
  local members, definitions = around.members, json.array {}
  for i, name in ipairs(self.names) do
    local metric = self.by_name[name]
    definitions[i] = { Name = name, Unit = metric.unit, StorageResolution = metric.resolution }
    members[name] = #metric.values == 1 and metric.values[1] or json.array(metric.values)
  end
  members._aws = {
    Timestamp = math.floor(self.begun * 1000),
    CloudWatchMetrics = {
      { Namespace = around.namespace, Dimensions = around.sets, Metrics = definitions },
    },
  }
  return assert(json.encode(members))
end

return document
