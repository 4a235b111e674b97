--- What an integration that is no proxy is sent: a request template chosen by the body's media type,
--- or the body as it is where the passthrough behaviour lets it through.
local digest = require "host.digest"
local refusal = require "engine.local.services.apigateway.refusal"
local templates = require "engine.local.services.apigateway.templates"
local text = require "engine.local.http.text"

local integration_request = {}

-- Bytes become base64 where text is wanted, and back, as contentHandling says.
local function converted(exchange, handling)
  local body = exchange:text()
  if body == "" then
    return body
  end
  local is_binary = exchange:is_binary()
  if is_binary and handling ~= "CONVERT_TO_BINARY" then
    return digest.to_base64(body)
  elseif handling == "CONVERT_TO_BINARY" and not is_binary then
    return digest.from_base64(body) or body
  end
  return text.of(body)
end

local function refuse_type()
  refusal.raise("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
end

--- Prepares a method's integration request.
---@param integration table
---@return fun(exchange: engine.local.services.apigateway.Exchange): engine.local.services.apigateway.Rendered
function integration_request.compile(integration)
  local compiled = templates.compile(integration.requestTemplates)
  local behaviour = (integration.passthroughBehavior or "WHEN_NO_MATCH"):upper()
  local has_templates = next(compiled) ~= nil
  return function(exchange)
    local template = compiled[exchange:content_type()]
    local body = converted(exchange, integration.contentHandling)
    if template then
      return templates.render(exchange, template, body)
    elseif behaviour == "NEVER" or behaviour == "WHEN_NO_TEMPLATES" and has_templates then
      refuse_type()
    end
    return { text = body, request_override = {}, response_override = {} }
  end
end

return integration_request
