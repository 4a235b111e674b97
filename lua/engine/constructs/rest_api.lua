--- What a REST API becomes: the API, a resource for each segment of its paths, methods with what
--- they ask for and how they map, a deployment, its stage, and the permission to call the
--- functions.
local access = require "engine.constructs.rest_api.access"
local cors = require "engine.constructs.rest_api.cors"
local deployment = require "engine.constructs.rest_api.deployment"
local expressions = require "engine.constructs.rest_api.expressions"
local failure = require "engine.failure"
local ids = require "engine.constructs.rest_api.ids"
local mapping = require "engine.constructs.rest_api.mapping"
local methods = require "engine.constructs.rest_api.methods"
local order = require "engine.order"
local publishing = require "engine.constructs.rest_api.publishing"
local requirements = require "engine.constructs.rest_api.requirements"
local spelling = require "engine.spelling"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local rest_api = {}

local function refuse(where, code, text, ...)
  failure.raise("invalid", text:format(...), { code = code, where = where })
end

local function check_own(words, method)
  local authorizer, known = method.options.authorizer, false
  for _, said in ipairs(words.authorizers) do
    known = known or type(authorizer) == "table" and said.id == authorizer.id
  end
  if type(authorizer) == "table" and not known then
    refuse(method.where, "E104", "method.authorizer: '%s' belongs to another API", authorizer.name)
  end
  for content_type, model in pairs(method.models) do
    local own = model.schema ~= nil
    for _, said in ipairs(words.models) do
      own = own or said.id == model.id
    end
    if not own then
      refuse(method.where, "E104", "method: the model of %s belongs to another API", content_type)
    end
  end
end

local WITH_BODIES <const> = { ANY = true, PATCH = true, POST = true, PUT = true }

-- Of types that the API takes for bytes, a mapped method gets base64: nothing that is JSON, or a form.
local function check_readable(words, method)
  local options, binaries = method.options, words.options.binary_media_types or {}
  if method.proxy or options.integration or options.request_templates
    or not WITH_BODIES[method.verb] then
    return
  end
  for _, kind in ipairs(methods.content_types(method, words)) do
    for _, binary in ipairs(mapping.is_structured(kind) and binaries or {}) do
      if binary == "*/*" or binary == kind or binary == kind:gsub("/.*", "/*") then
        refuse(method.where, "E104",
          "method: '%s' among the API's binary_media_types makes base64 of %s bodies", binary, kind)
      end
    end
  end
end

local function check_method(words, method)
  check_own(words, method)
  check_readable(words, method)
  local options = method.options
  if options.claims and not access.is_cognito(method, words) then
    refuse(method.where, "E104", "method.claims: only a Cognito token has claims")
  elseif options.scopes and not access.is_cognito(method, words) then
    refuse(method.where, "E104", "method.scopes: only a Cognito authorizer knows scopes")
  end
  if options.throttling and not words.stage then
    refuse(method.where, "E104", "method.throttling: it belongs to a stage, and the API has none")
  elseif options.cache and not (words.stage and words.stage.cache) then
    refuse(method.where, "E104", "method.cache: the API's stage has no cache")
  end
end

--- Checks what only the whole of an API tells.
---@param words engine.ConstructWords
function rest_api.check(words)
  if words.stage and #words.methods == 0 then
    refuse(words.where, "E102", "rest_api '%s': an API without a method cannot be published",
      words.name)
  end
  local known = {}
  for _, method in ipairs(words.methods) do
    check_method(words, method)
    known[method.verb .. " " .. method.path] = true
  end
  expressions.check(words)
  for _, plan in ipairs(words.usage_plans) do
    for _, name in ipairs(order.keys(plan.methods)) do
      if not known[name] then
        local unknown = spelling.unknown("method", name, known)
        refuse(plan.where, "E104", "usage_plan.methods: %s", unknown)
      end
    end
  end
end

--- Keys are let in by usage plans, and one of another stack may name the API's stage.
---@param words engine.ConstructWords
---@return string[]
function rest_api.warnings(words)
  local names = {}
  for _, method in ipairs(#words.usage_plans == 0 and words.methods or {}) do
    table.insert(names, methods.wants_key(method, words)
      and ("%s %s"):format(method.verb, method.path) or nil)
  end
  return #names > 0 and {
    ("%s: %s of the API '%s' asks for an API key, and no usage plan of the service lets one in:"
      .. " api:usage_plan { … }"):format(words.where, table.concat(names, ", "), words.name),
  } or {}
end

--- Functions behind proxy integrations are told the origins that may call: they answer for
--- themselves.
---@param words engine.ConstructWords
---@return table<string, engine.Grant>
function rest_api.grants(words)
  local grants = {}
  for _, method in ipairs(words.cors and words.methods or {}) do
    if method.proxy and method.target and method.target.name then
      grants[method.target.name] = {
        environment = { [words.cors_variable] = value.listed(words.cors.origins) },
      }
    end
  end
  return grants
end

