--- Canaries of stages: a share of the requests, drawn by lot, goes to another deployment with variables of
--- its own. By API Gateway's guide, "Set up an API Gateway canary release deployment".
local fault = require "engine.local.fault"

local canary = {}

--- Draws a lot: a number from 0 to 1, without 1.
canary.draw = math.random

--- Checks what was said of a stage's canary, and completes it; nil when there is to be none.
---@param api engine.local.services.apigateway.Api
---@param stage table       the stage's record
---@param settings? table   percentTraffic, deploymentId, stageVariableOverrides, useStageCache
---@return table?
function canary.settings(api, stage, settings)
  if type(settings) ~= "table" then
    return nil
  end
  local percent = settings.percentTraffic or 0
  if type(percent) ~= "number" or percent < 0 or percent > 100 then
    fault.raise("BadRequestException", "Canary percent traffic must be between 0 and 100")
  end
  settings.percentTraffic = percent
  settings.deploymentId = settings.deploymentId or stage.deploymentId
  settings.useStageCache = settings.useStageCache or false
  if not api.deployments[settings.deploymentId or ""] then
    fault.raise("BadRequestException", "Canary settings name no deployment of the API")
  end
  return settings
end

--- The variables of a stage's canary: the stage's, but those that it says otherwise.
---@param stage table  the stage's record
---@return table<string, string>
function canary.variables(stage)
  local variables = {}
  for _, some in ipairs {
    stage.variables or {}, stage.canarySettings.stageVariableOverrides or {},
  } do
    for name, value in pairs(some) do
      variables[name] = value
    end
  end
  return variables
end

--- Which of a stage and its canary gets a request.
---@param stage? engine.local.services.apigateway.Stage
---@return engine.local.services.apigateway.Stage?
function canary.choose(stage)
  local other = stage and stage.canary
  return other and canary.draw() * 100 < stage.canary_percent and other or stage
end

return canary
