--- What a handler can find out about the stack that it belongs to: the stack itself, and the resources
--- that its function `discovers`, whose names and ARNs are known to CloudFormation alone.
---
---     local discovery = require "laconic.discovery"
---     local visits = service:resource { name = "Visits", type = "AWS::DynamoDB::Table", … }
---
---     service:lambda {
---       name = "show",
---       discovers = { visits },
---       handler = function()
---         local found = discovery.resource(visits)
---         return { stack = discovery.stack().name, table = found.ref, arn = found.arn }
---       end,
---     }
---
--- Few facts travel in the function's environment. More than it can hold stand in SSM parameters,
--- which are fetched when a resource is first asked for, and again after five minutes; an old value
--- is used when that fails. Which way it is, a handler does not see.
---
---@module "laconic.discovery"
local check = require "engine.check"
local digest = require "host.digest"
local failure = require "engine.failure"
local json = require "host.json"
local order = require "engine.order"
local remembered = require "engine.runtime.remembered"

local discovery = {}

---@class laconic.DiscoveredStack
---@field name string
---@field id string       the stack's ARN
---@field region string
---@field account string

---@class laconic.Discovered
---@field name string     the logical id
---@field type string     "AWS::DynamoDB::Table"
---@field ref string      what Ref gives: mostly the name
---@field arn? string     of types that have one
---@field attributes table<string, string>  what GetAtt gives; naming one that is not there raises

local SECONDS = 300
local MOST_NAMES = 10 -- of one GetParameters

local read -- the document, once it was needed
local fetched = remembered.new()
local made = {} -- resources of the environment, by id

local function document()
  if not read then
    local text = os.getenv "LACONIC_DISCOVERY"
    if not text then
      check.fail("E112", "discovery: this function says nothing of what it discovers, or runs "
        .. "where there is no stack (laconic invoke --in-process)",
        "say `discovers = true` in service:lambda for its stack and what it depends on")
    end
    read = assert(json.decode(text))
  end
  return read
end

--- The stack that the function belongs to.
---@return laconic.DiscoveredStack
function discovery.stack()
  local id = document().stack
  local region, account, name = id:match "^arn:[^:]*:cloudformation:([^:]*):(%d*):stack/([^/]*)/"
  return { name = name, id = id, region = region, account = account }
end

--- The logical ids of what the function discovers, sorted.
---@return string[]
function discovery.resources()
  return order.keys(document().resources)
end

local function list_of(names)
  return #names > 0 and table.concat(names, ", ") or "none"
end

local strict_attributes = {
  __index = function(self, name)
    check.fail("E112", ("discovery: %s; known: %s"):format(check.unknown("attribute", name, self),
      list_of(order.keys(self))),
      "ask for it: discovers = { { resource = …, attributes = { \"…\" } } }")
  end,
}

-- What is no field of a resource is most often an attribute of it. Not every type has an `arn`.
local strict_facts = {
  __index = function(self, name)
    if name ~= "arn" then
      check.fail("E107", ("discovery: '%s': unknown field '%s': attributes are in `.attributes`")
        :format(self.name, tostring(name)))
    end
  end,
}

local function decoded(text)
  return assert(digest.from_base64(text))
end

local function make(id, type_name, facts)
  local attributes = {}
  for name, text in pairs(facts.attributes or {}) do
    attributes[name] = decoded(text)
  end
  local ref = decoded(facts.ref)
  return setmetatable({
    name = id,
    type = type_name,
    ref = ref,
    arn = attributes.Arn or attributes.TopicArn or ref:match "^arn:.*$",
    attributes = setmetatable(attributes, strict_attributes),
  }, strict_facts)
end

-- ---- from parameters -----------------------------------------------------------------------------

local function parameter_names(facts)
  local list = {}
  for _, id in ipairs(order.keys(facts.resources)) do
    local told = facts.resources[id]
    for place = 1, told.here ~= "" and told.parameters or 0 do
      table.insert(list, ("/laconic/%s/%s/%d"):format(discovery.stack().name, id, place))
    end
  end
  return list
end

local function fetch(names)
  local ssm, values = require("laconic.aws").client "ssm", {}
  for first = 1, #names, MOST_NAMES do
    local some = table.move(names, first, math.min(first + MOST_NAMES - 1, #names), 1, {})
    for _, parameter in ipairs(ssm:call("GetParameters", { Names = some }).Parameters) do
      values[parameter.Name] = parameter.Value
    end
  end
  return values
end

local function add_document(facts, text)
  for name, value in pairs(assert(json.decode(text))) do
    if name == "attributes" then
      facts.attributes = facts.attributes or {}
      for attribute, encoded in pairs(value) do
        facts.attributes[attribute] = encoded
      end
    else
      facts[name] = value
    end
  end
end

-- What a resource's parameters say, put together; nil when it is not in the stack.
local function gather(id, told, values)
  local facts = {}
  for place = 1, told.parameters do
    local name = ("/laconic/%s/%s/%d"):format(discovery.stack().name, id, place)
    if not values[name] then
      if told.conditional then
        return nil
      end
      failure.raise("service", ("the parameter %s is not there"):format(name), {
        code = "ParameterNotFound",
        hint = "the stack makes it: provision again",
      })
    end
    add_document(facts, values[name])
  end
  return make(id, told.type, facts)
end

local function all_from_parameters(facts)
  local values = fetch(parameter_names(facts))
  local found = {}
  for id, told in pairs(facts.resources) do
    if told.parameters and told.here ~= "" then
      found[id] = gather(id, told, values)
    end
  end
  return found
end

-- ---- both ----------------------------------------------------------------------------------------

local function id_of(resource)
  local metatable = getmetatable(resource)
  if type(metatable) == "table" and metatable.__name == "handle" then
    return resource.id
  end
  check.type("discovery.resource", resource, "string")
  return resource
end

--- One of the resources: nil when its condition leaves it out of this stack. One that the function
--- does not discover is a mistake.
---@param resource string|laconic.Handle  the logical id, or the handle that service:resource returned
---@return laconic.Discovered?
function discovery.resource(resource)
  local id, facts = id_of(resource), document()
  local told = facts.resources[id]
  if not told then
    check.fail("E112", ("discovery: %s; known: %s"):format(
      check.unknown("resource", id, facts.resources), list_of(order.keys(facts.resources))),
      "add it to `discovers` in service:lambda")
  elseif told.ref == "" or told.here == "" then
    return nil
  elseif told.parameters then
    return fetched:get("resources", SECONDS, function()
      return all_from_parameters(facts)
    end)[id]
  end
  made[id] = made[id] or make(id, told.type, told)
  return made[id]
end

return discovery