local function api_resource(words)
  local options, endpoint = words.options, words.endpoint
  return {
    Type = "AWS::ApiGateway::RestApi",
    Properties = {
      ApiKeySourceType = options.api_key_source and options.api_key_source:upper(),
      BinaryMediaTypes = options.binary_media_types,
      Description = options.description,
      DisableExecuteApiEndpoint = options.disable_default_endpoint,
      EndpointConfiguration = {
        Types = { endpoint.type:upper() },
        VpcEndpointIds = endpoint.vpc_endpoints,
      },
      MinimumCompressionSize = options.minimum_compression,
      Name = value.join(value.ref "AWS::StackName", "_" .. words.name),
      Policy = options.policy,
      Tags = value.tags(options.tags),
    },
  }
end

-- The resource of a path, made with those above it where they are not there yet.
local function resource_of(context, segments, where)
  local parent, path = value.att(context.api_id, "RootResourceId"), ""
  for _, segment in ipairs(segments) do
    path = path .. "/" .. segment.text
    local id = ids.resource(context.words, path)
    if not context.made[id] then
      context.add(id, {
        Type = "AWS::ApiGateway::Resource",
        Properties = {
          ParentId = parent,
          PathPart = segment.text,
          RestApiId = value.ref(context.api_id),
        },
      }, where)
    end
    parent = value.ref(id)
  end
  return parent
end

local function add_methods(context)
  local paths = {}
  for _, method in ipairs(context.words.methods) do
    local resource = resource_of(context, method.segments, method.where)
    methods.add(method, resource, context)
    local path = paths[method.path] or { verbs = {}, resource = resource, where = method.where }
    table.insert(path.verbs, method.verb)
    path.has_options = path.has_options or method.verb == "OPTIONS"
    paths[method.path] = path
  end
  return paths
end

local function add_preflights(context, paths)
  for _, path in ipairs(order.keys(paths)) do
    local found = paths[path]
    table.sort(found.verbs)
    if not found.has_options then
      local properties = cors.preflight(context.words.cors, found.verbs, context.is_binary)
      properties.ResourceId, properties.RestApiId = found.resource, value.ref(context.api_id)
      context.add(ids.method(context.words, "OPTIONS", path, "Method"), {
        Type = "AWS::ApiGateway::Method",
        Properties = properties,
      }, found.where)
    end
  end
end

local function gateway_headers(said)
  local parameters = {}
  for name, header in pairs(said) do
    parameters["gatewayresponse.header." .. name] = header
  end
  return parameters
end

-- What API Gateway answers by itself: an author's words, and the headers of CORS.
local function add_gateway_responses(context)
  local words = context.words
  local said = {}
  for name, response in pairs(words.options.gateway_responses or {}) do
    said[name] = response
  end
  if words.cors then
    said.DEFAULT_4XX = said.DEFAULT_4XX or {}
    said.DEFAULT_5XX = said.DEFAULT_5XX or {}
  end
  for _, name in ipairs(order.keys(said)) do
    local headers = words.cors and cors.gateway_headers(words.cors) or {}
    for header, text in pairs(said[name].headers or {}) do
      headers[header] = value.quoted(text)
    end
    local part = name:lower():gsub("%f[%w]%l", string.upper):gsub("_(%w)", string.upper)
    context.add(context.api_id .. part .. "Response", {
      Type = "AWS::ApiGateway::GatewayResponse",
      Properties = {
        ResponseParameters = next(headers) and gateway_headers(headers) or nil,
        ResponseTemplates = said[name].templates,
        ResponseType = name,
        RestApiId = value.ref(context.api_id),
        StatusCode = said[name].status and tostring(said[name].status),
      },
    })
  end
end

local function new_context(words)
  local context = {
    words = words,
    api_id = ids.api(words),
    templates_id = ids.templates(words),
    templates = {},
    made = {}, -- by id
    is_binary = words.options.binary_media_types ~= nil,
    resources = {},
  }
  function context.add(id, resource, where)
    context.made[id] = true
    table.insert(context.resources, { id = id, resource = resource, where = where })
  end
  return context
end

local function add_definition(context)
  local words = context.words
  context.add(context.api_id, api_resource(words))
  for _, model in ipairs(words.models) do
    context.add(model.id, requirements.model(context.api_id, model), model.where)
  end
  access.add_authorizers(context)
  local paths = add_methods(context)
  if words.cors then
    add_preflights(context, paths)
  end
  add_gateway_responses(context)
end

--- See engine.Construct.
---@param words engine.ConstructWords
---@return engine.Expansion
function rest_api.expand(words)
  local context = new_context(words)
  add_definition(context)
  access.add_permissions(context)
  if words.stage then
    local stage_id = publishing.add_stage(context)
    access.add_usage_plans(context, stage_id)
    publishing.add_domain(context, stage_id)
  end
  local mappings = next(context.templates)
    and { { name = context.templates_id, value = context.templates } } or nil
  return {
    resources = context.resources,
    mappings = mappings,
    outputs = words.stage
      and url_output.list(words, ("the REST API '%s'"):format(words.name), words.url) or {},
  }
end

rest_api.settle = deployment.settle

return rest_api
