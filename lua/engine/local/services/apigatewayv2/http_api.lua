--- Answers a client's request to an HTTP API: routing, authorizers, throttling, CORS, the function or
--- the server behind the route.
local authorizers = require "engine.local.services.apigatewayv2.authorizers"
local cors = require "engine.local.http.cors"
local http_access = require "engine.local.services.apigatewayv2.http_access"
local http_stage = require "engine.local.services.apigatewayv2.http_stage"
local json = require "host.json"
local jwt_authorizer = require "engine.local.services.apigatewayv2.jwt_authorizer"
local log = require "host.log"
local paths = require "engine.local.services.apigatewayv2.paths"
local payload_v1 = require "engine.local.http.payload_v1"
local payload_v2 = require "engine.local.http.payload_v2"
local received = require "engine.local.http.received"
local signed = require "engine.local.http.signed"
local store = require "engine.local.services.apigatewayv2.store"

local http_api = {}

local MOST_BYTES <const> = 10 * 1024 * 1024
local MOST_EVENT <const> = 6291456 -- what Lambda takes
local DEFAULT_TYPE <const> = "text/plain; charset=utf-8"

-- What a function cannot be asked for, and what clients are told then.
local OBSTACLES <const> = {
  missing = { 500, "Internal Server Error" },
  forbidden = { 500, "Internal Server Error" },
  failed = { 500, "Internal Server Error" },
  throttled = { 503, "Service Unavailable" },
  late = { 503, "Service Unavailable" },
}

-- The same for a server. API Gateway's clients see these; AWS does not write them down.
local OBSTACLES_OF_SERVER <const> = {
  late = { 503, "Service Unavailable" },
  unreachable = { 503, "Service Unavailable" },
  misconfigured = { 503, "Service Unavailable" },
  large = { 500, "Internal Server Error" },
}

local function finish(stage, request, answer)
  table.insert(answer.headers, { "apigw-requestid", request.id })
  if stage and stage.cors then
    cors.apply(stage.cors, request, answer.headers)
  end
  return answer
end

local function say(stage, request, status, message)
  http_access.refused(request, status, message)
  return finish(stage, request, {
    status = status,
    headers = { { "content-type", "application/json" } },
    body = assert(json.encode { message = message }),
  })
end

-- What this cloud does not act out is not to be taken for the service's own mistake.
local function say_obstacle(stage, request, text)
  log.warn("an HTTP API cannot answer", { request = request.id, because = text })
  return say(stage, request, 501, text)
end

-- A stage of that name, else $default, whose paths begin where the others' stages stand.
local function choose_stage(cloud, api, segment, path)
  local name = segment
  if segment == "" or not api.stages[segment] then
    name = "$default"
    path = (segment ~= "" or path ~= "") and "/" .. segment .. path or "/"
  end
  if not api.stages[name] then
    return nil
  end
  return store.compiled(cloud, api, name, function()
    return http_stage.compile(cloud, api, name)
  end), path == "" and "/" or path
end

local function format_of(version)
  return version == "2.0" and payload_v2 or payload_v1
end

-- Checks the token that the route wants. What it claims goes into the event; an answer ends the request.
local function check_token(cloud, request, stage, route, parts)
  local bearer, refusal = jwt_authorizer.ask(route.authorizer, {
    cloud = cloud,
    headers = received.headers(request),
    query = received.query(request.query) or {},
    scopes = route.scopes,
  })
  if not bearer then
    local answer = say(stage, request, refusal.status, refusal.message)
    table.insert(answer.headers, refusal.challenge and { "www-authenticate", refusal.challenge })
    return answer
  end
  parts.authorizer = route.behind.version == "2.0" and { jwt = bearer } or bearer
end

-- Asks the route's authorizer. Its context goes into the event; an answer ends the request.
local function ask_authorizer(cloud, request, stage, route, parts)
  local authorizer = route.authorizer
  if not authorizer then
    return say(stage, request, 500, "Internal Server Error")
  elseif authorizer.issuer then
    return check_token(cloud, request, stage, route, parts)
  end
  local method_arn = ("%s/%s%s"):format(stage.arn, request.method, parts.inner_path)
  local verdict, obstacle = authorizers.ask(authorizer, {
    cloud = cloud,
    request = request,
    headers = received.headers(request),
    query = received.query(request.query) or {},
    variables = parts.place.variables or {},
    context = {
      httpMethod = request.method, path = parts.path, routeKey = route.key, stage = stage.name,
      apiId = parts.place.api_id, domainName = parts.place.domain,
    },
    method_arn = method_arn,
    event = function(identities)
      return format_of(authorizer.version).authorizer_event(cloud, request, parts, {
        arn = method_arn, identities = identities,
      })
    end,
  })
  if obstacle == "unauthorized" then
    return say(stage, request, 401, "Unauthorized")
  elseif not verdict then
    return say(stage, request, 500, "Internal Server Error")
  elseif not verdict.is_allowed then
    return say(stage, request, 403, "Forbidden")
  end
  if route.behind.version == "2.0" then
    parts.authorizer = { lambda = verdict.context or json.null }
  else
    parts.authorizer = verdict.context or {}
    parts.authorizer.principalId = verdict.principal
  end
end

