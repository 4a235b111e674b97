--- What CloudFormation is told: done, with attributes, or failed, with a reason; 4,096 bytes at most.
local json = require "host.json"

local reply = {}

local MAX_BYTES <const> = 4096
local MAX_REASON <const> = 2000
local MAX_ID <const> = 1000 -- CloudFormation takes 1,024: room for a mark

local function body(facts, fields)
  fields.StackId, fields.RequestId = facts.stack_id, facts.request_id
  fields.LogicalResourceId = facts.logical_id
  return json.encode(fields)
end

-- CloudFormation hands attributes on as texts: so they are sent, 3 and not 3.0. An error object, and
-- whatever else has a text of its own, is its text; its fields would be none.
local function sayable(value, depth)
  if value == json.null then
    return nil
  elseif type(value) == "number" or type(value) == "boolean" then
    return (tostring(value):gsub("%.0$", ""))
  elseif type(value) ~= "table" then
    return value
  end
  local metatable = getmetatable(value)
  if type(metatable) == "table" and metatable.__tostring then
    return tostring(value)
  elseif depth > 64 then
    return value -- a circle, perhaps: the encoder names the place
  end
  local copy = json.is_array(value) and json.array {} or {}
  for name, item in pairs(value) do
    copy[name] = sayable(item, depth + 1)
  end
  return copy
end

local function check_attributes(attributes)
  if attributes ~= nil and type(attributes) ~= "table" then
    return ("the handler returned a %s: a table of attributes, or nothing, expected"):format(
      type(attributes))
  end
  for name in pairs(attributes or {}) do
    if type(name) ~= "string" then
      return "the handler returned a list: attributes have names"
    end
  end
end

--- Whether CloudFormation takes it for a physical id, a mark behind it included.
---@param id any
---@return boolean
function reply.is_id(id)
  return type(id) == "string" and id ~= "" and #id <= MAX_ID and utf8.len(id) ~= nil
end

local function largest(data)
  local longest, bytes = nil, -1
  for name, value in pairs(data) do
    local size = #(json.encode(value) or "")
    if size > bytes or size == bytes and name < longest then
      longest, bytes = name, size
    end
  end
  return longest, bytes
end

--- The text of a success; nil and a sentence when there can be none.
---@param facts engine.runtime.CustomFacts
---@param physical_id any
---@param attributes any
---@param no_echo? boolean
---@return string? text
---@return string? problem
function reply.success(facts, physical_id, attributes, no_echo)
  local problem = check_attributes(attributes)
  if problem then
    return nil, problem
  elseif not reply.is_id(physical_id) then
    return nil, ("request.physical_id: a text of 1 to %d bytes expected"):format(MAX_ID)
  end
  local data = attributes and next(attributes) and sayable(attributes, 0) or nil
  local text, unsayable = body(facts, {
    Status = "SUCCESS",
    PhysicalResourceId = physical_id,
    NoEcho = no_echo,
    Data = data,
  })
  if not text then
    return nil, "the attributes cannot be sent: " .. unsayable.message
  elseif #text > MAX_BYTES then
    local name, bytes = largest(data or {})
    return nil, ("the answer has %d bytes, and CloudFormation takes %d: return less, or store it "
      .. "and return where ('%s' alone has %d)"):format(#text, MAX_BYTES, name, bytes)
  end
  return text
end

-- Lua strings are bytes: what is not UTF-8 would not be JSON.
local function printable(text)
  return utf8.len(text) and text
    or text:gsub("[\x80-\xff]", function(byte)
      return ("\\x%02x"):format(byte:byte())
    end)
end

-- At most that many bytes, and no half of a character.
local function cut(text, bytes)
  if #text <= bytes then
    return text
  end
  local stop = utf8.offset(text, 0, bytes - 2) -- where the character at that byte begins
  return text:sub(1, stop - 1) .. "..."
end

-- Where more is to be read. Absent by hand and in tests.
local function log_stream()
  local stream = os.getenv "AWS_LAMBDA_LOG_STREAM_NAME"
  return stream and (" (log stream: %s)"):format(stream) or ""
end

--- The text of a failure.
---@param facts engine.runtime.CustomFacts
---@param physical_id string
---@param reason string
---@return string text
---@return string reason  as it is told
function reply.failure(facts, physical_id, reason)
  local most, shown = MAX_REASON, printable(reason)
  while true do
    local told = cut(shown, most) .. log_stream()
    local text = assert(body(facts, {
      Status = "FAILED",
      PhysicalResourceId = physical_id,
      Reason = told,
    }))
    if #text <= MAX_BYTES or most < 16 then
      return text, told
    end
    most = most // 2 -- what needs escapes grows sixfold
  end
end

return reply
