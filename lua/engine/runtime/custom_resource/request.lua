--- CloudFormation's event → the request that a handler gets, and what the answer must repeat.
---
--- The physical id is made of the stack, the logical id and the identity of the resource, so it is the
--- same whenever the request is tried again, and known before anything is made.
local digest = require "host.digest"
local failure = require "engine.failure"
local json = require "host.json"

local request = {}

--- After the physical id of a resource whose creation failed: CloudFormation deletes it by that id, and
--- what is there of it may be nothing.
request.FAILED = ":create-failed"

---@class engine.runtime.CustomFacts
---@field url string             signed: for the answer alone
---@field stack_id string
---@field request_id string
---@field logical_id string
---@field physical_id? string    what CloudFormation knows: none before it is created
---@field own_id string          the one that is made here, should the handler's be none

local KINDS = { Create = "create", Update = "update", Delete = "delete" }
local TEXTS = { "ResponseURL", "StackId", "RequestId", "LogicalResourceId", "ResourceType" }
local HASH_DIGITS <const> = 12

-- CloudFormation names what never told it a name, since the answer was lost, or the process: the
-- stack, the logical id, and that many capitals and digits or more.
local NAMELESS_LENGTH <const> = 12

local function refuse(kind, problem)
  local text = "this function answers CloudFormation's requests for %s: %s"
  failure.raise("custom_resource", text:format(kind.type, problem), {
    type = "CustomResource.UnexpectedEvent",
  })
end

-- What is answered may be secret, so it goes in the clear to this machine alone, or to the emulator of
-- AWS that the environment names.
local function is_guarded(url)
  local uri = require "host.uri"
  local parts = uri.parse(url)
  if not parts or parts.scheme == "https" then
    return parts ~= nil
  end
  local emulator = uri.parse(os.getenv "AWS_ENDPOINT_URL" or "")
  local host = parts.host
  return parts.scheme == "http" and (host == "localhost" or host == "::1"
    or host:find "^127%.%d+%.%d+%.%d+$" ~= nil or host == (emulator or {}).host)
end

local function check(kind, event)
  if type(event) ~= "table" or event.RequestType == nil then
    refuse(kind, "the event has no RequestType. Provision the stack, and it is called")
  elseif not KINDS[event.RequestType] then
    refuse(kind, "RequestType is none of Create, Update and Delete")
  end
  for _, name in ipairs(TEXTS) do
    if type(event[name]) ~= "string" then
      refuse(kind, ("%s is missing"):format(name))
    end
  end
  if event.RequestType ~= "Create" and type(event.PhysicalResourceId) ~= "string" then
    refuse(kind, "PhysicalResourceId is missing")
  elseif not is_guarded(event.ResponseURL) then
    refuse(kind, "ResponseURL is no https URL, nor one of this machine")
  end
end

-- CloudFormation makes a text of every number and boolean: back to what was said.
local function read_scalar(text, said)
  if type(said) == "number" then
    local number = tonumber(text)
    return number and (math.type(said) == "integer" and math.tointeger(number) or number) or text
  elseif type(said) == "boolean" and (text == "true" or text == "false") then
    return text == "true"
  end
  return text
end

local function read_back(value, said)
  if type(value) ~= "table" then
    return read_scalar(value, said)
  end
  local copy = json.is_array(value) and json.array {} or {}
  local known = type(said) == "table" and said or {}
  for name, item in pairs(value) do
    copy[name] = read_back(item, known[name])
  end
  return copy
end

local function properties_of(raw, said)
  if type(raw) ~= "table" then
    return {}
  end
  local properties = read_back(raw, said)
  properties.ServiceToken, properties.ServiceTimeout = nil, nil
  return properties
end

-- What decides whether it is the same resource: the properties that are named, none, or, when there
-- is no way to change one, all.
local function identity_of(kind, raw)
  if not kind.handler.update then
    return raw or {}
  end
  local identity = {}
  for _, name in ipairs(kind.identity or {}) do
    identity[name] = (raw or {})[name]
  end
  return identity
end

local function encoded(value)
  return assert(json.encode(value))
end

local function stack_name(event)
  return event.StackId:match ":stack/([^/]+)/" or "stack"
end

local function own_id(kind, event)
  local identity = identity_of(kind, event.ResourceProperties)
  local facts = encoded { event.StackId, event.LogicalResourceId, identity }
  local hash = digest.sha256(facts):sub(1, HASH_DIGITS)
  return ("%s-%s-%s"):format(stack_name(event), event.LogicalResourceId, hash)
end

-- An update that changes the identity makes another resource; CloudFormation then deletes this one.
-- On its way back it may ask for the very one that is there.
local function is_replacement(kind, event, id)
  return id ~= event.PhysicalResourceId
    and encoded(identity_of(kind, event.ResourceProperties))
      ~= encoded(identity_of(kind, event.OldResourceProperties))
end

local function aim_update(kind, event, result)
  local id = own_id(kind, event)
  if is_replacement(kind, event, id) then
    result.type, result.physical_id, result.replaces = "create", id, event.PhysicalResourceId
  elseif not kind.handler.update then
    result.type = "create"
  end
end

local function is_nameless(event)
  local prefix = stack_name(event) .. "-" .. event.LogicalResourceId .. "-"
  local id = event.PhysicalResourceId
  local suffix = id:sub(1, #prefix) == prefix and id:sub(#prefix + 1) or ""
  return #suffix >= NAMELESS_LENGTH and suffix:find "^[%u%d]+$" and suffix:find "%u" -- ours has none
end

local function aim_delete(kind, event, result)
  local id, mark = event.PhysicalResourceId, request.FAILED
  if id:sub(-#mark) == mark then
    result.physical_id, result.failed_create = id:sub(1, -#mark - 1), true
  elseif is_nameless(event) then
    result.physical_id, result.failed_create = own_id(kind, event), true
  end
end

--- Reads an event. Raises when it is no request of CloudFormation's.
---@param kind engine.CustomKind
---@param event any
---@return laconic.CustomRequest
---@return engine.runtime.CustomFacts
function request.read(kind, event)
  check(kind, event)
  local said = kind.said(event.LogicalResourceId)
  local result = {
    type = KINDS[event.RequestType],
    logical_id = event.LogicalResourceId,
    physical_id = event.PhysicalResourceId,
    properties = properties_of(event.ResourceProperties, said),
    stack_id = event.StackId,
    request_id = event.RequestId,
    resource_type = event.ResourceType,
  }
  if result.type == "create" then
    result.physical_id = own_id(kind, event)
  elseif result.type == "update" then
    result.old_properties = properties_of(event.OldResourceProperties, said)
    aim_update(kind, event, result)
  else
    aim_delete(kind, event, result)
  end
  return result, {
    url = event.ResponseURL,
    stack_id = event.StackId,
    request_id = event.RequestId,
    logical_id = event.LogicalResourceId,
    physical_id = event.PhysicalResourceId,
    own_id = result.physical_id,
  }
end

return request
