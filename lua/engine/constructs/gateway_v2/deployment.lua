--- The deployment of an HTTP or WebSocket API: a picture that a stage shows. Its id is a hash of all that it
--- shows, so that a change makes another one, and no change none. The hash is made last, of the
--- template as decorators have left it; until then it is called "ChatApiDeployment".
local digest = require "host.digest"
local json = require "host.json"
local order = require "engine.order"
local renaming = require "engine.generate.renaming"

local deployment = {}

local HASH <const> = 12 -- digits

-- What a deployment shows: what it waits for by its name, and what that waits for.
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
    Properties = { ApiId = { Ref = words.stem .. "Api" } },
  }
end

local function belongs(id, resource, api_id)
  local api = type(resource.Properties) == "table" and resource.Properties.ApiId
  return id == api_id or type(api) == "table" and api.Ref == api_id
end

-- All that it shows, and the ids that it waits for, sorted.
local function look(template, words)
  local shown, last, api_id = {}, {}, words.stem .. "Api"
  for _, id in ipairs(order.keys(template.Resources)) do
    local resource = template.Resources[id]
    local role = type(resource) == "table" and SHOWN[resource.Type]
    if role and belongs(id, resource, api_id) then
      shown[id] = resource
      if role == "last" then
        table.insert(last, id)
      end
    end
  end
  return shown, last
end

--- Gives the deployment its name, when there is one.
---@param words engine.ConstructWords
---@param template table
---@param model engine.Model
function deployment.settle(words, template, model)
  local from = id_of(words)
  local resource = template.Resources[from]
  if type(resource) ~= "table" then
    return
  end
  local shown, last = look(template, words)
  resource.DependsOn = resource.DependsOn or last
  local text = json.encode(shown)
  if text then -- else a decorator's value is no JSON: marshal says where it is
    local to = from .. digest.sha256(text):sub(1, HASH)
    renaming.resource(template, model, from, to)
  end
end

return deployment
