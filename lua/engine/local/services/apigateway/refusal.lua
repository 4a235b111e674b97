--- What an API answers by itself: its gateway responses, AWS's own or those that its author defined.
---
---     refusal.raise("UNAUTHORIZED", "Unauthorized")
---
--- The words of AWS's defaults are the client's to rely on: `message` and x-amzn-ErrorType.
local header_list = require "engine.local.http.header_list"
local json = require "host.json"
local mapping = require "engine.local.services.apigateway.mapping"
local order = require "engine.order"

local refusal = {}
refusal.__index = refusal

-- Response type → status, and the name in x-amzn-ErrorType.
local TYPES <const> = {
  ACCESS_DENIED = { 403, "AccessDeniedException" },
  API_CONFIGURATION_ERROR = { 500, "InternalServerErrorException" },
  AUTHORIZER_CONFIGURATION_ERROR = { 500, "AuthorizerConfigurationException" },
  AUTHORIZER_FAILURE = { 500, "AuthorizerFailureException" },
  BAD_REQUEST_BODY = { 400, "BadRequestException" },
  BAD_REQUEST_PARAMETERS = { 400, "BadRequestException" },
  DEFAULT_4XX = { 400, "BadRequestException" },
  DEFAULT_5XX = { 500, "InternalServerErrorException" },
  EXPIRED_TOKEN = { 403, "ExpiredTokenException" },
  INTEGRATION_FAILURE = { 504, "InternalServerErrorException" },
  INTEGRATION_TIMEOUT = { 504, "InternalServerErrorException" },
  INVALID_API_KEY = { 403, "ForbiddenException" },
  INVALID_SIGNATURE = { 403, "InvalidSignatureException" },
  MISSING_AUTHENTICATION_TOKEN = { 403, "MissingAuthenticationTokenException" },
  QUOTA_EXCEEDED = { 429, "LimitExceededException" },
  REQUEST_TOO_LARGE = { 413, "RequestEntityTooLargeException" },
  RESOURCE_NOT_FOUND = { 404, "NotFoundException" },
  THROTTLED = { 429, "TooManyRequestsException" },
  UNAUTHORIZED = { 401, "UnauthorizedException" },
  UNSUPPORTED_MEDIA_TYPE = { 415, "BadRequestException" },
  WAF_FILTERED = { 403, "ForbiddenException" },
}

local DEFAULT_TEMPLATE <const> = '{"%s":$context.error.messageString}'

---@class engine.local.services.apigateway.Refusal
---@field type string       "UNAUTHORIZED"
---@field message? string   null in the answer when absent
---@field status integer
---@field code string       of x-amzn-ErrorType
---@field detail? string    $context.error.validationErrorString
---@field member string      that holds the message, where no author has said what is answered

--- Whether it is the name of a gateway response.
---@return boolean
function refusal.is_type(name)
  return TYPES[name] ~= nil
end

--- All gateway responses of an API by their types, as API Gateway tells of them: the author's, and its
--- own for the rest.
---@param defined table<string, table>
---@return table<string, table>
function refusal.told(defined)
  local told = {}
  for name, default in pairs(TYPES) do
    told[name] = {
      responseType = name,
      statusCode = not name:find "^DEFAULT" and tostring(default[1]) or nil,
      responseParameters = json.object {},
      responseTemplates = { ["application/json"] = DEFAULT_TEMPLATE:format "message" },
      defaultResponse = true,
    }
  end
  for name, response in pairs(defined) do
    told[name] = {
      responseType = name,
      statusCode = response.statusCode,
      responseParameters = json.object(response.responseParameters or {}),
      responseTemplates = json.object(response.responseTemplates or {}),
      defaultResponse = false,
    }
  end
  return told
end

--- Refuses the request at hand.
---@param type_name string
---@param message? string
---@param more? { status?: integer, code?: string, detail?: string, member?: string }
function refusal.raise(type_name, message, more)
  more = more or {}
  error(setmetatable({
    type = type_name,
    message = message,
    status = more.status or TYPES[type_name][1],
    code = more.code or TYPES[type_name][2],
    detail = more.detail,
    member = more.member or "message",
  }, refusal), 0)
end

--- The refusal for what went wrong inside: its cause is for the log, not for the client.
---@param status? integer  default 500
function refusal.internal(status)
  refusal.raise("DEFAULT_5XX", "Internal server error", { status = status })
end

--- Whether something that was raised is a refusal.
---@return boolean
function refusal.is(value)
  return getmetatable(value) == refusal
end

-- The author's words for a type: those of the type itself, or of all like it.
local function custom_of(responses, problem)
  return responses[problem.type]
    or responses[problem.status >= 500 and "DEFAULT_5XX" or "DEFAULT_4XX"]
end

local function choose_template(templates, problem)
  if not templates or next(templates) == nil then
    return "application/json", DEFAULT_TEMPLATE:format(problem.member)
  end
  local kind = templates["application/json"] and "application/json" or order.keys(templates)[1]
  return kind, templates[kind]
end

-- These templates know variables alone: $context.x, $stageVariables.x.
local function fill(exchange, template)
  return (template:gsub("%$([%a][%w_.]*)", function(name)
    local trimmed = name:gsub("%.+$", "")
    if trimmed:find "^context%." or trimmed:find "^stageVariables%." then
      return (mapping.text(mapping.value(exchange, trimmed)) or "") .. name:sub(#trimmed + 1)
    end
  end))
end

local function custom_headers(exchange, parameters, headers)
  for _, key in ipairs(order.keys(parameters or {})) do
    local name = key:match "^gatewayresponse%.header%.(.+)$"
    local value = name and mapping.text(mapping.value(exchange, parameters[key]))
    if value and header_list.is_name(name) then
      table.insert(headers, { name, header_list.line(value) })
    end
  end
end

--- The answer to a request that was refused.
---@param exchange engine.local.services.apigateway.Exchange
---@param problem engine.local.services.apigateway.Refusal
---@return table answer
function refusal.answer(exchange, problem)
  local custom = custom_of(exchange.stage.definition.gatewayResponses, problem) or {}
  exchange:context().error = {
    message = problem.message,
    messageString = problem.message and assert(json.encode(problem.message)) or "null",
    responseType = problem.type,
    validationErrorString = problem.detail,
  }
  local kind, template = choose_template(custom.responseTemplates, problem)
  local headers = {
    { "Content-Type", kind },
    { "x-amzn-RequestId", exchange.id },
    { "x-amzn-ErrorType", problem.code },
    { "x-amz-apigw-id", exchange.extended_id },
  }
  custom_headers(exchange, custom.responseParameters, headers)
  return {
    status = math.tointeger(tonumber(custom.statusCode)) or problem.status,
    headers = headers,
    body = fill(exchange, template),
  }
end

return refusal