-- Lets the request pass, or returns the answer that ends it.
local function admit(cloud, request, stage, route, parts)
  if route.throttle and not route.throttle:take() then
    return say(stage, request, 429, "Too Many Requests")
  elseif route.authorization == "NONE" then
    return nil
  elseif route.authorization ~= "AWS_IAM" then
    return ask_authorizer(cloud, request, stage, route, parts)
  end
  local identity = signed.identify(cloud, request, "execute-api", stage.region)
  if not identity then
    return say(stage, request, 403, "Forbidden")
  end
  parts.authorizer = signed.authorizer(identity)
end

local function refuse_unsent(stage, request, refused, because)
  log.warn("an API's HTTP endpoint cannot be asked", {
    api = stage.place.api_id, request = request.id, because = because,
  })
  return say(stage, request, table.unpack(refused))
end

-- What a route's parameter mapping makes of a request, and of an answer.
local function mapped(request, route, parts)
  local mapping = route.behind.mapping
  return mapping and mapping:request(request, parts.place, parts) or request
end

local function finish_mapped(stage, request, route, parts, answer)
  local mapping = route.behind.mapping
  if mapping then
    mapping:answer(answer, request, parts.place, parts)
  end
  return finish(stage, request, answer)
end

local function pass_on(cloud, request, stage, route, parts)
  local endpoint, seen = route.behind.endpoint, mapped(request, route, parts)
  local sent, problem = endpoint:request(cloud, seen, request, parts)
  if not sent then
    return refuse_unsent(stage, request, { 500, "Internal Server Error" }, problem)
  end
  local response, obstacle, because = http_access.send(request, sent)
  if not response then
    return refuse_unsent(stage, request, OBSTACLES_OF_SERVER[obstacle], because)
  end
  local answer = endpoint.answer(response, sent.method == "HEAD")
  if not answer then
    return say(stage, request, 500, "Internal Server Error")
  end
  return finish_mapped(stage, request, route, parts, answer)
end

local function invoke(cloud, request, stage, route, parts)
  local behind = route.behind
  if behind.endpoint then
    return pass_on(cloud, request, stage, route, parts)
  elseif not behind.target then
    return say_obstacle(stage, request, behind.obstacle or "a MOCK has no place in an HTTP API")
  end
  local format = format_of(behind.version)
  local event = format.event(cloud, mapped(request, route, parts), parts)
  if #event > MOST_EVENT then
    return say(stage, request, 413, "Request Entity Too Large")
  end
  local result, obstacle = http_access.call(cloud, request, behind.target, event)
  local answer = result and not result.error and format.answer(result.payload, DEFAULT_TYPE)
  if not answer then
    local refused = result and { 500, "Internal Server Error" } or OBSTACLES[obstacle]
    return say(stage, request, table.unpack(refused))
  end
  return finish_mapped(stage, request, route, parts, answer)
end

-- Where a request came to: the API's own name, or a domain of its author's, whose base path is a part of
-- the path that functions see.
local function place_of(stage, domain)
  if not domain then
    return stage.place, stage.prefix
  end
  local place = {}
  for name, value in pairs(stage.place) do
    place[name] = value
  end
  place.domain, place.domain_prefix = domain.name, domain.name:match "^[^.]*"
  return place, domain.base
end

-- Whether only its domains lead to an API.
local function is_closed(api, domain)
  return not domain and tostring(api.properties.DisableExecuteApiEndpoint) == "true"
end

local function answer_on_stage(cloud, request, stage, path, domain)
  if stage.cors and cors.is_preflight(request) then
    local headers = cors.preflight(stage.cors, request)
    table.insert(headers, { "apigw-requestid", request.id })
    return { status = 204, headers = headers }
  end
  local route, parameters = paths.find(stage.tree, request.method, path)
  route = route or stage.default
  if not route then
    return say(stage, request, 404, "Not Found")
  elseif received.has_long_headers(request) then
    return say(stage, request, 431, "Request Header Fields Too Large")
  elseif request:size() > MOST_BYTES then
    return say(stage, request, 413, "Request Entity Too Large")
  end
  local inner_path = received.decoded(path)
  local place, prefix = place_of(stage, domain)
  local parts = {
    place = place,
    route_key = route.key,
    resource = route.resource,
    path = prefix .. inner_path,
    inner_path = inner_path,
    path_parameters = parameters,
    most = MOST_BYTES,
  }
  http_access.routed(request, parts)
  return admit(cloud, request, stage, route, parts)
    or invoke(cloud, request, stage, route, parts)
end

-- Answers, and writes the line of the stage's access log.
local function answer_logged(cloud, request, stage, path, domain)
  local place, prefix = place_of(stage, domain)
  http_access.begin(request, stage, {
    place = place,
    path = prefix .. received.decoded(path),
    base_path = domain and domain.base:sub(2) or nil,
  })
  local answer = answer_on_stage(cloud, request, stage, path, domain)
  http_access.finish(request, stage, answer)
  return answer
end

--- Answers a request.
---@param api engine.local.services.apigatewayv2.Api
---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param segment string  the first behind the id: a stage's name, perhaps
---@param rest string     what follows, with its slash
---@param domain? { name: string, base: string }  the custom domain that was asked, and the base path
---@return table answer
function http_api.answer(api, request, cloud, segment, rest, domain)
  local stage, path = choose_stage(cloud, api, segment, rest)
  if not stage or is_closed(api, domain) then
    return say(nil, request, 404, "Not Found")
  end
  local answer = stage.access_log and answer_logged or answer_on_stage
  return answer(cloud, request, stage, path, domain)
end

return http_api
