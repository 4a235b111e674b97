--- What an HTTP endpoint behind a REST API is asked: the URL, with what a request's parameters are mapped
--- to, and the headers.
---
--- Which headers go on, and what API Gateway adds, is told in
--- docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html and
--- request-response-data-mappings.html; an endpoint that writes down what it gets tells the rest:
--- User-Agent, Accept, x-amzn-apigateway-api-id.
local endpoint_url = require "engine.local.http.endpoint_url"
local header_list = require "engine.local.http.header_list"
local mapping = require "engine.local.services.apigateway.mapping"
local order = require "engine.order"
local received = require "engine.local.http.received"
local target = require "engine.local.http.target"

local endpoint_request = {}

-- Headers that a mapping may not say: API Gateway does.
local RESERVED <const> = {
  ["content-length"] = true, ["transfer-encoding"] = true, ["x-amzn-apigateway-api-id"] = true,
  ["x-amzn-trace-id"] = true,
}
-- Headers of a client that its endpoint does not get, besides those that no integration gets.
local DROPPED <const> = { host = true, via = true }
local WITHOUT_BODY <const> = { GET = true, HEAD = true, OPTIONS = true }

---@class engine.local.services.apigateway.EndpointRequest
---@field uri string       with the stage's variables in it
---@field method? string   nil: the client's own
---@field mapped { place: string, name: string, said: any }[]
---@field problem? string  why it cannot be sent
local methods = {}
methods.__index = methods

local function read_mapped(said)
  local list, problem = {}, nil
  for _, key in ipairs(order.keys(said or {})) do
    local place, name = key:match "^integration%.request%.(%l+)%.(.+)$"
    if place == "header" and RESERVED[name:lower()] then
      problem = ("the header %s cannot be mapped"):format(name)
    end
    table.insert(list, place and { place = place, name = name, said = said[key] })
  end
  return list, problem
end

local function problem_of(integration, uri)
  if integration.connectionType == "VPC_LINK" then
    return "laconic local has no private integrations (VPC_LINK)"
  elseif not endpoint_url.is_one(uri) then
    return "its Uri is not a URL of http:// or https://"
  end
end

--- Reads an integration's properties.
---@param integration table
---@param stage engine.local.services.apigateway.Stage
---@return engine.local.services.apigateway.EndpointRequest
function endpoint_request.compile(integration, stage)
  local uri = target.with_variables(tostring(integration.uri), stage.variables)
  local mapped, problem = read_mapped(integration.requestParameters)
  local verb = integration.httpMethod
  return setmetatable({
    uri = uri,
    method = verb and verb ~= "ANY" and verb or nil,
    mapped = mapped,
    problem = problem_of(integration, uri) or problem,
  }, methods)
end

local function texts_of(value)
  local list = {}
  for _, item in ipairs(type(value) == "table" and value[1] ~= nil and value or { value }) do
    table.insert(list, mapping.text(item))
  end
  return list
end

-- What the mapping says, and over that what a template has said: place → name → texts.
local function values_of(self, exchange, override)
  local values = { header = {}, path = {}, querystring = {} }
  for _, one in ipairs(self.mapped) do
    local found = mapping.value(exchange, one.said)
    if found ~= nil and values[one.place] then
      values[one.place][one.name] = texts_of(found)
    end
  end
  for place, map in pairs(values) do
    for name, value in pairs(type(override[place]) == "table" and override[place] or {}) do
      map[name] = texts_of(value)
    end
  end
  return values
end

-- ---- the URL --------------------------------------------------------------------------------------

local function path_of(values)
  local parameters = {}
  for name, texts in pairs(values) do
    parameters[name] = received.decoded(texts[1] or "")
  end
  return parameters
end

local function add_query(list, values)
  for _, name in ipairs(order.keys(values)) do
    for _, text in ipairs(values[name]) do
      table.insert(list, { name, text })
    end
  end
  return list
end

-- A proxy passes the client's query on, and what is mapped besides.
local function query_of(exchange, values, passes)
  if next(values) == nil then
    return passes and exchange.request.query or nil
  end
  local list = {}
  if passes then
    for name, value in received.parameters(exchange.request.query) do
      table.insert(list, { name, value })
    end
  end
  return add_query(list, values)
end

-- ---- headers --------------------------------------------------------------------------------------

local function put(headers, name, values)
  headers[name:lower()] = { name = name, values = values }
end

local function put_default(headers, name, value)
  if not headers[name:lower()] then
    put(headers, name, { value })
  end
end

local function headers_of(exchange, values, passes, sends_body)
  local headers = {}
  local _, all = exchange:headers()
  for name, list in pairs(passes and all or {}) do
    if not DROPPED[name:lower()] then
      put(headers, name, list)
    end
  end
  for _, name in ipairs(order.keys(values)) do
    put(headers, name, values[name])
  end
  if sends_body then
    put_default(headers, "Content-Type", exchange:header "content-type" or "application/json")
  end
  put_default(headers, "Accept", "application/json")
  put_default(headers, "User-Agent", "AmazonAPIGateway_" .. exchange.stage.api.id)
  put(headers, "x-amzn-apigateway-api-id", { exchange.stage.api.id })
  put(headers, "X-Amzn-Trace-Id", { exchange.trace_id })
  return headers
end

-- As lines; a name or a value that cannot stand in one is left aside.
local function lines_of(headers)
  local list = {}
  for _, lower in ipairs(order.keys(headers)) do
    local header = headers[lower]
    for _, value in ipairs(header_list.is_name(header.name) and header.values or {}) do
      table.insert(list, { header.name, header_list.line(value) })
    end
  end
  return list
end

--- The request to the endpoint; nil and why when there is none.
---@param exchange engine.local.services.apigateway.Exchange
---@param body string
---@param options { passes?: boolean, override?: table }  passes: the client's own headers and query go on
---@return { method: string, url: string, headers: table, body?: string }?
---@return string? problem
function methods:of(exchange, body, options)
  if self.problem then
    return nil, self.problem
  end
  local values = values_of(self, exchange, options.override or {})
  local url, missing = endpoint_url.filled(self.uri, path_of(values.path))
  if not url then
    return nil, ("nothing is mapped to integration.request.path.%s"):format(missing)
  end
  local method = self.method or exchange.request.method
  local sends_body = body ~= "" and method ~= "HEAD"
  return {
    method = method,
    url = endpoint_url.asked(url, query_of(exchange, values.querystring, options.passes)),
    headers = lines_of(headers_of(exchange, values.header, options.passes,
      sends_body and not WITHOUT_BODY[method])),
    body = sends_body and body or nil,
  }
end

return endpoint_request
