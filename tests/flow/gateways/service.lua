-- HTTP APIs, WebSocket APIs, function URLs and targets of load balancers: every option once.
local laconic = require "laconic"

local cfn = laconic.cfn

local service = laconic.service { name = "gateways", description = "Says all that APIs can" }

local certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/"
  .. "01234567-89ab-cdef-0123-456789abcdef"

local hello = service:lambda { name = "hello", handler = print, url = true }
local guard = service:lambda { name = "guard", handler = print }
local fallback = service:lambda { name = "fallback", handler = print }

service:lambda {
  name = "signed",
  handler = print,
  url = {
    auth = "iam",
    principals = { "123456789012", "arn:aws:iam::123456789012:role/caller" },
    cors = {
      allow_origins = { "https://example.com", "http://localhost:8080" },
      allow_methods = { "GET", "PUT" },
      allow_headers = { "content-type" },
      expose_headers = { "etag" },
      allow_credentials = true,
      max_age = 600,
    },
    invoke_mode = "response_stream",
    output = "SignedAddress",
  },
}

-- ---- HTTP APIs ------------------------------------------------------------------------------------

local plain = service:http_api { name = "plain", cors = true }
plain:route { key = "GET /", lambda = hello }
plain:route { key = "GET /hello/{name}", lambda = hello }
plain:route { key = "$default", lambda = fallback }

local shop = service:http_api {
  name = "shop-front",
  description = "Sells",
  version = "3",
  cors = { allow_origins = { "*" }, allow_methods = { "*" }, max_age = -1 },
  payload_format = "1.0",
  timeout = 10,
  stages = {
    {
      name = "$default",
      description = "For all",
      variables = {
        page = "https://example.com/a?b=c", stock = "stock.example.com", table = "orders",
      },
      throttling = { rate = 100, burst = 50 },
      detailed_metrics = true,
      access_log = true,
      tags = { stage = "live" },
    },
    {
      name = "beta-2",
      auto_deploy = false,
      access_log = { retention = 7, format = { id = "$context.requestId" } },
    },
    {
      name = "quiet",
      access_log = {
        group = "arn:aws:logs:eu-west-1:123456789012:log-group:shared",
        format = "$context.requestId $context.status",
      },
    },
  },
  domain = {
    name = "shop.example.com",
    certificate = certificate,
    path = "v1/orders",
    hosted_zone = "Z0123456789ABC",
    security_policy = "TLS_1_2",
    ownership_certificate = certificate,
    ip_address_type = "dualstack",
    tags = { area = "shop" },
  },
  mutual_tls = { truststore = "s3://trust/store.pem", version = "3" },
  ip_address_type = "dualstack",
  tags = { area = "shop" },
  output = "ShopAddress",
}
local tokens = shop:authorizer {
  name = "tokens",
  jwt = { issuer = "https://issuer.example.com", audience = { "shop" } },
  default = true,
}
local asked = shop:authorizer {
  name = "asked",
  lambda = guard,
  identity_sources = { "$request.header.Authorization", "$request.querystring.key" },
  ttl = 300,
}
local policies = shop:authorizer {
  name = "policies",
  lambda = guard,
  payload_format = "1.0",
  identity_sources = {},
}
shop:route {
  key = "GET /orders/{id}",
  lambda = hello,
  authorizer = tokens,
  scopes = { "orders.read" },
  payload_format = "2.0",
  timeout = 2.5,
  request_parameters = {
    ["append:header.stage"] = "$context.stage",
    ["overwrite:path"] = "/x",
    ["remove:querystring.debug"] = "''",
  },
  response_parameters = {
    [200] = { ["overwrite:header.cache-control"] = "no-store", ["append:header.stage"] = "a" },
    [404] = { ["overwrite:statuscode"] = "410" },
  },
  operation_name = "ReadOrder",
  throttling = { rate = 5, burst = 2 },
  detailed_metrics = true,
}
shop:route { key = "POST /orders", lambda = hello }
shop:route { key = "PUT /orders/{id}", lambda = hello, authorizer = asked }
shop:route { key = "DELETE /orders/{id}", lambda = hello, authorizer = policies }
shop:route { key = "GET /internal", lambda = fallback, authorizer = "iam" }
shop:route { key = "ANY /public/{proxy+}", lambda = fallback, authorizer = "none" }
shop:route {
  key = "ANY /stock/{proxy+}",
  url = "https://${stageVariables.stock}/v1/{proxy}",
  request_parameters = { ["append:header.stage"] = "$context.stage" },
  response_parameters = { [404] = { ["overwrite:statuscode"] = "410" } },
  timeout = 5,
}
shop:route { key = "$default", url = cfn.sub "https://${AWS::StackName}.example.com" }

