--- What can be said of a route of an HTTP API. See laconic.constructs.http_api.
---@module "laconic.http_api.route"
local api_stage = require "laconic.api_stage"
local changes = require "laconic.http_api.changes"
local check = require "engine.check"
local gateway_v2 = require "laconic.gateway_v2"

local route = {}

---@class laconic.HttpRoute
---@field key string                "GET /hello/{name}", "ANY /files/{proxy+}", "$default"
---@field lambda? laconic.Handle    what is asked: a function, or
---@field url? any                  an HTTP server, which gets the request as it came:
---  "https://shop.example.com/{proxy}" has the path's variables in it; behind "$default" the whole path is
---  added
---@field authorizer? "iam"|"none"|laconic.Handle
---@field scopes? string[]
---@field payload_format? "1.0"|"2.0"  of a function's events
---@field timeout? number           seconds
---@field request_parameters? table<string, any>  what is changed before the function or the server is asked:
---  { ["append:header.stage"] = "$context.stage", ["remove:querystring.debug"] = "''" }
---@field response_parameters? table<integer, table<string, any>>  by status:
---  { [200] = { ["overwrite:header.cache-control"] = "no-store" } }
---@field operation_name? string
---@field throttling? laconic.Throttling
---@field detailed_metrics? boolean

--- What routes have, and the API for all of them.
route.TIMEOUT = { type = "number", least = 0.05, most = 30, unit = "seconds" }
route.FORMAT = { one_of = { "1.0", "2.0" } }

local VERBS = {
  ANY = true, DELETE = true, GET = true, HEAD = true, OPTIONS = true, PATCH = true, POST = true,
  PUT = true,
}

-- What is wrong with one segment of a path; `seen` are the names of its parameters.
local function segment_problem(segment, is_last, seen)
  local name, greedy = segment:match "^{([%w._-]+)(%+?)}$"
  if not name then
    return not segment:match "^[%w%%$_.!*'(),;:@&=~-]+$"
      and ("'%s' cannot stand in a path"):format(segment) or nil
  elseif seen[name] then
    return ("the parameter '%s' comes twice"):format(name)
  elseif greedy == "+" and not is_last then
    return ("'%s' takes all that follows, and has to be the last"):format(segment)
  end
  seen[name] = true
end

local function path_problem(path)
  local seen = {}
  if path ~= "/" and path:match "/$" then
    return ("'%s' ends in '/'"):format(path)
  elseif path:find("//", 1, true) then
    return ("'//' in '%s' holds an empty segment"):format(path)
  end
  for segment, rest in path:gmatch "/([^/]*)()" do
    local problem = path ~= "/" and segment_problem(segment, rest > #path, seen)
    if problem then
      return problem
    end
  end
end

local function test_key(key)
  if key == "$default" then
    return nil
  end
  local verb, path = key:match "^(%S+) (/.*)$"
  if not verb then
    return ("'%s' is not a route such as 'GET /hello/{name}' or '$default'"):format(key)
  elseif not VERBS[verb] then
    return check.unknown("method", verb, VERBS)
  end
  return path_problem(path)
end

local function test_url(url)
  if type(url) == "string" and not url:match "^https?://[^/?#]" then
    return ("'%s' is not a URL such as 'https://shop.example.com/{proxy}'"):format(url)
  end
end

local ROUTE = {
  key = { type = "string", required = true, least = 1, most = 512, test = test_key },
  lambda = {},
  url = { type = "text", test = test_url },
  authorizer = { type = { "string", "table" } },
  scopes = { each = { type = "text" }, least = 1, most = 10 },
  payload_format = route.FORMAT,
  timeout = route.TIMEOUT,
  request_parameters = { type = "table", test = changes.test_request },
  response_parameters = { type = "table", test = changes.test_response },
  operation_name = { type = "string", least = 1, most = 64 },
  throttling = api_stage.THROTTLING,
  detailed_metrics = { type = "boolean" },
}

-- A key whose parameters have no names: two that are alike then are for the same requests.
local function shape_of(key)
  return (key:gsub("{[^}+]+", "{"))
end

local function check_room(api, key)
  for _, other in ipairs(api.routes) do
    if other.key == key then
      check.fail("E106", ("http_api.route: '%s' is there already: %s"):format(key, other.where))
    elseif shape_of(other.key) == shape_of(key) then
      local text = "http_api.route: '%s' is for the same requests as '%s': %s"
      check.fail("E106", text:format(key, other.key, other.where))
    end
  end
end

-- What stands in a URL as {name} has to be a variable of the path.
local function check_variables(options)
  local url = type(options.url) == "string" and options.url:gsub("%${[^}]*}", "") or ""
  for name in url:gmatch "{([^}]*)}" do
    local own = name:gsub("%+$", ""):gsub("%p", "%%%0")
    if not options.key:match("{" .. own .. "%+?}") then
      check.fail("E104",
        ("http_api.route.url: '%s' has no variable '{%s}'"):format(options.key, name))
    end
  end
end

local function check_behind(options)
  if options.url == nil then
    return gateway_v2.check_lambda("http_api.route.lambda", options.lambda)
  elseif options.lambda ~= nil then
    check.fail("E104", "http_api.route: a route has a 'lambda' or a 'url', not both")
  elseif options.payload_format then
    check.fail("E104", "http_api.route.payload_format: a server gets requests, not events")
  end
  check_variables(options)
end

--- Checks what was said of a route, and adds it to its API.
---@param api table  what was said of the API
---@param options laconic.HttpRoute
function route.add(api, options)
  check.fields("http_api.route", options, ROUTE)
  check_behind(options)
  check_room(api, options.key)
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  entry.authorizer = gateway_v2.authorizer("http_api.route.authorizer", api, options.authorizer)
  entry.where = check.where() or "?"
  table.insert(api.routes, entry)
end

return route
