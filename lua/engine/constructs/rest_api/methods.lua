--- The methods of a REST API as CloudFormation has them: what they ask of a request, what they
--- call, and what becomes of the answer.
local cors = require "engine.constructs.rest_api.cors"
local ids = require "engine.constructs.rest_api.ids"
local mapping = require "engine.constructs.rest_api.mapping"
local order = require "engine.order"
local requirements = require "engine.constructs.rest_api.requirements"
local value = require "engine.constructs.parts.value"

local methods = {}

-- The templates that most methods have alike stand once, in a mapping of CloudFormation's.
local SHARED_KEYS <const> = {
  ["application/json"] = "Json",
  ["application/x-www-form-urlencoded"] = "Form",
  ["multipart/form-data"] = "Text",
  ["text/plain"] = "Text",
}

local function shared(context, group, key, text)
  context.templates[group] = context.templates[group] or {}
  context.templates[group][key] = text
  return { ["Fn::FindInMap"] = { context.templates_id, group, key } }
end

-- Authorizers said with the method, else the API's.
local function authorization(method, words)
  local said = method.options.authorizer or words.options.authorizer
  if not method.options.authorizer then
    for _, authorizer in ipairs(words.authorizers) do
      said = authorizer.default and authorizer or said
    end
  end
  if said == nil or said == "none" then
    return "NONE"
  elseif said == "iam" then
    return "AWS_IAM"
  end
  for _, authorizer in ipairs(words.authorizers) do
    if authorizer.id == said.id then
      return authorizer.type == "cognito" and "COGNITO_USER_POOLS" or "CUSTOM", authorizer
    end
  end
  return "CUSTOM", said -- of another API: engine.constructs.rest_api has refused it
end

--- The content types of requests that a method maps.
---@param method table
---@param words engine.ConstructWords
---@return string[]
function methods.content_types(method, words)
  return method.options.content_types or words.options.content_types or mapping.CONTENT_TYPES
end

--- Whether a method asks for an API key.
---@param method table
---@param words engine.ConstructWords
---@return boolean
function methods.wants_key(method, words)
  local own = method.options.api_key
  if own == nil then
    return words.options.api_key or false
  end
  return own
end

local function request_templates(method, context)
  local options, templates = method.options, {}
  if options.request_templates then
    return options.request_templates
  end
  local is_cognito = authorization(method, context.words) == "COGNITO_USER_POOLS"
  local claims = is_cognito and (options.claims or mapping.CLAIMS) or nil
  for _, content_type in ipairs(methods.content_types(method, context.words)) do
    local text = mapping.request(content_type, claims)
    local key = not options.claims and SHARED_KEYS[content_type]
    local group = is_cognito and "Cognito" or "Request"
    templates[content_type] = key and shared(context, group, key, text) or text
  end
  return templates
end

local function with_prelude(context, template)
  local said = context.words.cors
  local prelude = said and cors.prelude(said)
  if not prelude then
    return template
  end
  table.insert(prelude, template)
  return value.join(table.unpack(prelude))
end

local function cors_headers(context)
  return context.words.cors and cors.headers(context.words.cors) or {}
end

-- An integration response; `headers` are static and an author's own.
local function response_of(context, status, pattern, templates, headers)
  local all = cors_headers(context)
  for name, text in pairs(headers or {}) do
    all[name] = value.quoted(text)
  end
  for content_type, template in pairs(templates) do
    templates[content_type] = with_prelude(context, template)
  end
  return {
    ResponseParameters = next(all) and cors.parameters(all, cors.given) or nil,
    ResponseTemplates = next(templates) and templates or nil,
    SelectionPattern = pattern,
    StatusCode = tostring(status),
  }
end

local function copy(map)
  local result = {}
  for key, item in pairs(map or {}) do
    result[key] = item
  end
  return result
end

local ERROR_STATUS <const> = 500

-- A failure's answer tells its message, unless its author says otherwise: as it is, it would show the
-- function's trace to whoever asked.
local function templates_of(said)
  if said.pattern and not said.templates then
    return { ["application/json"] = mapping.MESSAGE }
  end
  return copy(said.templates)
end

