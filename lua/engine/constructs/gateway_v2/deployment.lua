--- The deployment of an HTTP or WebSocket API: see engine.constructs.parts.snapshot.
local snapshot = require "engine.constructs.parts.snapshot"
local value = require "engine.constructs.parts.value"

local deployment = {}

local SHOWN <const> = {
  ["AWS::ApiGatewayV2::Api"] = "before",
  ["AWS::ApiGatewayV2::Authorizer"] = "before",
  ["AWS::ApiGatewayV2::Integration"] = "before",
  ["AWS::ApiGatewayV2::IntegrationResponse"] = "last",
  ["AWS::ApiGatewayV2::Model"] = "before",
  ["AWS::ApiGatewayV2::Route"] = "last",
  ["AWS::ApiGatewayV2::RouteResponse"] = "last",
}

local function id_of(words)
  return words.stem .. "ApiDeployment"
end

--- The deployment under its first name, and that name.
---@param words engine.ConstructWords
---@return string id
---@return table resource
function deployment.new(words)
  local policy = words.retain_deployments and "Retain" or nil
  return id_of(words), {
    Type = "AWS::ApiGatewayV2::Deployment",
    DeletionPolicy = policy,
    UpdateReplacePolicy = policy,
    Properties = { ApiId = value.ref(words.stem .. "Api") },
  }
end

--- Gives the deployment its name, when there is one.
---@param words engine.ConstructWords
---@param template table
---@param model engine.Model
function deployment.settle(words, template, model)
  snapshot.settle(template, model, id_of(words), {
    api_id = words.stem .. "Api",
    property = "ApiId",
    roles = SHOWN,
  })
end

return deployment
