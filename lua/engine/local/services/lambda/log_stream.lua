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
  local day = clock.iso8601(clock.now()):sub(1, 10):gsub("%-", "/")
  local name = ("%s/[%s]%s"):format(day, facts.version, digest.to_hex(digest.random(16)))
  local logs = facts.cloud:service "logs"
  return setmetatable({
    group = facts.group,
    name = name,
    format = facts.format,
    writer = logs.writer(facts.cloud, facts.region, facts.group, name),
    partial = "",
    lines = {},
    times = {}, -- of the lines, in milliseconds
    handed_over = 0, -- of the lines
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
  local count = #self.lines + 1
  self.lines[count], self.times[count] = line, clock.now() * 1000 // 1 | 0
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
      add(self, text_safe(text:sub(from, math.min(stop - 1, from + MAX_LINE_BYTES - 1))))
      from = math.min(stop, from + MAX_LINE_BYTES - 1) + 1
    elseif #text - from + 1 >= MAX_LINE_BYTES then
      add(self, text_safe(text:sub(from, from + MAX_LINE_BYTES - 1)))
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
    add(self, text_safe(line))
  end
end

local function add_record(self, kind, record)
  self:end_line()
  add(self, assert(json.encode {
    time = clock.iso8601(clock.now(), true), type = kind, record = record,
  }))
end

local function add_text(self, text)
  self:end_line()
  add(self, text)
end

--- Adds a line of Lambda's own, in the format that the function asked for.
---@param text string
---@param kind string    "platform.fault"
---@param record table
function log_stream:platform(text, kind, record)
  if self.format == "JSON" then
    add_record(self, kind, record)
  else
    add_text(self, text_safe(text))
  end
end

--- Begins the account of an invocation. The group is made now, and not when the account is written:
--- a stack may be deleting it while its last function, that of a custom resource, is still at work.
function log_stream:begin(request_id, version)
  self.writer:prepare()
  self:flush()
  self.bytes, self.lines, self.times, self.handed_over = 0, {}, {}, 0
  if self.format == "JSON" then
    add_record(self, "platform.start", { requestId = request_id, version = version })
  else
    add_text(self, "START RequestId: " .. request_id .. " Version: " .. version)
  end
end

---@class engine.local.services.lambda.Report
---@field request_id string
---@field seconds number
---@field init_seconds? number   when the instance was new
---@field memory_size integer    MB
---@field memory_used integer    MB
---@field status string          "success", "error", "timeout"

local function billed(report)
  return math.ceil((report.seconds + (report.init_seconds or 0)) * 1000)
end

local function report_record(report)
  return {
    requestId = report.request_id,
    status = report.status,
    metrics = {
      durationMs = report.seconds * 1000,
      billedDurationMs = billed(report),
      memorySizeMB = report.memory_size,
      maxMemoryUsedMB = report.memory_used,
      initDurationMs = report.init_seconds and report.init_seconds * 1000,
    },
  }
end

local REPORT <const> = "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\t"
  .. "Memory Size: %d MB\tMax Memory Used: %d MB\t"

local function report_text(report)
  local text = REPORT:format(report.request_id, report.seconds * 1000, billed(report),
    report.memory_size, report.memory_used)
  if report.init_seconds then
    text = text .. ("Init Duration: %.2f ms\t"):format(report.init_seconds * 1000)
  end
  return report.status == "success" and text or text .. "Status: " .. report.status .. "\t"
end

--- Ends it.
---@param report engine.local.services.lambda.Report
function log_stream:finish(report)
  if self.format == "JSON" then
    add_record(self, "platform.report", report_record(report))
  else
    add_text(self, "END RequestId: " .. report.request_id)
    add_text(self, report_text(report))
  end
end

--- Hands what has gathered to CloudWatch Logs.
function log_stream:flush()
  local lines, times, before = self.lines, self.times, self.handed_over
  if #lines == before then
    return
  elseif before > 0 then
    lines, times = table.move(lines, before + 1, #lines, 1, {}),
      table.move(times, before + 1, #times, 1, {})
  end
  self.handed_over = #self.lines
  self.writer:append(lines, times)
end

--- The end of what an invocation logged, as Invoke gives it back.
---@param lines string[]
---@return string base64
function log_stream.tail(lines)
  local from, bytes = #lines + 1, 0
  while from > 1 and bytes < TAIL_BYTES do
    from = from - 1
    bytes = bytes + #lines[from] + 1
  end
  local text = table.concat(lines, "\n", from) .. "\n"
  return digest.to_base64(text:sub(-TAIL_BYTES))
end

return log_stream
