--- The definition that a RestApi's Body gives: Swagger 2.0 or OpenAPI 3.0 with API Gateway's
--- extensions, as ImportRestApi and PutRestApi read it.
local fault = require "engine.local.fault"
local json = require "host.json"
local operations = require "engine.local.services.apigateway.import_operation"
local order = require "engine.order"
local schemas = require "engine.local.services.apigateway.import_schema"
local security = require "engine.local.services.apigateway.import_security"
local store = require "engine.local.services.apigateway.store"

local import = {}

local VERBS <const> = {
  delete = "DELETE", get = "GET", head = "HEAD", options = "OPTIONS", patch = "PATCH",
  post = "POST", put = "PUT", ["x-amazon-apigateway-any-method"] = "ANY",
}

--- A document while it is read.
---@class engine.local.services.apigateway.Import
---@field api engine.local.services.apigateway.Api
---@field body table
---@field definition engine.local.services.apigateway.Definition
---@field schemes table<string, engine.local.services.apigateway.Scheme>
---@field validators table<string, string>  name → id

local function complain(format, ...)
  fault.raise("BadRequestException", format:format(...))
end

local function check_version(body)
  local version = body.swagger or body.openapi
  if tostring(version) ~= "2.0" and not tostring(version):find "^3%." then
    complain("Unable to parse API definition: it is neither Swagger 2.0 nor OpenAPI 3")
  elseif type(body.paths) ~= "table" then
    complain "Unable to parse API definition: it has no paths"
  end
end

-- The document's own words for what properties can say, too.
local function read_settings(run)
  local body, api, definition = run.body, run.api, run.definition
  local info = type(body.info) == "table" and body.info or {}
  api.name, api.version = info.title or api.name, info.version
  api.description = info.description or api.description
  api.policy = body["x-amazon-apigateway-policy"] or api.policy
  definition.binaryMediaTypes = body["x-amazon-apigateway-binary-media-types"]
    or definition.binaryMediaTypes
  definition.apiKeySource = body["x-amazon-apigateway-api-key-source"] or definition.apiKeySource
end

local function read_validators(run)
  local said = run.body["x-amazon-apigateway-request-validators"] or {}
  for _, name in ipairs(order.keys(said)) do
    local id = store.id_of(run.api.id .. "/validators/" .. name)
    run.validators[name] = id
    run.definition.requestValidators[id] = {
      id = id,
      name = name,
      validateRequestBody = said[name].validateRequestBody or false,
      validateRequestParameters = said[name].validateRequestParameters or false,
    }
  end
end

local function read_gateway_responses(run)
  local said = run.body["x-amazon-apigateway-gateway-responses"] or {}
  for _, kind in ipairs(order.keys(said)) do
    run.definition.gatewayResponses[kind] = {
      responseType = kind,
      statusCode = said[kind].statusCode and tostring(said[kind].statusCode),
      responseParameters = said[kind].responseParameters,
      responseTemplates = said[kind].responseTemplates,
    }
  end
end

local function child_of(run, parent, part)
  local path = (parent.path == "/" and "" or parent.path) .. "/" .. part
  local id = store.id_of(run.api.id .. path)
  local resources = run.definition.resources
  resources[id] = resources[id]
    or { id = id, parentId = parent.id, pathPart = part, path = path, resourceMethods = {} }
  return resources[id]
end

local function check_part(path, part)
  local bare = part:match "^{([%w._-]+)%+?}$" or part
  if not bare:find "^[%w._:-]+$" then
    complain("Unable to create resource at path '%s': Resource's path part only allow "
      .. "a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the "
      .. "end.", path)
  end
end

-- Every segment of a path is a resource of its own.
local function resource_of(run, path)
  local resource = run.definition.resources[run.api.rootResourceId]
  if path:sub(1, 1) ~= "/" then
    complain("Unable to parse API definition: the path '%s' does not begin with /", path)
  end
  for part in path:gmatch "[^/]+" do
    check_part(path, part)
    resource = child_of(run, resource, part)
  end
  return resource
end

local function read_paths(run)
  for _, path in ipairs(order.keys(run.body.paths)) do
    local item = run.body.paths[path]
    local resource = not path:find "^x%-" and type(item) == "table" and resource_of(run, path)
    for _, key in ipairs(resource and order.keys(item) or {}) do
      local verb = VERBS[key]
      if verb and type(item[key]) == "table" then
        resource.resourceMethods[verb] =
          operations.read(run, ("%s %s"):format(verb, path), item[key], item)
        resource.resourceMethods[verb].httpMethod = verb
      end
    end
  end
end

local function empty(api)
  local root = api.definition.resources[api.rootResourceId]
  root.resourceMethods = json.object {}
  local fresh = store.new_api { id = api.id }
  fresh.definition.resources = { [root.id] = root }
  return fresh.definition
end

--- Brings a document into an API: in the place of what it is, or merged into it.
---@param api engine.local.services.apigateway.Api
---@param body table
---@param is_merged boolean
function import.apply(api, body, is_merged)
  if type(body) ~= "table" then
    complain "Unable to parse API definition: it is not a JSON object"
  end
  check_version(body)
  api.definition = is_merged and api.definition or empty(api)
  local run = {
    api = api, body = body, definition = api.definition, schemes = {}, validators = {},
  }
  read_settings(run)
  read_validators(run)
  read_gateway_responses(run)
  schemas.read(run)
  run.schemes = security.read(run)
  read_paths(run)
end

return import
