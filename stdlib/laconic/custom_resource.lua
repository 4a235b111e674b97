--- Resources of your own making: CloudFormation asks a handler to create, update and delete them.
---
---     local token = service:custom_resource {
---       name = "Token",
---       properties = { Length = 32 },
---       no_echo = true,
---       handler = {
---         create = function(request)
---           return { Value = random_text(request.properties.Length) }
---         end,
---       },
---     }
---     service:lambda { name = "call", environment = { TOKEN = token:att "Value" }, handler = call }
---
--- Several resources of one type share its handler, and its function:
---
---     local object = service:custom_resource_type { name = "Object", handler = { … } }
---     service:custom_resource { name = "Index", type = object, properties = { Key = "index.html" } }
---     service:custom_resource { name = "Logo", type = object, properties = { Key = "logo.png" } }
---
--- A handler's functions get a `laconic.CustomRequest` and the context, and return the attributes that
--- `:att` finds, or nothing. What they raise fails the stack, with its words. Any of them may be run
--- twice for one request: what is there already is not made again.
---
---@module "laconic.custom_resource"
local check = require "engine.check"
local handle = require "laconic.handle"
local lambda = require "laconic.lambda"
local logical_id = require "laconic.logical_id"
local resource = require "laconic.resource"

local custom_resource = {}

---@class laconic.CustomHandler
---@field create fun(request: laconic.CustomRequest, context: laconic.Context): table?
---@field update? fun(request: laconic.CustomRequest, context: laconic.Context): table?  without it,
---  a change makes a new resource and takes the old one away
---@field delete? fun(request: laconic.CustomRequest, context: laconic.Context)

---@class laconic.CustomRequest
---@field type "create"|"update"|"delete"
---@field logical_id string
---@field physical_id string     what `.ref` gives. It is known before the resource is there; set it when
---  its id is not yours to choose
---@field properties table       numbers and booleans as you said them; what an intrinsic gave is a text
---@field old_properties? table  update, and the create of a replacement
---@field replaces? string       create: the physical id of what will be deleted afterwards
---@field failed_create? boolean delete: its creation had failed, so there may be nothing
---@field stack_id string
---@field request_id string      CloudFormation's; the same when a request is tried again
---@field resource_type string   "Custom::OrdersToken"

---@class laconic.CustomResourceTypeOptions: laconic.LambdaOptions
---@field name string             letters and digits; also names the function
---@field handler laconic.CustomHandler
---@field type? string            default "Custom::<Service><Name>"
---@field identity? string[]      properties whose change makes a new resource
---@field timeout? integer        seconds for one request, 1 to 900; default 60
---@field service_timeout? integer  seconds that CloudFormation waits for an answer, 1 to 3,600; default:
---  long enough for all three runs of a function that fails
---@field deadline_margin? number  seconds before the time-out at which the handler is stopped, so that
---  CloudFormation can be told; default 5, and of a short time a third
---@field no_echo? boolean        CloudFormation shows asterisks for the attributes

---@class laconic.CustomResourceOptions: laconic.CustomResourceTypeOptions
---@field type? string|laconic.Handle  or what `service:custom_resource_type` returned
---@field properties? table       what the handler is told
---@field depends_on? any         names or handles

local DEFAULT_TIMEOUT = 60 -- seconds
-- Lambda runs a function that failed again, after a minute and then after two. CloudFormation waits for
-- all three runs, and a minute more for queues and cold starts: were it to give up before the last, that
-- one would make what nobody deletes.
local RUNS = 3
local RETRY_SECONDS = 240
-- Before the time-out, a handler is stopped: time to say so to CloudFormation.
local MARGIN = 5
local LONGEST_WAIT = 3600

-- Of a type's name, with "Custom::".
local LONGEST_TYPE = 60

-- Said by CloudFormation, and not to the handler.
local RESERVED = { "ServiceTimeout", "ServiceToken" }

local function test_type(name)
  if not name:match "^Custom::[%w_@-]+$" then
    return ("'%s' is not a type such as 'Custom::OrdersToken'"):format(name)
  end
end

local HANDLER = {
  create = { type = "function", required = true },
  update = { type = "function" },
  delete = { type = "function" },
}

local NAME = { type = "string", required = true, least = 1, most = 64, test = resource.ID.test }

-- Of the function behind the handler, its author says all but what is said here.
local TYPE = {
  name = NAME,
  handler = { fields = HANDLER, required = true },
  type = { type = "string", most = LONGEST_TYPE, test = test_type },
  identity = { each = { type = "string" }, least = 1 },
  service_timeout = { type = "integer", least = 1, most = LONGEST_WAIT, unit = "seconds" },
  no_echo = { type = "boolean" },
}

