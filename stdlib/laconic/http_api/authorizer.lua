--- What can be said of who may call an HTTP API. See laconic.constructs.http_api.
---@module "laconic.http_api.authorizer"
local check = require "engine.check"
local gateway_v2 = require "laconic.gateway_v2"

local authorizer = {}

---@class laconic.HttpAuthorizer
---@field name string
---@field jwt? { issuer: any, audience: any[] }  JSON web tokens of an identity provider: the URL at which
---  its `/.well-known/openid-configuration` is, and of which `aud` (or else `client_id`) one has to be; or
---@field lambda? laconic.Handle    a function of yours
---@field identity_sources? string[]  default { "$request.header.Authorization" }; a request without
---  them is refused before the function is asked
---@field simple? boolean           the function answers { isAuthorized = … }, and no IAM policy; default
---  true, with payload format "2.0"
---@field payload_format? "1.0"|"2.0"  of the function's events; default "2.0"
---@field ttl? integer              seconds for which an answer of the function is kept; default 0
---@field default? boolean          of every route that names none

local function test_source(source)
  if not source:match "^%$request%.%l+%.%S+$" and not source:match "^%$context%.%S+$"
    and not source:match "^%$stageVariables%.%S+$" then
    return ("'%s' is not a part of a request such as '$request.header.Authorization'")
      :format(source)
  end
end

-- What only the stack knows, another API's URL for instance, is no string. On the local cloud an issuer
-- may speak http://.
local function test_issuer(issuer)
  if type(issuer) == "string" and not issuer:find "^https?://[^%s/?#]+[^%s?#]*$" then
    return ("'%s' is no issuer's URL such as 'https://login.example.com/'"):format(issuer)
  end
end

local OPTIONS = {
  name = gateway_v2.NAME,
  jwt = {
    fields = {
      issuer = { type = "text", required = true, test = test_issuer },
      audience = { each = { type = "text" }, required = true, least = 1, most = 50 },
    },
  },
  lambda = {},
  identity_sources = { each = { type = "string", test = test_source } },
  simple = { type = "boolean" },
  payload_format = { one_of = { "1.0", "2.0" } },
  ttl = { type = "integer", least = 0, most = 3600, unit = "seconds" },
  default = { type = "boolean" },
}

local function check_jwt(options)
  for _, field in ipairs { "payload_format", "simple", "ttl" } do
    if options[field] ~= nil then
      check.fail("E104", ("http_api.authorizer.%s: belongs to a function, and not to `jwt`"):format(
        field))
    end
  end
  local sources = options.identity_sources
  if sources and #sources ~= 1 then
    check.fail("E104", "http_api.authorizer.identity_sources: a token has one place")
  elseif sources and not sources[1]:find "^%$request%.header%."
    and not sources[1]:find "^%$request%.querystring%." then
    check.fail("E104", "http_api.authorizer.identity_sources: a token stands in a header or in "
      .. "a parameter of the query")
  end
end

local function check_function(options)
  gateway_v2.check_lambda("http_api.authorizer.lambda", options.lambda)
  if options.simple and options.payload_format == "1.0" then
    check.fail("E104", "http_api.authorizer.simple: simple answers need payload format \"2.0\"")
  elseif (options.ttl or 0) > 0 and options.identity_sources and #options.identity_sources == 0 then
    check.fail("E104", "http_api.authorizer.ttl: without identity_sources there is nothing to keep "
      .. "an answer by")
  end
end

--- Checks what was said of an authorizer, adds it to its API, and returns its handle.
---@param api table  what was said of the API
---@param options laconic.HttpAuthorizer
---@return laconic.Handle
function authorizer.add(api, options)
  check.fields("http_api.authorizer", options, OPTIONS)
  if (options.jwt == nil) == (options.lambda == nil) then
    check.fail("E102", "http_api.authorizer: one of 'jwt' and 'lambda' is needed")
  elseif options.jwt then
    check_jwt(options)
  else
    check_function(options)
  end
  return gateway_v2.add_authorizer("http_api", api, {
    name = options.name,
    jwt = options.jwt,
    lambda = options.lambda,
    identity_sources = options.identity_sources or { "$request.header.Authorization" },
    simple = options.simple ~= false and options.payload_format ~= "1.0",
    payload_format = options.payload_format or "2.0",
    ttl = options.ttl or 0,
    default = options.default,
  })
end

return authorizer
