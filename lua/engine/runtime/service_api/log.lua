--- What is logged of requests, at level debug: the event, without what must not be read there.
local json = require "host.json"
local logger = require "engine.runtime.logger"

local log = {}

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local twin = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    twin[key] = copy(item)
  end
  return twin
end

local function redact(event, unlogged)
  local given = type(event.parameters) == "table" and event.parameters or {}
  for name in pairs(unlogged) do
    local value = given[name]
    if value ~= nil and value ~= json.null and value ~= "" then
      given[name] = "<redacted>"
    end
  end
end

--- Logs the request that is about to be answered.
---@param facts engine.runtime.ApiFunction
---@param event table  stays as it is
function log.request(facts, event)
  if not logger.is_on "debug" then
    return
  end
  local shown = copy(event)
  redact(shown, facts.unlogged or {})
  if facts.logging_filter then
    facts.logging_filter(shown)
  end
  logger.log.debug("service API request", {
    module = shown.module,
    ["function"] = shown["function"],
    parameters = shown.parameters,
  })
end

return log
