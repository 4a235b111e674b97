-- A REST API whose functions answer in every way: tests/flow/rest_answering_spec.lua asks them, on the
-- local cloud.
local api_gateway = require "laconic.event.api_gateway_v1"
local laconic = require "laconic"
local response = require "laconic.response"

local service = laconic.service { name = "rest" }

local api = service:rest_api {
  name = "front",
  stage = { name = "v1", variables = { mood = "bold" } },
  cors = {
    allow_origins = { "https://a.example", "https://b.example" },
    allow_credentials = true,
    expose_headers = { "Location" },
  },
}

local function fn(name, handler)
  return service:lambda { name = name, handler = handler }
end

local echo = fn("echo", function(event)
  return response.new(200, event)
end)

api:method { path = "/echo/{id}", verb = "ANY", lambda = echo }
api:method { path = "/files/{path+}", verb = "GET", lambda = echo }

-- Two functions at one path.
local made = fn("made", function(event)
  return { code = 201, headers = { Location = "/x" }, body = event.body }
end)
local shown = fn("shown", function()
  return { plain = true }
end)
api:method { path = "/things", verb = "POST", lambda = made }
api:method { path = "/things", verb = "GET", lambda = shown, status = 203 }

local proxied = fn("proxied", function(event)
  local request = api_gateway.request(event)
  return response.new(418, { path = request.path, id = request.path_parameters.id }, { X = "y" })
end)
api:method { path = "/proxied/{id}", verb = "GET", lambda = proxied, proxy = true }

-- One that is kept, and one that says for itself who may read it.
local kept = response.new(200, { kept = true })
local own = response.new(200, {}, { ["Access-Control-Allow-Origin"] = "https://c.example" })
local keeping = fn("keeping", function(event)
  return api_gateway.request(event).query.own and own or kept
end)
api:method { path = "/kept", verb = "GET", lambda = keeping, proxy = true }

local failing = fn("failing", function(event)
  error(event.queryParams.why or "the password is 12345")
end)
api:method {
  path = "/failing",
  verb = "GET",
  lambda = failing,
  responses = {
    {
      pattern = ".*Gone:.*",
      status = 410,
      headers = { ["X-Why"] = "gone" },
      templates = { ["application/json"] = '{"gone":true}' },
    },
    { pattern = ".*Taken: .*", status = 409 },
  },
}

local kinds = {
  html = response.new(200, "<p>", { ["Content-Type"] = "text/html" }),
  none = response.new(204),
  text = { code = 200, headers = { ["content-type"] = "text/css" }, body = "a { }" },
}
local kind = fn("kind", function(event)
  return kinds[event.pathParams.kind]
end)
api:method { path = "/kinds/{kind}", verb = "GET", lambda = kind }

api:method {
  path = "/checked",
  verb = "POST",
  lambda = made,
  query = { page = "required" },
  headers = { ["X-Reason"] = "required" },
  model = { type = "object", required = { "n" }, properties = { n = { type = "integer" } } },
}

local guard = api:authorizer {
  name = "guard",
  lambda = fn("guard", function(event)
    local effect = event.authorizationToken == "tea" and "Allow" or "Deny"
    local statement = { Action = "execute-api:Invoke", Effect = effect, Resource = event.methodArn }
    return {
      principalId = "ada",
      policyDocument = { Version = "2012-10-17", Statement = { statement } },
      context = { cup = 'fu"ll' },
    }
  end),
}
api:method { path = "/guarded/{id}", verb = "GET", lambda = echo, authorizer = guard }
api:method { path = "/signed/{id}", verb = "GET", lambda = echo, authorizer = "iam" }
api:method { path = "/keyed/{id}", verb = "GET", lambda = echo, api_key = true }
api:usage_plan {
  name = "partners",
  keys = { { name = "acme", value = "a-key-that-everybody-knows" } },
}

return service
