--- What can be said of a route of a WebSocket API. See laconic.constructs.websocket_api.
---@module "laconic.websocket_api.route"
local api_stage = require "laconic.api_stage"
local check = require "engine.check"
local gateway_v2 = require "laconic.gateway_v2"

local route = {}

---@class laconic.WebsocketRoute
---@field key string                "$connect", "$disconnect", "$default", or what messages say: "say"
---@field lambda laconic.Handle
---@field authorizer? "iam"|"none"|laconic.Handle  of `$connect` alone: who is connected stays so
---@field api_key_required? boolean
---@field operation_name? string
---@field request_parameters? table<string, boolean>  of `$connect`: what must be there (true) or may:
---  { ["route.request.querystring.room"] = true }
---@field models? string|table<string, string>  the name of the model that messages have to obey; or several
---  names, by what `model_selection` gives, "$default" for all else
---@field model_selection? string   what of a message tells its model: "$request.body.kind"
---@field response? boolean         the function's answer goes to the client; default false
---@field timeout? number           seconds that API Gateway waits; default 29, which is the most
---@field throttling? laconic.Throttling
---@field detailed_metrics? boolean
---@field logging? "off"|"error"|"info"
---@field data_trace? boolean

--- What is logged of messages.
route.LOGGING = { one_of = { "off", "error", "info" } }

local function test_expression(text)
  if not text:match "^%$" then
    return ("'%s' is not an expression such as '$request.body.action'"):format(text)
  end
end

--- A rule for what of a message decides.
route.EXPRESSION = { type = "string", most = 512, test = test_expression }

local OWN_KEYS = { ["$connect"] = true, ["$default"] = true, ["$disconnect"] = true }

local function test_key(key)
  if key:match "^%$" and not OWN_KEYS[key] then
    return check.unknown("route", key, OWN_KEYS)
  end
end

local function test_request_parameters(parameters)
  for name, required in pairs(parameters) do
    if not tostring(name):match "^route%.request%.%l+%.%S+$" then
      return ("'%s' is not a parameter such as 'route.request.querystring.room'"):format(
        tostring(name))
    elseif type(required) ~= "boolean" then
      return ("%s: true (required) or false expected"):format(name)
    end
  end
end

local function test_models(models)
  for kind, name in pairs(type(models) == "table" and models or {}) do
    if type(kind) ~= "string" or type(name) ~= "string" then
      return "names of models by kinds of messages expected: { move = \"Move\" }"
    end
  end
end

local ROUTE = {
  key = { type = "string", required = true, least = 1, most = 128, test = test_key },
  lambda = { required = true },
  authorizer = { type = { "string", "table" } },
  api_key_required = { type = "boolean" },
  operation_name = { type = "string", least = 1, most = 64 },
  request_parameters = { type = "table", test = test_request_parameters },
  models = { type = { "string", "table" }, test = test_models },
  model_selection = route.EXPRESSION,
  response = { type = "boolean" },
  timeout = { type = "number", least = 0.05, most = 29, unit = "seconds" },
  throttling = api_stage.THROTTLING,
  detailed_metrics = { type = "boolean" },
  logging = route.LOGGING,
  data_trace = { type = "boolean" },
}

local OF_CONNECT = { "authorizer", "request_parameters" }

-- API Gateway looks at models only where something selects them.
local function check_models(options)
  local several = type(options.models) == "table"
  if several and not options.model_selection then
    check.fail("E102", "websocket_api.route: field 'model_selection' is missing",
      "say what of a message tells its model, or the name of one model alone")
  elseif options.model_selection and not several then
    check.fail("E102", "websocket_api.route.model_selection: there is nothing to select from",
      "say models = { kind = \"Model\" }")
  end
end

local function check_route(api, options)
  check.fields("websocket_api.route", options, ROUTE)
  gateway_v2.check_lambda("websocket_api.route.lambda", options.lambda)
  for _, other in ipairs(api.routes) do
    if other.key == options.key then
      check.fail("E106", ("websocket_api.route: '%s' is there already: %s"):format(options.key,
        other.where))
    end
  end
  for _, field in ipairs(OF_CONNECT) do
    if options[field] ~= nil and options.key ~= "$connect" then
      check.fail("E104", ("websocket_api.route.%s: API Gateway asks for it when somebody connects")
        :format(field), "say it of the route '$connect'")
    end
  end
  check_models(options)
end

--- Checks what was said of a route, and adds it to its API.
---@param api table  what was said of the API
---@param options laconic.WebsocketRoute
function route.add(api, options)
  check_route(api, options)
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  entry.authorizer = gateway_v2.authorizer("websocket_api.route.authorizer", api,
    options.authorizer)
  entry.where = check.where() or "?"
  table.insert(api.routes, entry)
end

return route
