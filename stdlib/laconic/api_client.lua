--- What the modules that `laconic client` makes stand on: requests of a service API, and its answers.
---
---     local leaderboard = require "leaderboard_client"
---     local api = leaderboard.new { url = "https://abc.execute-api.eu-west-1.amazonaws.com/api" }
---     for _, score in ipairs(api:top { count = 3 }) do print(score.name, score.score) end
---
---     local ok, err = pcall(api.score_of, api, { name = "nobody" })
---     print(err.status, err.type)  --> 404  NotFoundError
---
--- Operations that take signed requests get them: with the credentials that AWS's own tools would find,
--- or those that are given.
---@module "laconic.api_client"
local check = require "engine.check"
local failure = require "engine.failure"
local json = require "host.json"
local uri = require "host.uri"

local api_client = {}

---@class laconic.ApiClientOptions
---@field url string            where the API answers, its stage included
---@field headers? table<string, string>  of every request
---@field timeout? number       seconds; default 30
---@field region? string        of signatures; default: as laconic.aws finds it
---@field credentials? laconic.AwsCredentials
---@field attempts? integer     how often a request that could not be sent is sent, of GET alone; default 2

--- A failure that the API told: raised.
---@class laconic.ApiError
---@field kind "api"
---@field status integer        HTTP's
---@field type string           its errorType: "NotFoundError", or one of the service's own
---@field message string

--- What is known of an operation.
---@class laconic.ApiOperation
---@field name string
---@field method string
---@field path string           "/player/{name}"
---@field signed? boolean
---@field parameters table<string, laconic.ApiParameter>

---@class laconic.ApiParameter
---@field location "path"|"query"|"body"
---@field type? string
---@field required? boolean
---@field separator? string     of a list
---@field json? boolean         it is JSON in the query

local OPTIONS <const> = {
  url = { type = "string", required = true, least = 1 },
  headers = { type = "table" },
  timeout = { type = "number", least = 0 },
  region = { type = "string" },
  credentials = { type = "table" },
  attempts = { type = "integer", least = 1, most = 10 },
}

local Client = { __name = "laconic.api_client" }
Client.__index = Client

local TYPES <const> = {
  string = "string",
  integer = "integer",
  number = "number",
  boolean = "boolean",
  array = "table",
}

local function test_number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    return "must be a finite number"
  end
end

local function rules_of(operation)
  local rules = {}
  for name, parameter in pairs(operation.parameters) do
    local is_plain = parameter.location ~= "body" and not parameter.json
    rules[name] = {
      type = is_plain and TYPES[parameter.type] or "any",
      required = parameter.required,
      least = is_plain and parameter.location == "path" and parameter.type == "string" and 1 or nil,
      test = is_plain and parameter.type == "number" and test_number or nil,
    }
  end
  return rules
end

-- Numbers as JSON has them, to the last digit.
local function plain_text(value)
  return type(value) == "string" and value or assert(json.encode(value))
end

-- A list whose items would be taken apart in other places is sent as JSON, which is read as well.
local function list_text(list, separator)
  local texts = {}
  for i, item in ipairs(list) do
    texts[i] = plain_text(item)
    if texts[i]:find(separator, 1, true) or texts[i]:sub(1, 1) == "[" or #list == 1 and item == ""
    then
      return assert(json.encode(json.array(list)))
    end
  end
  return table.concat(texts, separator)
end

local function text_of(value, parameter)
  if parameter.json then
    return assert(json.encode(value))
  elseif type(value) == "table" then
    return list_text(value, parameter.separator or ",")
  end
  return plain_text(value)
end

-- "%2F" of a path is read as "/" by some on the way, and is sent all the same.
local function path_of(operation, params)
  return (operation.path:gsub("{([^{}]-)%+?}", function(name)
    return uri.encode(text_of(params[name], operation.parameters[name]))
  end))
end

local function query_of(operation, params)
  local pairs_said, names = {}, {}
  for name in pairs(params) do
    table.insert(names, name)
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local parameter = operation.parameters[name]
    if parameter.location == "query" then
      table.insert(pairs_said, { name, text_of(params[name], parameter) })
    end
  end
  return #pairs_said > 0 and uri.build_query(pairs_said) or nil
