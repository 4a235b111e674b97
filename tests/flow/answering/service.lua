-- Functions that answer over HTTP: tests/flow/answering_spec.lua asks them, on the local cloud.
local laconic = require "laconic"
local http = require "laconic.event.http"

local service = laconic.service { name = "answering" }

-- Says what it was asked.
local function echo(event)
  local request = http.request(event)
  return request:respond {
    status = request.query.status and math.tointeger(tonumber(request.query.status)) or 200,
    headers = { ["x-echo"] = "yes" },
    cookies = event.version == "2.0" and { "a=1", "b=2" } or nil,
    body = {
      source = request.source,
      method = request.method,
      route = request.route,
      path = request.path,
      parameters = request.path_parameters,
      variables = request.stage_variables,
      body = request.body,
      headers = request.headers,
      query = request.multi_value_query,
      domain = request.context.domainName,
      authorizer = request.authorizer,
    },
  }
end

local function said(event)
  return event.headers.authorization or event.headers.Authorization
end

local open = service:lambda { name = "open", url = { cors = true }, handler = echo }
service:lambda { name = "signed", url = { auth = "iam" }, handler = echo }
local guard = service:lambda {
  name = "guard",
  handler = function(event)
    return { isAuthorized = said(event) == "tea", context = { cup = "full" } }
  end,
}

local api = service:http_api {
  name = "front",
  cors = { allow_origins = { "https://example.com" }, allow_methods = { "GET" }, max_age = 60 },
  stages = { { name = "$default" }, { name = "beta", variables = { mood = "bold" } } },
}
local guarded = api:authorizer { name = "guard", lambda = guard }
api:route { key = "GET /hello/{name}", lambda = open }
api:route { key = "ANY /files/{proxy+}", lambda = open }
api:route { key = "POST /old", lambda = open, payload_format = "1.0" }
api:route {
  key = "ANY /changed/{name}",
  lambda = open,
  request_parameters = {
    ["append:header.x-said"] = "$request.path.name",
    ["overwrite:header.x-both"] = "${request.querystring.a} and ${stageVariables.mood}",
    ["remove:header.x-gone"] = "''",
    ["append:querystring.b"] = "$request.header.x-tea",
    ["overwrite:querystring.none"] = "$request.header.x-nothing",
    ["overwrite:header.x-first"] = "$request.body.order.tea",
    ["remove:querystring.a"] = "''",
    ["overwrite:path"] = "/elsewhere",
  },
  response_parameters = {
    [201] = {
      ["overwrite:statuscode"] = "202",
      ["overwrite:header.x-echo"] = "$response.body.method",
      ["append:header.x-route"] = "$context.routeKey",
      ["remove:header.x-unused"] = "''",
    },
  },
}
api:route { key = "GET /secret", lambda = open, authorizer = guarded }
api:route { key = "GET /inside", lambda = open, authorizer = "iam" }

local own = service:http_api {
  name = "own",
  domain = {
    name = "api.example.org",
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef",
    path = "v1/teas",
  },
  disable_default_endpoint = true,
}
own:route { key = "GET /hello/{name}", lambda = open }
service:output { name = "OwnId", value = own.id }

local other = service:http_api {
  name = "other",
  domain = { name = laconic.cfn.ref "OwnApiDomain", path = "v1" },
  stage = { name = "live" },
}
other:route { key = "$default", lambda = open }

local front = service:alb_target {
  name = "balanced",
  load_balancer = { subnets = { "subnet-0123456789abcdef0", "subnet-0123456789abcdef1" } },
  lambda = open,
}
service:alb_target {
  name = "lists",
  listener = front.listener,
  paths = { "/lists/*" },
  methods = { "GET" },
  headers = { ["x-tea"] = { "green", "black" } },
  query = { cups = "2" },
  priority = 1,
  multi_value_headers = true,
  lambda = open,
}

service:lambda {
  name = "address",
  environment = { FRONT = api.url, OPEN = open.url },
  handler = function()
    return { front = os.getenv "FRONT", open = os.getenv "OPEN" }
  end,
}

return service
