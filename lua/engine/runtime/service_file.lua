--- Loads service.lua as the host does, and finds the handler in what it returns.
local context = require "engine.runtime.context"
local failure = require "engine.failure"
local strict = require "engine.strict"

local service_file = {}

local NAME = "service.lua" -- the archive names it so, whatever its author called it

local function refuse(type, message)
  failure.raise("init", message, { type = type })
end

local function compile(root)
  local path = root .. "/" .. NAME
  local handle, problem = io.open(path, "rb")
  if not handle then
    refuse("Runtime.ImportModuleError", "cannot read the service file: " .. problem)
  end
  local bytes = handle:read "a"
  handle:close()
  local chunk, message = load(bytes, "@" .. NAME, "bt", strict.environment())
  if not chunk then
    refuse("Runtime.UserCodeSyntaxError", message)
  end
  return chunk
end

local function names(functions)
  local list = {}
  for _, fn in ipairs(functions) do
    table.insert(list, "'" .. tostring(fn.name) .. "'")
  end
  return #list > 0 and table.concat(list, ", ") or "none"
end

local function find(service, name)
  local metatable = getmetatable(service)
  if type(metatable) ~= "table" or metatable.__name ~= "laconic.service" then
    refuse("Runtime.ImportModuleError", NAME .. " does not return its service")
  end
  for _, fn in ipairs(service.functions) do
    if fn.name == name then
      return fn
    end
  end
  local text = "the service has no function '%s' (it has: %s)"
  refuse("Runtime.HandlerNotFound", text:format(tostring(name), names(service.functions)))
end

--- Runs the service file and returns how its function called `name` is served.
---@param root string
---@param name? string  Lambda's _HANDLER
---@param on_error fun(raised: any): table
---@return engine.runtime.Plan
function service_file.plan(root, name, on_error)
  local service = compile(root)(NAME)
  local fn = find(service, name)
  context.set_margin(fn.deadline_margin or context.MARGIN)
  local of_service, of_function = service.interceptors, fn.interceptors or {}
  local chain
  if #of_service + #of_function > 0 then
    chain = require("engine.runtime.interceptors").chain(of_service, of_function)
  end
  return {
    handler = fn.handler,
    chain = chain,
    margin = fn.deadline_margin or context.MARGIN,
    on_error = on_error,
    shutdowns = service.shutdowns,
  }
end

return service_file
