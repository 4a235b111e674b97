--- The HTTP server that a route of an HTTP API leads to: what it is asked, and what of its answer the
--- client gets. The whole request goes on, but what is the connection's own; what way it came is told by
--- Forwarded and Via.
---
--- Where it goes is said in docs.aws.amazon.com/apigateway/latest/developerguide/
--- http-api-develop-integrations-http.html and http-api-develop-routes.html, what becomes of
--- X-Forwarded-* in api-gateway-known-issues.html.
local addresses = require "engine.local.addresses"
local endpoint_url = require "engine.local.http.endpoint_url"
local header_list = require "engine.local.http.header_list"
local identifier = require "engine.local.identifier"
local received = require "engine.local.http.received"
local target = require "engine.local.http.target"

local endpoint = {}
endpoint.__index = endpoint

local MOST_SECONDS <const> = 30

-- The connection's own headers, either way.
local HOP_BY_HOP <const> = {
  connection = true, ["content-length"] = true, expect = true, ["keep-alive"] = true,
  ["proxy-authenticate"] = true, ["proxy-authorization"] = true, te = true, trailer = true,
  ["transfer-encoding"] = true, upgrade = true,
}
-- What Forwarded says in their place.
local TRANSLATED <const> = {
  forwarded = true, ["x-forwarded-for"] = true, ["x-forwarded-host"] = true,
  ["x-forwarded-port"] = true, ["x-forwarded-proto"] = true,
}

---@class engine.local.services.apigatewayv2.Endpoint
---@field url string      with the stage's variables in it
---@field method? string  nil: the client's own
---@field seconds number

--- Makes an endpoint out of an integration's properties; nil and why when there is none.
---@param properties table
---@param variables? table<string, string>
---@return engine.local.services.apigatewayv2.Endpoint?
---@return string? obstacle
function endpoint.compile(properties, variables)
  local uri = properties.IntegrationUri
  if properties.ConnectionType == "VPC_LINK" then
    return nil, "laconic local does not answer private integrations (VPC_LINK) yet"
  elseif not endpoint_url.is_one(uri) then
    return nil, ("the integration names no URL of http:// or https://: %s"):format(tostring(uri))
  end
  local method, milliseconds = properties.IntegrationMethod, tonumber(properties.TimeoutInMillis)
  return setmetatable({
    url = target.with_variables(uri, variables),
    method = method and method ~= "ANY" and method or nil,
    seconds = math.min(milliseconds and milliseconds / 1000 or MOST_SECONDS, MOST_SECONDS),
  }, endpoint)
end

-- ---- what it is asked -----------------------------------------------------------------------------

-- A mapped path takes the place of the URL's; behind $default the whole path goes on.
local function url_of(self, cloud, parts)
  local url, missing = endpoint_url.filled(self.url, parts.path_parameters or {})
  if not url then
    return nil, ("the route has no variable {%s}"):format(missing)
  elseif parts.mapped_path then
    url = endpoint_url.with_path(url, parts.mapped_path)
  elseif parts.route_key == "$default" then
    url = endpoint_url.below(url, parts.inner_path)
  end
  return addresses.reachable(cloud, url)
end

local function forwarded(cloud, request, place)
  local list = { request:header "forwarded" }
  for address in (request:header "x-forwarded-for" or ""):gmatch "[^,%s]+" do
    table.insert(list, "for=" .. address)
  end
  table.insert(list, ("by=%s;for=%s;host=%s;proto=http"):format(
    cloud.url:match "^http://([^:/]*)", received.address(request), place.domain))
  return table.concat(list, ", ")
end

-- The client's own Host is the API's, but not one that is mapped.
local function mapped_host(seen, request)
  local host = seen:header "host"
  return host ~= request:header "host" and host or nil
end

local function headers_of(cloud, seen, request, place)
  local list = {}
  for _, pair in ipairs(seen.headers) do
    local lower = pair[1]:lower()
    if not HOP_BY_HOP[lower] and not TRANSLATED[lower] and lower ~= "host"
      and header_list.is_name(pair[1]) then
      table.insert(list, { pair[1], header_list.line(pair[2]) })
    end
  end
  local host = mapped_host(seen, request)
  table.insert(list, host and { "Host", host })
  table.insert(list, { "Forwarded", forwarded(cloud, request, place) })
  table.insert(list, { "Via", "HTTP/1.1 AmazonAPIGateway" })
  table.insert(list, not seen:header "x-amzn-trace-id"
    and { "X-Amzn-Trace-Id", identifier.trace() } or nil)
  return list
end

--- The request to the server; nil and why when there is none.
---@param cloud engine.local.Cloud
---@param seen engine.local.Request  as the parameter mapping has it
---@param request engine.local.Request
---@param parts engine.local.http.Parts
---@return engine.local.http.Sent?
---@return string? problem
function endpoint:request(cloud, seen, request, parts)
  local url, problem = url_of(self, cloud, parts)
  if not url then
    return nil, problem
  end
  local method, body = self.method or request.method, request:text(parts.most)
  return {
    method = method,
    url = endpoint_url.asked(url, seen.query),
    headers = headers_of(cloud, seen, request, parts.place),
    body = body ~= "" and method ~= "HEAD" and body or nil,
    seconds = self.seconds,
  }
end

-- ---- what it answers ------------------------------------------------------------------------------

--- The answer to the client; nil when it cannot be passed on.
---@param response host.http_transfers.Response
---@param is_head boolean  the length of what was not sent is told
---@return { status: integer, headers: { [1]: string, [2]: string }[], body: string }?
function endpoint.answer(response, is_head)
  local list = {}
  for _, pair in ipairs(response.headers) do
    local lower = pair[1]:lower()
    local is_length = is_head and lower == "content-length"
    if is_length or not HOP_BY_HOP[lower] and lower ~= "date" then
      table.insert(list, { lower, header_list.line(pair[2]) })
    end
  end
  local is_one = response.status >= 200 and response.status <= 599
  return is_one and not header_list.is_too_long(list)
    and { status = response.status, headers = list, body = response.body } or nil
end

return endpoint