local inside = service:http_api {
  name = "inside",
  authorizer = "iam",
  stage = { name = "live" },
  domain = { name = "shared.example.com", path = "inside" },
  output = false,
}
inside:route { key = "GET /", lambda = hello }

-- ---- WebSocket APIs -------------------------------------------------------------------------------

local chat = service:websocket_api { name = "chat", connections = true }
local talk = service:lambda { name = "talk", handler = print }
chat:route { key = "$connect", lambda = talk }
chat:route { key = "$disconnect", lambda = talk }
chat:route { key = "$default", lambda = talk }

local game = service:websocket_api {
  name = "game",
  description = "Played",
  route_selection = "$request.body.move",
  api_key_selection = "$request.header.x-api-key",
  stage = {
    name = "live",
    description = "For all",
    variables = { board = "8x8" },
    throttling = { rate = 100, burst = 50 },
    detailed_metrics = true,
    logging = "error",
    data_trace = false,
    access_log = true,
    client_certificate = "a1b2c3",
    tags = { stage = "live" },
  },
  connections = {
    ttl = 7200,
    name = "players",
    read_capacity = 2,
    write_capacity = 1,
    deletion_policy = "Retain",
  },
  retain_deployments = true,
  domain = { name = "game.example.com", certificate = certificate },
  disable_default_endpoint = true,
  ip_address_type = "ipv4",
  tags = { area = "games" },
  output = "GameAddress",
}
local play = service:lambda { name = "play", handler = print }
local entry = game:authorizer {
  name = "entry",
  lambda = guard,
  identity_sources = { "route.request.querystring.token" },
}
game:model {
  name = "Move",
  schema = {
    ["$schema"] = "http://json-schema.org/draft-04/schema#",
    type = "object",
    required = { "move" },
    properties = { move = { type = "string" } },
  },
  description = "What players send",
}
game:route {
  key = "$connect",
  lambda = play,
  authorizer = entry,
  api_key_required = true,
  request_parameters = { ["route.request.querystring.token"] = true },
  operation_name = "Enter",
}
game:route {
  key = "sendMove",
  lambda = play,
  models = { Move = "Move" },
  model_selection = "$request.body.kind",
  response = true,
  timeout = 5,
  throttling = { rate = 5, burst = 2 },
  detailed_metrics = true,
  logging = "info",
  data_trace = true,
}
game:route { key = "default", lambda = play, models = "Move" }
local tick = service:lambda {
  name = "tick",
  environment = { TABLE_OF_CHAT = chat.table, BOARD = game.management_url, CHAT = chat.url },
  privileges = { { actions = "dynamodb:DescribeTable", resource = chat.table_arn } },
  handler = print,
}
chat:grant_connections(tick)

-- ---- targets of load balancers --------------------------------------------------------------------

service:alb_target {
  name = "orders",
  listener = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/"
    .. "0123456789abcdef/0123456789abcdef",
  hosts = { "*.example.com" },
  methods = { "GET" },
  paths = { "/orders/*" },
  headers = { ["x-version"] = { "2*" } },
  source_ips = { "192.0.2.0/24" },
  priority = 20,
  multi_value_headers = true,
  health_check = {
    path = "/health",
    interval = 60,
    timeout = 10,
    healthy_threshold = 3,
    unhealthy_threshold = 2,
    matcher = "200-299",
  },
  tags = { area = "shop" },
  lambda = hello,
}
local front = service:alb_target {
  name = "front",
  load_balancer = {
    subnets = { "subnet-0123456789abcdef0", "subnet-0123456789abcdef1" },
    security_groups = { "sg-0123456789abcdef0" },
    scheme = "internet-facing",
    ip_address_type = "ipv4",
    certificate = certificate,
    ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06",
    attributes = { ["idle_timeout.timeout_seconds"] = "30" },
    tags = { area = "shop" },
  },
  lambda = fallback,
}
service:alb_target {
  name = "debug",
  listener = front.listener,
  query = { debug = "1", ["*"] = "trace" },
  priority = 1,
  lambda = hello,
}
service:alb_target {
  name = "inner",
  load_balancer = {
    subnets = { "subnet-0123456789abcdef0", "subnet-0123456789abcdef1" },
    scheme = "internal",
    port = 8080,
  },
  paths = { "/inner" },
  priority = 7,
  lambda = hello,
}

service:output { name = "Ids", value = cfn.join(",", { plain.id, chat.id, front.target_group }) }
service:output { name = "Arns", value = chat.execute_arn .. "/*/" .. hello.url .. plain.url }
service:output { name = "Front", value = front.dns_name }

return service
