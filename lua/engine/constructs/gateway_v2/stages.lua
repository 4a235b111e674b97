--- What stages of HTTP APIs and WebSocket APIs have alike: settings of routes, access logs.
local access_log = require "engine.constructs.parts.access_log"
local value = require "engine.constructs.parts.value"

local stages = {}

local LEVELS <const> = { off = "OFF", error = "ERROR", info = "INFO" }

--- Settings of a route, or of all; nil when nothing was said.
---@param said table  throttling?, detailed_metrics?, logging?, data_trace?
---@return table?
function stages.route_settings(said)
  local throttling = said.throttling or {}
  local settings = {
    DataTraceEnabled = said.data_trace,
    DetailedMetricsEnabled = said.detailed_metrics,
    LoggingLevel = said.logging and LEVELS[said.logging],
    ThrottlingBurstLimit = throttling.burst,
    ThrottlingRateLimit = throttling.rate,
  }
  return next(settings) ~= nil and settings or nil
end

--- The settings of those routes that have some, and their ids: a stage can only speak of routes that
--- are there.
---@param routes table[]
---@param id_of fun(route: table): string
---@return table? settings
---@return string[]? depends_on
function stages.all_route_settings(routes, id_of)
  local settings, depends_on = {}, {}
  for _, route in ipairs(routes) do
    local own = stages.route_settings(route)
    if own then
      settings[route.key] = own
      table.insert(depends_on, id_of(route))
    end
  end
  if #depends_on == 0 then
    return nil
  end
  table.sort(depends_on)
  return settings, depends_on
end

--- Access logs of a stage; nil when there are none. The group that the stack makes has a name under
--- which AWS's log delivery needs no policy for each group.
---@param made engine.gateway_v2.Made
---@param words engine.ConstructWords
---@param stage table
---@param stage_id string
---@param fields table<string, string>  what a line tells, unless the author said so
---@return table?
function stages.access_log(made, words, stage, stage_id, fields)
  local name = ("/aws/vendedlogs/${AWS::StackName}/%s/%s"):format(words.name,
    (stage.name:gsub("%$", "")))
  return access_log.settings(stage.access_log, {
    id = stage_id .. "Logs",
    name = value.sub(name),
    format = fields,
  }, function(id, resource)
    made:add(id, resource)
  end)
end

return stages
