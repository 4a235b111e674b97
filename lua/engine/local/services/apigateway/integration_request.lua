--- What an integration that is no proxy is sent: a request template chosen by the body's media type,
--- or the body as it is where the passthrough behaviour lets it through.
local digest = require "host.digest"
local refusal = require "engine.local.services.apigateway.refusal"
local templates = require "engine.local.services.apigateway.templates"
local text = require "engine.local.http.text"

local integration_request = {}

--- The body that an integration is sent where no template makes one: bytes become base64 where text is
--- wanted, and back, as contentHandling says
--- (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html).
---@param exchange engine.local.services.apigateway.Exchange
---@param handling? string  "CONVERT_TO_TEXT", "CONVERT_TO_BINARY"; nil: as the body is
---@return string
function integration_request.body(exchange, handling)
  local body = exchange:text()
  if body == "" then
    return body
  end
  local is_binary = exchange:is_binary()
  if is_binary and handling == "CONVERT_TO_TEXT" then
    return digest.to_base64(body)
  elseif is_binary then
    return body
  elseif handling == "CONVERT_TO_BINARY" then
    return digest.from_base64(body) or body
  end
  return text.of(body)
end

local function refuse_type()
  refusal.raise("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
end

--- Prepares a method's integration request.
---@param integration table
---@param takes_bytes? boolean  else a body that is bytes becomes base64, unless contentHandling says more
---@return fun(exchange: engine.local.services.apigateway.Exchange): engine.local.services.apigateway.Rendered
function integration_request.compile(integration, takes_bytes)
  local compiled = templates.compile(integration.requestTemplates)
  local behaviour = (integration.passthroughBehavior or "WHEN_NO_MATCH"):upper()
  local has_templates = next(compiled) ~= nil
  local of_template = integration.contentHandling or "CONVERT_TO_TEXT" -- templates read text
  local of_body = integration.contentHandling or not takes_bytes and "CONVERT_TO_TEXT" or nil
  return function(exchange)
    local template = compiled[exchange:content_type()]
    local body = integration_request.body(exchange, template and of_template or of_body)
    if template then
      return templates.render(exchange, template, body)
    elseif behaviour == "NEVER" or behaviour == "WHEN_NO_TEMPLATES" and has_templates then
      refuse_type()
    end
    return { text = body, request_override = {}, response_override = {} }
  end
end

return integration_request
