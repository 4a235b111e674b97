--- The deployment of a REST API: a picture that a stage shows. Its id is a hash of all that it
--- shows, so that a change makes another one, and no change none. The hash is made last, of the
--- template as decorators have left it; until then it is called "EchoApiDeployment".
local digest = require "host.digest"
local ids = require "engine.constructs.rest_api.ids"
local json = require "host.json"
local order = require "engine.order"
local renaming = require "engine.generate.renaming"
local value = require "engine.constructs.rest_api.value"

local deployment = {}

local HASH <const> = 12 -- digits

-- What a deployment shows: what it waits for by its name, and what that waits for.
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

local function belongs(id, resource, api_id)
  local api = type(resource.Properties) == "table" and resource.Properties.RestApiId
  return id == api_id or type(api) == "table" and api.Ref == api_id
end

-- All that it shows, and the ids that it waits for, sorted.
local function look(template, words)
  local shown, last, api_id = {}, {}, ids.api(words)
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
  return { shown, (template.Mappings or {})[ids.templates(words)] }, last
end

--- Gives the deployment its name, when it is there still.
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
  if not text then
    return -- a decorator's value that is no JSON: marshal says where it is
  end
  local to = from .. digest.sha256(text):sub(1, HASH)
  renaming.resource(template, model, from, to)
end

return deployment
