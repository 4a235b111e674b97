--- The dispatcher of a service API: an event that names a module and a function → that function, when
--- it is there and marked; its result, or an error that API Gateway knows what to make of.
---
--- Clients are told what engine.runtime.service_api.errors made, and nothing else: whatever else is
--- raised has, or gets, a text that API Gateway turns into "Service Error".
local current = require "engine.runtime.current"
local errors = require "engine.runtime.service_api.errors"
local log = require "engine.runtime.service_api.log"
local marked = require "engine.runtime.service_api.marked"
local modules = require "engine.runtime.service_api.modules"
local parameters = require "engine.runtime.service_api.parameters"
local report = require "engine.runtime.report"

local service_api = {}

local FOLDER <const> = "api"

--- What a function is given first; it cannot be changed.
---@class laconic.ApiRequest
---@field event table              as the request template made it
---@field context laconic.Context

local function refuse_change(_, name)
  error(("a request is not changed (field '%s')"):format(tostring(name)), 2)
end

local function new_request(event, context)
  return setmetatable({}, {
    __name = "laconic.request",
    __index = { event = event, context = context },
    __newindex = refuse_change,
  })
end

local function refuse(type, text, ...)
  report.refuse(type, text:format(...))
end

local function name_of(event, field)
  local name = type(event) == "table" and event[field]
  if type(name) ~= "string" or name == "" then
    refuse("ValueError", "the event has no '%s' (it is no request of a service API)", field)
  end
  return name
end

local function is_callable(value)
  local metatable = getmetatable(value)
  return type(value) == "function" or type(metatable) == "table" and metatable.__call ~= nil
end

local function find(root, folder, event)
  local module_name, name = name_of(event, "module"), name_of(event, "function")
  local module = modules.load(root, folder, module_name)
  local value = rawget(module, name)
  if value == nil then
    refuse("ValueError", "the module '%s' has no '%s'", module_name, name)
  elseif not is_callable(value) then
    refuse("ValueError", "'%s' of the module '%s' is no function", name, module_name)
  end
  local facts = marked.facts(value)
  if not facts then
    refuse("ValueError", "'%s' of the module '%s' is not marked: say service.api(function …)", name,
      module_name)
  end
  return facts
end

local function given_by(event)
  local given = event.parameters
  if given == nil then
    return {}
  elseif type(given) ~= "table" then
    refuse("AttributeError", "the event's parameters are no object")
  end
  return given
end

-- What clients would be told by accident, or what has no text and would pass for a result, says of
-- itself what it is.
local function guarded(raised)
  if errors.is(raised) or type(raised) == "table" and rawget(raised, "kind") == "interrupt" then
    return raised
  end
  local failed = report.describe { raised = raised, trace = "" }
  local message = failed.errorMessage
  if message == "" or errors.is_told(message) then
    local text = message == "" and "an error without a message" or "raised as a text: " .. message
    raised = { type = failed.errorType, message = text }
  end
  current.note(raised, current.noted(raised) or report.innermost(2))
  return raised
end

local function answer(root, folder, event, context)
  local facts = find(root, folder, event)
  local values = parameters.read(facts, event, given_by(event))
  log.request(facts, event)
  return facts.run(new_request(event, context), values)
end

--- Answers one event.
---@param event any
---@param context laconic.Context
---@param folder? string  of the modules; default "api"
---@param root? string    default: where Lambda unpacked the archive
---@return any  what the function returned
function service_api.dispatch(event, context, folder, root)
  root = root or os.getenv "LAMBDA_TASK_ROOT" or "."
  local ok, result = xpcall(answer, guarded, root, folder or FOLDER, event, context)
  if not ok then
    error(result, 0)
  end
  return result
end

return service_api
