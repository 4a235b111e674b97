--- X-Ray's documents: where an invocation stands in its trace, what failed, and the way to the daemon.
---
--- A sub-segment is sent by itself, when it ends: one datagram, a line of JSON that says the format and
--- the document behind it. Nobody waits for it, and nobody learns whether it arrived.
local current = require "engine.runtime.current"
local digest = require "host.digest"
local json = require "host.json"
local report = require "engine.runtime.report"

local trace = {}

--- Where an invocation stands in its trace.
---@class engine.runtime.Trace
---@field root string     "1-5759e988-bd862e3fe1be46a994272793"
---@field parent string   the id of Lambda's own segment of the function

local HEADER = '{"format":"json","version":1}\n'
local MOST_BYTES = 63 * 1024 -- X-Ray takes 64 KB, and so does a datagram
local MOST_MESSAGE = 4096

local on_error = report.handler(os.getenv "LAMBDA_TASK_ROOT" or ".")

--- Reads the trace header of an invocation; nil when it is not to be traced.
---@param header? string  "Root=1-…;Parent=…;Sampled=1"
---@return engine.runtime.Trace?
function trace.read(header)
  local fields = {}
  for name, value in (header or ""):gmatch "([%w]+)=([^;]*)" do
    fields[name] = value
  end
  local root = (fields.Root or ""):match "^1%-%x%x%x%x%x%x%x%x%-%x+$"
  local parent = (fields.Parent or ""):match "^%x+$"
  if fields.Sampled == "1" and root and #root == 35 and parent and #parent == 16 then
    return { root = root, parent = parent }
  end
end

--- The trace of the invocation at hand; nil when it is not to be traced, or there is no daemon.
---@return engine.runtime.Trace?
function trace.here()
  local context = current.context()
  if context == nil or not trace.address() then
    return nil
  end
  return trace.read(context.trace_id or os.getenv "_X_AMZN_TRACE_ID")
end

--- The daemon's address, out of "127.0.0.1:2000" or "tcp:127.0.0.1:2000 udp:127.0.0.1:2000".
---@return string?
function trace.address()
  local said = os.getenv "AWS_XRAY_DAEMON_ADDRESS" or ""
  return said:match "udp:(%S+)" or said:match "^[%d.]+:%d+$"
end

--- A new id of a segment or an exception: 16 hexadecimal digits.
---@return string
function trace.new_id()
  return digest.to_hex(digest.random(8))
end

--- The message handler of an xpcall: keeps what was raised with its frames, for `trace.exception` and
--- for Lambda's own report.
---@param raised any
---@return table caught
function trace.catch(raised)
  return on_error(raised)
end

local function printable(text)
  return utf8.len(text) and text or (text:gsub("[\x80-\xff]", "?"))
end

-- "service.lua:12: in function 'greet'" → { path, line, label }
local function frame(line)
  local path, number, label = line:match "^([^\n:]+):(%d+):? ?(.*)$"
  return {
    path = printable(path or line),
    line = math.tointeger(number),
    label = label and label ~= "" and printable(label:gsub("^in ", "")) or nil,
  }
end

-- What `trace.catch` caught, and nothing else, has its frames beside it.
local function is_caught(value)
  return type(value) == "table" and type(rawget(value, "trace")) == "string"
    and rawget(value, "raised") ~= nil
end

--- What was raised, out of what `trace.catch` caught; anything else is it already.
---@param caught any
---@return any
function trace.raised(caught)
  if is_caught(caught) then
    return caught.raised
  end
  return caught
end

--- An exception as X-Ray has it, of what `trace.catch` caught, or of what was raised.
---@param caught any
---@return table exception  id, message, type, stack
function trace.exception(caught)
  local failed = report.describe(is_caught(caught) and caught or { raised = caught, trace = "" })
  local stack = json.array {}
  for i, line in ipairs(failed.stackTrace) do
    stack[i] = frame(line)
  end
  return {
    id = trace.new_id(),
    message = printable(failed.errorMessage:sub(1, MOST_MESSAGE)),
    type = printable(failed.errorType),
    stack = stack,
  }
end

-- What is the least missed goes first when a document is too large.
local function encode(document)
  local text = json.encode(document)
  if text and #text <= MOST_BYTES then
    return text
  end
  local lean = {}
  for name, value in pairs(document) do
    lean[name] = value
  end
  lean.metadata = { laconic = { left_out = "the metadata: more than X-Ray takes" } }
  text = json.encode(lean)
  return text and #text <= MOST_BYTES and text or nil
end

--- Sends a document. One that is too large goes without its metadata.
---@param document table
function trace.send(document)
  local text, address = encode(document), trace.address()
  if text and address then
    require("host.datagram").send(address, HEADER .. text) -- that nobody listens is no one's failure
  end
end

return trace
