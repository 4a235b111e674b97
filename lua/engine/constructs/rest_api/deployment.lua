--- The deployment of a REST API: see engine.constructs.parts.snapshot.
local ids = require "engine.constructs.rest_api.ids"
local snapshot = require "engine.constructs.parts.snapshot"
local value = require "engine.constructs.parts.value"

local deployment = {}

local SHOWN <const> = {
  ["AWS::ApiGateway::Authorizer"] = "before",
  ["AWS::ApiGateway::GatewayResponse"] = "last",
  ["AWS::ApiGateway::Method"] = "last",
  ["AWS::ApiGateway::Model"] = "last",
  ["AWS::ApiGateway::RequestValidator"] = "before",
  ["AWS::ApiGateway::Resource"] = "before",
  ["AWS::ApiGateway::RestApi"] = "before",
}

local function id_of(words)
  return ids.api(words) .. "Deployment"
end

--- The deployment under its first name, and that name.
---@param words engine.ConstructWords
---@return string id
---@return table resource
function deployment.new(words)
  return id_of(words), {
    Type = "AWS::ApiGateway::Deployment",
    Properties = { RestApiId = value.ref(ids.api(words)) },
  }
end

--- Gives the deployment its name, when it is there still.
---@param words engine.ConstructWords
---@param template table
---@param model engine.Model
function deployment.settle(words, template, model)
  snapshot.settle(template, model, id_of(words), {
    api_id = ids.api(words),
    property = "RestApiId",
    roles = SHOWN,
  })
end

return deployment
