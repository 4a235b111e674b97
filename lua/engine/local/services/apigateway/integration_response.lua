--- How the answer of an integration that is no proxy becomes the client's: a response is selected by a
--- pattern, its headers are mapped, its template rendered.
local digest = require "host.digest"
local header_list = require "engine.local.http.header_list"
local log = require "host.log"
local mapping = require "engine.local.services.apigateway.mapping"
local media_types = require "engine.local.services.apigateway.media_types"
local order = require "engine.order"
local refusal = require "engine.local.services.apigateway.refusal"
local regex = require "host.regex"
local templates = require "engine.local.services.apigateway.templates"

local integration_response = {}

--- What an integration gave.
---@class engine.local.services.apigateway.Given
---@field selects string             what the patterns are matched against: an error's message, or a status
---@field is_error boolean           of Lambda: without an error no pattern is asked
---@field headers table<string, string>  names in lower case; of several values the last
---@field all_headers? table<string, string[]>  all values, of those who have several
---@field body string
---@field is_bytes? boolean          it is not taken for base64

local function misconfigured(exchange, problem)
  log.warn("an integration's answer cannot be mapped", {
    api = exchange.stage.api.id, resource = exchange.method.resource_path, problem = problem,
  })
  refusal.raise("API_CONFIGURATION_ERROR", "Internal server error")
end

local function compile_one(said)
  local pattern = said.selectionPattern ~= "" and said.selectionPattern or nil
  local re, err
  if pattern then
    re, err = regex.compile(pattern)
  end
  local kinds = order.keys(said.responseTemplates or {})
  return {
    status = said.statusCode,
    re = re,
    is_default = not pattern,
    problem = err and tostring(err),
    parameters = said.responseParameters or {},
    names = order.keys(said.responseParameters or {}),
    templates = templates.compile(said.responseTemplates),
    kind = (said.responseTemplates or {})["application/json"] and "application/json" or kinds[1],
    handling = said.contentHandling,
  }
end

-- The first whose pattern fits, in the order of their statuses; else the one without a pattern.
local function select_response(exchange, responses, given)
  local default
  for _, response in ipairs(responses) do
    if response.problem then
      misconfigured(exchange, "a selection pattern cannot be read: " .. response.problem)
    elseif response.is_default then
      default = default or response
    elseif given.is_error and response.re:matches(given.selects) then
      return response
    end
  end
  if not default then
    misconfigured(exchange, "no response fits, and there is no default one")
  end
  return default
end

local function set_header(headers, name, value)
  if value ~= nil and header_list.is_name(name) then
    headers[name:lower()] = { name, header_list.line(value) }
  end
end

local function mapped_headers(exchange, response, given)
  local headers = {}
  for _, key in ipairs(response.names) do
    local name = key:match "^method%.response%.header%.(.+)$"
    if name then
      set_header(headers, name,
        mapping.text(mapping.value(exchange, response.parameters[key], given)))
    end
  end
  return headers
end

-- The client's Accept chooses among the templates.
local function choose_template(exchange, response)
  local wanted = media_types.bare(exchange:header "accept")
  local kind = response.templates[wanted or ""] and wanted or response.kind
  return kind, response.templates[kind or ""]
end

local function status_of(response, override)
  local status = math.tointeger(tonumber(override.status))
  return status and status >= 200 and status <= 599 and status or math.tointeger(
    tonumber(response.status)) or 200
end

local function body_of(text, response, is_bytes)
  if response.handling == "CONVERT_TO_BINARY" and not is_bytes then
    return digest.from_base64(text) or refusal.internal()
  elseif response.handling == "CONVERT_TO_TEXT" and (is_bytes or not utf8.len(text)) then
    return digest.to_base64(text)
  end
  return text
end

local function list_of(exchange, headers)
  local list = {}
  for _, name in ipairs(order.keys(headers)) do
    table.insert(list, headers[name])
  end
  if header_list.is_too_long(list) then
    misconfigured(exchange, "there are too many headers")
  end
  table.insert(list, { "x-amzn-RequestId", exchange.id })
  table.insert(list, { "x-amz-apigw-id", exchange.extended_id })
  return list
end

--- Prepares a method's responses.
---@param integration table
---@param said table  the method, as GetMethod answers
---@return fun(exchange: engine.local.services.apigateway.Exchange,
---  given: engine.local.services.apigateway.Given): table
function integration_response.compile(integration, said)
  local responses = {}
  for _, status in ipairs(order.keys(integration.integrationResponses or {})) do
    table.insert(responses, compile_one(integration.integrationResponses[status]))
  end
  local declared = said.methodResponses or {}
  return function(exchange, given)
    local response = select_response(exchange, responses, given)
    if not declared[response.status] then
      misconfigured(exchange, "the method has no response of status " .. response.status)
    end
    local headers = mapped_headers(exchange, response, given)
    local kind, template = choose_template(exchange, response)
    local rendered = template and templates.render(exchange, template, given.body)
    local override = (exchange:context().responseOverride) or {}
    for name, value in pairs(type(override.header) == "table" and override.header or {}) do
      set_header(headers, name, mapping.text(value))
    end
    if not headers["content-type"] then
      set_header(headers, "Content-Type", kind or given.headers["content-type"]
        or "application/json")
    end
    return {
      status = status_of(response, override),
      headers = list_of(exchange, headers),
      body = body_of(rendered and rendered.text or given.body, response,
        not rendered and given.is_bytes),
    }
  end
end

return integration_response