local OWN = { depends_on = true, url = true }
for name in pairs(TYPE) do
  OWN[name] = true
end
for name, rule in pairs(lambda.RULES) do
  if not OWN[name] then
    TYPE[name] = rule
  end
end

local RESOURCE = {
  name = NAME,
  type = { type = "table", required = true },
  properties = { type = "table" },
  depends_on = { type = { "string", "table" } },
}

local BOTH = { properties = RESOURCE.properties, depends_on = RESOURCE.depends_on }
for name, rule in pairs(TYPE) do
  BOTH[name] = rule
end

local function type_name(word, options, service_name)
  if options.type then
    return options.type
  end
  local name = ("Custom::%s%s"):format(logical_id.stem(service_name), options.name)
  if #name > LONGEST_TYPE then
    local text = "%s: the type '%s' has %d characters, and CloudFormation takes %d"
    local message = text:format(word, name, #name, LONGEST_TYPE)
    check.fail("E105", message, 'say a shorter one: type = "Custom::…"')
  end
  return name
end

local function check_properties(options)
  for _, name in ipairs(RESERVED) do
    if (options.properties or {})[name] ~= nil then
      check.fail("E104", ("custom_resource.properties.%s: it is said for you"):format(name))
    end
  end
  resource.check_value("custom_resource.properties", options.properties)
end

local function check_identity(word, options)
  if options.identity and not options.handler.update then
    check.fail("E104", word .. ".identity: the handler has no 'update'",
      "without one, every change makes a new resource")
  end
end

-- The function's handler. What it does is the engine's, and loads with the first event.
local function dispatcher(kind)
  return function(event, context)
    return require("engine.runtime.custom_resource").answer(kind, event, context)
  end
end

---@class laconic.custom_resource.Kind: engine.CustomKind
---@field type string
---@field service_timeout integer
---@field lambda laconic.LambdaOptions  of its function

local function kind_of(word, options, service)
  check_identity(word, options)
  local timeout = options.timeout or DEFAULT_TIMEOUT
  local kind = {
    type = type_name(word, options, service.name),
    handler = options.handler,
    identity = options.identity,
    no_echo = options.no_echo,
    margin = options.deadline_margin or MARGIN,
    service_timeout = options.service_timeout or RUNS * timeout + RETRY_SECONDS,
  }
  --- What was said of a resource, so that texts can be read back as what they were.
  function kind.said(id)
    for _, words in ipairs(service.resources) do
      if words.name == id then
        return words.properties
      end
    end
  end
  kind.lambda = {
    name = options.name,
    handler = dispatcher(kind),
    timeout = timeout,
    deadline_margin = 0, -- the handler is stopped by itself, and the answer is not
    description = options.description or ("%s: answers for %s"):format(service.name, kind.type),
  }
  for name in pairs(lambda.RULES) do
    if not OWN[name] and kind.lambda[name] == nil then
      kind.lambda[name] = options[name]
    end
  end
  return kind
end

--- Checks what was said of a type.
---@param options laconic.CustomResourceTypeOptions
---@param service laconic.Service
---@return laconic.custom_resource.Kind
function custom_resource.read_type(options, service)
  check.fields("custom_resource_type", options, TYPE)
  return kind_of("custom_resource_type", options, service)
end

--- Whether a resource names a type by its handle, and so brings no handler of its own.
---@param options any
---@return boolean
function custom_resource.has_type(options)
  return type(options) == "table" and type(options.type) == "table"
end

--- Checks what was said of a resource whose handler is its own.
---@param options laconic.CustomResourceOptions
---@param service laconic.Service
---@return laconic.custom_resource.Kind
function custom_resource.read_both(options, service)
  check.fields("custom_resource", options, BOTH)
  check_properties(options)
  return kind_of("custom_resource", options, service)
end

--- Checks what was said of a resource whose type is known.
---@param options laconic.CustomResourceOptions
function custom_resource.check_typed(options)
  check.fields("custom_resource", options, RESOURCE)
  if handle.kind(options.type) ~= "custom_resource_type" then
    check.fail("E103", "custom_resource.type: 'Custom::…', or what service:custom_resource_type "
      .. "returned, expected")
  end
  check_properties(options)
end

--- What `service:resource` would be told of it.
---@param options laconic.CustomResourceOptions
---@param kind laconic.custom_resource.Kind
---@param fn laconic.Handle  of the function that answers
---@return laconic.ResourceOptions
function custom_resource.resource_of(options, kind, fn)
  local properties = {}
  for name, value in pairs(options.properties or {}) do
    properties[name] = value
  end
  properties.ServiceToken, properties.ServiceTimeout = fn.arn, kind.service_timeout
  return {
    name = options.name,
    type = kind.type,
    properties = properties,
    depends_on = options.depends_on,
  }
end

return custom_resource
