-- Every word of REST APIs, and every option, once.
local laconic = require "laconic"

local cfn = laconic.cfn

local service = laconic.service { name = "gateway", description = "All that a REST API can say" }

local site = service:resource {
  name = "Site",
  type = "AWS::S3::Bucket",
  properties = { WebsiteConfiguration = { IndexDocument = "index.html" } },
}
local people = service:resource { name = "People", type = "AWS::Cognito::UserPool" }
local logs = service:resource { name = "Requests", type = "AWS::Logs::LogGroup" }
local certificate = service:parameter { name = "Certificate" }
local zone = service:parameter { name = "Zone" }

local function handler(event)
  return { code = 200, body = event }
end

local list = service:lambda { name = "list", handler = handler }
local change = service:lambda { name = "change", handler = handler }
local guard = service:lambda { name = "guard", handler = handler }

-- One that has everything.
local api = service:rest_api {
  name = "shop",
  description = "Things and their prices",
  stage = {
    name = "v1",
    description = "The first",
    variables = { colour = "blue", site = site:att "WebsiteURL" },
    cache = { size = "0.5", ttl = 60, encrypted = true },
    throttling = { rate = 100, burst = 50 },
    access_log = { format = "$context.requestId $context.status", retention = 7 },
    log = "error",
    log_bodies = true,
    account_role = true,
    metrics = true,
    tracing = true,
    tags = { team = "blue" },
  },
  endpoint = "regional",
  api_key_source = "header",
  cors = {
    allow_origins = { site:att "WebsiteURL", "https://shop.example.com" },
    allow_headers = { "Content-Type", "X-Api-Key" },
    expose_headers = { "Location" },
    max_age = 600,
    allow_credentials = true,
  },
  binary_media_types = { "image/png" },
  minimum_compression = 1024,
  gateway_responses = {
    UNAUTHORIZED = {
      status = 401,
      headers = { ["WWW-Authenticate"] = "Bearer" },
      templates = { ["application/json"] = '{"message":$context.error.messageString}' },
    },
  },
  domain = {
    name = "eu.api.shop.example.com",
    certificate = certificate.ref,
    path = "v1",
    hosted_zone = zone.ref,
  },
  policy = {
    Version = "2012-10-17",
    Statement = {
      { Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" },
    },
  },
  tags = { team = "blue" },
  output = "ShopAddress",
}

local thing = api:model {
  name = "Thing",
  description = "What is sold",
  schema = {
    type = "object",
    required = { "name" },
    properties = {
      name = { type = "string", minLength = 1 },
      prices = { type = "array", items = { type = "number" } },
    },
    additionalProperties = false,
  },
}
local by_token = api:authorizer {
  name = "token",
  lambda = guard,
  identity_sources = "X-Token",
  validation = "^[a-z]+$",
  ttl = 60,
}
local by_request = api:authorizer {
  name = "request",
  type = "request",
  lambda = guard,
  identity_sources = { "header.Authorization", "query.key" },
}
api:authorizer { name = "people", user_pools = { people.arn }, default = true }

api:method {
  path = "/things",
  verb = "GET",
  lambda = list,
  authorizer = "none",
  query = { page = "optional", shelf = "required" },
  headers = { ["Accept-Language"] = "optional" },
  cache = { keys = { "query.page", "header.Accept-Language" }, ttl = 30, encrypted = true },
  throttling = { rate = 10, burst = 5 },
  operation = "ListThings",
}
api:method {
  path = "/things",
  verb = "POST",
  lambda = change,
  model = thing,
  status = 201,
  statuses = { 409 },
  scopes = { "shop/write" },
  api_key = true,
  timeout = 10,
}
api:method {
  path = "/things/{id}",
  verb = "GET",
  lambda = list,
  authorizer = by_token,
  cache = { keys = { "path.id" } },
  responses = {
    {
      pattern = "Not found:.*",
      status = 404,
      headers = { ["Cache-Control"] = "no-store" },
      templates = { ["application/json"] = '{"message":"there is none"}' },
    },
  },
}
api:method {
  path = "/things/{id}",
  verb = "PUT",
  lambda = change,
  authorizer = by_request,
  models = { ["application/json"] = thing, ["text/x-thing"] = { type = "string" } },
  validate = "body",
  content_types = { "application/json", "application/vnd.shop+json" },
  statuses = "all",
}
api:method {
  path = "/things/{id}",
  verb = "DELETE",
  lambda = change,
  claims = { "sub" },
  credentials = "arn:aws:iam::*:user/*",
}
api:method { path = "/things/{id}/picture", verb = "ANY", lambda = list, proxy = true }
api:method {
  path = "/upload",
  verb = "PUT",
  lambda = change,
  request_templates = { ["image/png"] = '{"picture":"$input.body"}' },
  request_parameters = { ["integration.request.header.X-Kind"] = "'picture'" },
  request_handling = "text",
  response_handling = "text",
  passthrough = "when_no_templates",
}
api:method {
  path = "/health",
  verb = "GET",
  authorizer = "iam",
  integration = {
    Type = "MOCK",
    RequestTemplates = { ["application/json"] = '{"statusCode":200}' },
    IntegrationResponses = { { StatusCode = "200" } },
  },
}
api:usage_plan {
  name = "partners",
  description = "Who may write",
  keys = {
    "acme",
    { name = "globex", description = "Globex", enabled = false },
    cfn.import_value "OldKey",
  },
  throttling = { rate = 20, burst = 10 },
  quota = { limit = 10000, period = "month", offset = 1 },
  methods = { ["POST /things"] = { rate = 1, burst = 1 } },
}

-- One for whoever needs nothing of that, and one that is not published.
local plain = service:rest_api { name = "plain", cors = true, proxy = true }
plain:method { path = "/", verb = "GET", lambda = list }
plain:method { path = "/{rest+}", verb = "ANY", lambda = list }

local hidden = service:rest_api {
  name = "hidden",
  stage = false,
  endpoint = { type = "private", vpc_endpoints = { "vpce-0123456789abcdef0" } },
  authorizer = "iam",
  disable_default_endpoint = true,
}
hidden:method { path = "/", verb = "POST", lambda = list }

local edge = service:rest_api {
  name = "edge",
  endpoint = "edge",
  stage = { name = "live", access_log = { group = logs.arn } },
  domain = { name = "example.com", certificate = certificate.ref },
  cors = { allow_origins = { "https://example.com" }, allow_methods = { "GET" } },
}
edge:method { path = "/", verb = "GET", lambda = list }

service:lambda {
  name = "caller",
  handler = handler,
  environment = { SHOP = api.url, PLAIN = plain.url, STAGE = plain.stage, ID = plain.id },
  privileges = {
    { actions = "execute-api:Invoke", resource = hidden:arn { verb = "POST", path = "/" } },
    { actions = "execute-api:Invoke", resource = plain.execute_arn .. "/*" },
  },
}

return service
