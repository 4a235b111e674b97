--- Records of Kafka topics: of Amazon MSK, or of a cluster of your own.
---
---     for _, record in ipairs(require("laconic.event.kafka").records(event)) do
---       context.log.info(record.topic, record:json())
---     end
---
--- AWS: https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html,
--- https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
---@module "laconic.event.kafka"
local shape = require "laconic.event.shape"

local kafka = {}

--- A record. `record:json()` is its value decoded.
---@class laconic.event.KafkaRecord
---@field topic string
---@field partition integer
---@field offset integer
---@field timestamp integer  milliseconds since 1970
---@field timestamp_type? string
---@field key? string    bytes
---@field value? string  bytes; a tombstone has none
---@field headers { name: string, value: string }[]  in order; values are bytes
---@field raw table

local FIELDS = {
  { "topic", "string", "topic" },
  { "partition", "integer", "partition" },
  { "offset", "integer", "offset" },
  { "timestamp", "integer", "timestamp" },
  { "timestamp_type", "string?", "timestampType" },
  { "encoded_key", "string?", "key" },
  { "encoded_value", "string?", "value" },
  { "encoded_headers", "list?", "headers" },
}

local methods = {} -- record:…

local function place(self)
  return ("record %s-%d at %d"):format(self.topic, self.partition, self.offset)
end

--- The value, decoded.
function methods:json()
  return shape.json("kafka", place(self), self.value)
end

-- A byte of Java has a sign.
local function bytes_of(path, list)
  local bytes = {}
  for i, byte in ipairs(list) do
    if math.type(byte) ~= "integer" or byte < -128 or byte > 255 then
      shape.fail("kafka", path, "bytes expected")
    end
    bytes[i] = string.char(byte & 255)
  end
  return table.concat(bytes)
end

local function read_headers(self)
  local headers, path = {}, "headers of " .. place(self)
  for i, header in ipairs(self.encoded_headers or {}) do
    local name, list = next(type(header) == "table" and header or {})
    if type(name) ~= "string" or type(list) ~= "table" then
      shape.fail("kafka", path, "a name and a list of bytes expected")
    end
    headers[i] = { name = name, value = bytes_of(path, list) }
  end
  return headers
end

local Record = shape.class(methods, {
  key = function(self)
    return self.encoded_key and shape.base64("kafka", "key of " .. place(self), self.encoded_key)
  end,
  value = function(self)
    local text = self.encoded_value
    return text and shape.base64("kafka", "value of " .. place(self), text)
  end,
  headers = read_headers,
})

--- The records of the batch: partition after partition, in their order.
---@param event table
---@return laconic.event.KafkaRecord[]
function kafka.records(event)
  if type(event) ~= "table" or type(event.records) ~= "table" then
    shape.list("kafka", event, "records") -- says what is wrong
  end
  local partitions, records = {}, {}
  for name in pairs(event.records) do
    table.insert(partitions, tostring(name))
  end
  table.sort(partitions)
  for _, name in ipairs(partitions) do
    local list = shape.list("kafka", event.records, name)
    for i, item in ipairs(list) do
      local path = ("records.%s[%d]"):format(name, i)
      table.insert(records, shape.read("kafka", path, item, FIELDS, Record))
    end
  end
  return records
end

return kafka