-- Laconic's two, as far as the author has not said others: how a result is answered, and how a
-- failure.
local function integration_responses(method, context)
  local options = method.options
  local responses, patterns, has_default = {}, {}, false
  local has_error = options.status == ERROR_STATUS
  for _, said in ipairs(options.responses or {}) do
    has_default = has_default or not said.pattern
    has_error = has_error or said.status == ERROR_STATUS
    table.insert(patterns, said.pattern)
    table.insert(responses,
      response_of(context, said.status, said.pattern, templates_of(said), said.headers))
  end
  if not has_default then
    local template = shared(context, "Response", "Result", mapping.RESPONSE)
    table.insert(responses, response_of(context, options.status or 200, nil,
      { ["application/json"] = template }))
  end
  if not has_error then
    table.insert(responses, response_of(context, ERROR_STATUS, mapping.error_pattern(patterns),
      { ["application/json"] = mapping.ERROR }))
  end
  table.sort(responses, function(a, b)
    return a.StatusCode < b.StatusCode
  end)
  for _, response in ipairs(responses) do
    response.ContentHandling = options.response_handling
      and "CONVERT_TO_" .. options.response_handling:upper()
  end
  return responses
end

local function headers_of_status(method, status, context)
  local headers = cors_headers(context)
  if context.words.cors then
    headers["Access-Control-Allow-Origin"] = true
  end
  for _, said in ipairs(method.options.responses or {}) do
    for name in pairs(said.status == status and said.headers or {}) do
      headers[name] = true
    end
  end
  return headers
end

-- What the API's description says that it answers with.
local function method_responses(method, context)
  local options, set = method.options, {}
  if method.proxy and not options.statuses then
    return nil
  end
  for _, status in ipairs(method.statuses) do
    set[status] = true
  end
  if not method.proxy then
    set[options.status or 200] = true
    set[ERROR_STATUS] = true
    for _, said in ipairs(options.responses or {}) do
      set[said.status] = true
    end
  end
  local responses = {}
  for _, status in ipairs(order.keys(set)) do
    local headers = headers_of_status(method, status, context)
    table.insert(responses, {
      ResponseParameters = next(headers) and cors.parameters(headers, cors.declared) or nil,
      StatusCode = tostring(status),
    })
  end
  return responses
end

local PLACES <const> = { query = "querystring", header = "header", path = "path" }

local function cache_keys(options)
  local keys = {}
  for _, key in ipairs(options.cache and options.cache.keys or {}) do
    local kind, name = key:match "^(%l+)%.(.+)$"
    table.insert(keys, ("method.request.%s.%s"):format(PLACES[kind], name))
  end
  return #keys > 0 and keys or nil
end

local function handling(options, context)
  if options.request_handling then
    return "CONVERT_TO_" .. options.request_handling:upper()
  end
  return context.is_binary and "CONVERT_TO_TEXT" or nil
end

local function integration(method, context)
  local options = method.options
  if options.integration then
    return options.integration
  end
  local made = {
    CacheKeyParameters = cache_keys(options),
    Credentials = options.credentials,
    IntegrationHttpMethod = "POST",
    RequestParameters = options.request_parameters,
    TimeoutInMillis = options.timeout and math.floor(options.timeout * 1000 + 0.5),
    Type = method.proxy and "AWS_PROXY" or "AWS",
    Uri = value.invocation_uri(method.target),
  }
  if not method.proxy then
    made.ContentHandling = handling(options, context)
    made.IntegrationResponses = integration_responses(method, context)
    made.PassthroughBehavior = (options.passthrough or "never"):upper()
    made.RequestTemplates = request_templates(method, context)
  end
  return made
end

--- How callers of a method are told: CloudFormation's word, and the authorizer.
methods.authorization = authorization

--- Adds a method, with the models and validators that it alone has.
---@param method table   what laconic.rest_api.method read
---@param resource table the resource's id, an intrinsic
---@param context table  { words, api_id, templates_id, templates, made, is_binary, add }
---@return string id
function methods.add(method, resource, context)
  local options, words = method.options, context.words
  local kind, authorizer = authorization(method, words)
  local id = ids.method(words, method.verb, method.path, "Method")
  context.add(id, {
    Type = "AWS::ApiGateway::Method",
    Properties = {
      ApiKeyRequired = methods.wants_key(method, words),
      AuthorizationScopes = options.scopes,
      AuthorizationType = kind,
      AuthorizerId = authorizer and value.ref(authorizer.id),
      HttpMethod = method.verb,
      Integration = integration(method, context),
      MethodResponses = method_responses(method, context),
      OperationName = options.operation,
      RequestModels = requirements.models(method, context),
      RequestParameters = requirements.parameters(method),
      RequestValidatorId = requirements.validator(method, context),
      ResourceId = resource,
      RestApiId = value.ref(context.api_id),
    },
  }, method.where)
  return id
end

return methods
