--- The definition that a RestApi's Body gives: Swagger 2.0 or OpenAPI 3.0 with API Gateway's
--- extensions, as ImportRestApi and PutRestApi read it.
local fault = require "engine.local.fault"
local json = require "host.json"
local operations = require "engine.local.services.apigateway.import_operation"
local order = require "engine.order"
local schemas = require "engine.local.services.apigateway.import_schema"
local security = require "engine.local.services.apigateway.import_security"
local shape = require "engine.local.import_shape"
local store = require "engine.local.services.apigateway.store"

local import = {}

local VERBS <const> = {
  delete = "DELETE", get = "GET", head = "HEAD", options = "OPTIONS", patch = "PATCH",
  post = "POST", put = "PUT", ["x-amazon-apigateway-any-method"] = "ANY",
}

local BINARY <const> = "x-amazon-apigateway-binary-media-types"
local COMPRESSION <const> = "x-amazon-apigateway-minimum-compression-size"
local KEY_SOURCE <const> = "x-amazon-apigateway-api-key-source"
local VALIDATORS <const> = "x-amazon-apigateway-request-validators"
local RESPONSES <const> = "x-amazon-apigateway-gateway-responses"

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
  local info = shape.map(body.info, "info")
  api.name = shape.text(info.title, "info.title") or api.name
  api.version = shape.text(info.version, "info.version")
  api.description = shape.text(info.description, "info.description") or api.description
  api.policy = body["x-amazon-apigateway-policy"] or api.policy
  local kinds = body[BINARY]
  definition.binaryMediaTypes = kinds and shape.texts(kinds, BINARY) or definition.binaryMediaTypes
  definition.apiKeySource = shape.text(body[KEY_SOURCE], KEY_SOURCE) or definition.apiKeySource
  definition.minimumCompressionSize = math.tointeger(tonumber(body[COMPRESSION]))
end

local function read_validators(run)
  local said = shape.map(run.body[VALIDATORS], VALIDATORS)
  for _, name in ipairs(order.keys(said)) do
    local id = store.id_of(run.api.id .. "/validators/" .. name)
    local validator = shape.map(said[name], VALIDATORS .. "." .. name)
    run.validators[name] = id
    run.definition.requestValidators[id] = {
      id = id,
      name = name,
      validateRequestBody = validator.validateRequestBody == true,
      validateRequestParameters = validator.validateRequestParameters == true,
    }
  end
end

local function read_gateway_responses(run)
  local said = shape.map(run.body[RESPONSES], RESPONSES)
  for _, kind in ipairs(order.keys(said)) do
    local place = RESPONSES .. "." .. kind
    local response = shape.map(said[kind], place)
    run.definition.gatewayResponses[kind] = {
      responseType = kind,
      statusCode = response.statusCode and tostring(response.statusCode),
      responseParameters = shape.map(response.responseParameters, place .. ".responseParameters"),
      responseTemplates = shape.map(response.responseTemplates, place .. ".responseTemplates"),
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

local function read_path(run, path)
  local item = shape.map(run.body.paths[path], "paths." .. path)
  local resource = resource_of(run, path)
  for _, key in ipairs(order.keys(item)) do
    local verb = VERBS[key]
    if verb then
      local place = ("paths.%s.%s"):format(path, key)
      local method = operations.read(run, place, shape.map(item[key], place), item)
      method.httpMethod = verb
      resource.resourceMethods[verb] = method
    end
  end
end

local function read_paths(run)
  for _, path in ipairs(order.keys(shape.map(run.body.paths, "paths"))) do
    if not path:find "^x%-" then
      read_path(run, path)
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
