--- What one instance says, on its way to CloudWatch Logs: cut into lines, bounded, with Lambda's own
--- lines around each invocation.
local clock = require "host.clock"
local digest = require "host.digest"
local json = require "host.json"

local log_stream = {}
log_stream.__index = log_stream

local MAX_INVOCATION_BYTES <const> = 1048576
local MAX_LINE_BYTES <const> = 65536
local TAIL_BYTES <const> = 4096
local TRUNCATED <const> = "[laconic local keeps %d bytes of what an invocation prints; "
  .. "the rest is dropped]"

---@class engine.local.services.lambda.LogStream
---@field group string
---@field name string

--- Opens the stream of one instance. `facts` has cloud, region, group, version and format ("Text",
--- "JSON").
---@param facts table
---@return engine.local.services.lambda.LogStream
function log_stream.new(facts)
  local now = clock.now()
  local day = clock.iso8601(now):sub(1, 10):gsub("%-", "/")
  return setmetatable({
    cloud = facts.cloud,
    region = facts.region,
    group = facts.group,
    name = ("%s/[%s]%s"):format(day, facts.version, digest.to_hex(digest.random(16))),
    format = facts.format,
    events = {},
    partial = "",
    tail = "",
    bytes = 0,
  }, log_stream)
end

local function text_safe(line)
  if utf8.len(line) then
    return line
  end
  return (line:gsub("[\128-\255]", "?"))
end

local function add(self, line)
  line = text_safe(line)
  table.insert(self.events, { timestamp = math.floor(clock.now() * 1000), message = line })
  self.tail = (self.tail .. line .. "\n"):sub(-TAIL_BYTES)
end

--- Takes in what the process printed, in whatever pieces it came.
---@param bytes string
function log_stream:write(bytes)
  local room = MAX_INVOCATION_BYTES - self.bytes
  self.bytes = self.bytes + #bytes
  if room <= 0 then
    return
  end
  local text = self.partial .. bytes:sub(1, room)
  local from = 1
  while true do
    local stop = text:find("\n", from, true)
    if stop then
      add(self, text:sub(from, math.min(stop - 1, from + MAX_LINE_BYTES - 1)))
      from = math.min(stop, from + MAX_LINE_BYTES - 1) + 1
    elseif #text - from + 1 >= MAX_LINE_BYTES then
      add(self, text:sub(from, from + MAX_LINE_BYTES - 1))
      from = from + MAX_LINE_BYTES
    else
      break
    end
  end
  self.partial = text:sub(from)
  if self.bytes > MAX_INVOCATION_BYTES then
    self:end_line()
    add(self, TRUNCATED:format(MAX_INVOCATION_BYTES))
  end
end

--- Ends a line that had no newline.
function log_stream:end_line()
  if self.partial ~= "" then
    local line = self.partial
    self.partial = ""
    add(self, line)
  end
end

--- Adds a line of Lambda's own, in the format that the function asked for.
---@param text string
---@param kind string    "platform.start"
---@param record table
function log_stream:platform(text, kind, record)
  self:end_line()
  if self.format == "JSON" then
    text = assert(json.encode {
      time = clock.iso8601(clock.now(), true), type = kind, record = record,
    })
  end
  add(self, text)
end

--- Begins the account of an invocation. The group is made now, and not when the account is written:
--- a stack may be deleting it while its last function, that of a custom resource, is still at work.
function log_stream:begin(request_id, version)
  local logs = self.cloud:service "logs"
  if logs then
    logs.prepare(self.cloud, self.region, self.group)
  end
  self.bytes, self.tail = 0, ""
  self:platform(("START RequestId: %s Version: %s"):format(request_id, version), "platform.start", {
    requestId = request_id, version = version,
  })
end

---@class engine.local.services.lambda.Report
---@field request_id string
---@field seconds number
---@field init_seconds? number   when the instance was new
---@field memory_size integer    MB
---@field memory_used integer    MB
---@field status string          "success", "error", "timeout"

--- Ends it.
---@param report engine.local.services.lambda.Report
function log_stream:finish(report)
  local id = report.request_id
  if self.format ~= "JSON" then
    self:platform("END RequestId: " .. id, "platform.end", {})
  end
  local billed = math.ceil((report.seconds + (report.init_seconds or 0)) * 1000)
  local parts = {
    "REPORT RequestId: " .. id,
    ("Duration: %.2f ms"):format(report.seconds * 1000),
    ("Billed Duration: %d ms"):format(billed),
    ("Memory Size: %d MB"):format(report.memory_size),
    ("Max Memory Used: %d MB"):format(report.memory_used),
  }
  if report.init_seconds then
    table.insert(parts, ("Init Duration: %.2f ms"):format(report.init_seconds * 1000))
  end
  if report.status ~= "success" then
    table.insert(parts, "Status: " .. report.status)
  end
  self:platform(table.concat(parts, "\t") .. "\t", "platform.report", {
    requestId = id,
    status = report.status,
    metrics = {
      durationMs = report.seconds * 1000,
      billedDurationMs = billed,
      memorySizeMB = report.memory_size,
      maxMemoryUsedMB = report.memory_used,
      initDurationMs = report.init_seconds and report.init_seconds * 1000,
    },
  })
end

--- Hands what has gathered to CloudWatch Logs.
function log_stream:flush()
  if #self.events == 0 then
    return
  end
  local events = self.events
  self.events = {}
  local logs = self.cloud:service "logs"
  if logs then
    logs.append(self.cloud, self.region, self.group, self.name, events)
  end
end

--- The end of what the last invocation logged, as Invoke gives it back.
---@return string
function log_stream:log_result()
  return digest.to_base64(self.tail)
end

return log_stream