end

-- An empty table is what the description says it is; "{}" to the letter would count as no body.
local function body_of(operation, params)
  for name, parameter in pairs(operation.parameters) do
    local value = params[name]
    if parameter.location == "body" and value ~= nil then
      if parameter.type == "array" and type(value) == "table" and next(value) == nil then
        return "[]"
      end
      local text = assert(json.encode(value))
      return text == "{}" and "{ }" or text
    end
  end
end

local function sign(self, request, path, query)
  local clock = require "host.clock"
  local session = require("engine.aws.default").session()
  local credentials = self.credentials or session:credentials()
  local signed = assert(require("host.sigv4").sign({
    access_key_id = credentials.access_key_id,
    secret_access_key = credentials.secret_access_key,
    session_token = credentials.session_token,
    region = self.region or session:region(),
    service = "execute-api",
    amz_date = clock.amz_date(clock.now()),
  }, {
    method = request.method,
    path = path,
    query = query,
    headers = request.headers,
    body = request.body or "",
  }))
  request.headers = signed.headers
end

local function request_of(self, operation, params)
  local path, query = self.parts.path:gsub("/$", "") .. path_of(operation, params),
    query_of(operation, params)
  local headers = { { "Host", self.parts.authority }, { "Accept", "application/json" } }
  for name, value in pairs(self.headers) do
    table.insert(headers, { name, value })
  end
  local request = {
    method = operation.method,
    url = ("%s://%s%s%s"):format(self.parts.scheme, self.parts.authority, path,
      query and "?" .. query or ""),
    headers = headers,
    body = body_of(operation, params),
    timeout = self.timeout,
  }
  if operation.method ~= "GET" and operation.method ~= "HEAD" then
    table.insert(headers, { "Content-Type", "application/json" })
    request.body = request.body or ""
  end
  if operation.signed then
    sign(self, request, path, query)
  end
  return request
end

-- What cannot be sent is an error of kind "network" as everywhere. A GET is sent again.
local function send(self, request)
  local http = require "host.http"
  local attempts = request.method == "GET" and self.attempts or 1
  local response, err
  for _ = 1, attempts do
    response, err = http.request(request)
    if response or err.kind ~= "network" then
      break
    end
  end
  return assert(response, err)
end

local function refuse(operation, response, body)
  body = type(body) == "table" and body or {}
  local message = body.errorMessage or body.message or "the API answered with no message"
  failure.raise("api", tostring(message), {
    status = response.status,
    type = type(body.errorType) == "string" and body.errorType or "HttpError",
    operation = operation.name,
    where = check.where(),
  })
end

-- Null is nothing, to who gets a result.
local function result_of(operation, response)
  local body = response.body ~= "" and json.decode(response.body) or nil
  if response.status < 200 or response.status > 299 then
    refuse(operation, response, body)
  elseif operation.method == "HEAD" then
    return nil
  elseif type(body) ~= "table" then
    failure.raise("api", "the API's answer is no JSON object", {
      status = response.status, type = "HttpError", operation = operation.name,
    })
  end
  local result = body.result
  if result == json.null then
    result = nil
  end
  return result
end

--- Calls an operation; what a generated module's functions do.
---@param operation laconic.ApiOperation
---@param params? table<string, any>
---@return any result
function Client:call(operation, params)
  params = params or {}
  check.fields(operation.name, params, rules_of(operation))
  return result_of(operation, send(self, request_of(self, operation, params)))
end

--- A class for the functions of one API: they find `self:call(operation, params)`.
---@return table methods
function api_client.class()
  return setmetatable({}, { __index = Client })
end

--- Makes a client of a class.
---@param methods table
---@param options laconic.ApiClientOptions
---@return table
function api_client.new(methods, options)
  check.fields("client", options, OPTIONS)
  local parts, err = uri.parse(options.url)
  if not parts then
    check.fail("E104", "client.url: " .. err.message)
  end
  return setmetatable({
    parts = parts,
    headers = options.headers or {},
    timeout = options.timeout or 30,
    region = options.region,
    credentials = options.credentials,
    attempts = options.attempts or 2,
  }, { __index = methods, __name = "laconic.api_client" })
end

return api_client
