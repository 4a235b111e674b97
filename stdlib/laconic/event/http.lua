--- An HTTP request, whoever brought it: API Gateway's REST and HTTP APIs and function URLs, its
--- WebSocket APIs, a load balancer.
---
---     local http = require "laconic.event.http"
---
---     handler = function(event)
---       local request = http.request(event)
---       local order = request:json()
---       return request:respond { status = 201, body = { id = place(order) } }
---     end
---
--- Who knows what brings it requires that module alone: `laconic.event.api_gateway_v2` and its kin have
--- the same `request(event)`, and `response { … }`.
---@module "laconic.event.http"
local check = require "engine.check"
local json = require "host.json"
local order = require "engine.order"
local shape = require "laconic.event.shape"

local http = {}

--- A request. `request:json()` is its body decoded, `request:form()` the fields of an HTML form, and
--- `request:respond { … }` makes the answer in the shape that its source wants.
---@class laconic.event.HttpRequest
---@field source string   "api_gateway_v1", "api_gateway_v2", "websocket", "alb"
---@field method string   "GET"; not of a WebSocket
---@field path string     as the source has it
---@field route? string   what matched: "/orders/{id}" of a REST API, "GET /orders/{id}", "$connect"
---@field headers table<string, string>  names in any case; of several values the last
---@field multi_value_headers table<string, string[]>  every value; of HTTP APIs joined by commas
---@field query table<string, string>    decoded; of several values the last
---@field multi_value_query table<string, string[]>    every value
---@field path_parameters table<string, string>
---@field stage_variables table<string, string>
---@field cookies table<string, string>
---@field body? string    bytes, decoded where they came as base64
---@field source_ip? string
---@field stage? string
---@field context table   the source's requestContext
---@field authorizer? table  what an authorizer said: claims, context
---@field identity? table    who called, as API Gateway knows it
---@field raw table

--- What a handler answers.
---@class laconic.event.HttpResponse
---@field status? integer     default 200
---@field headers? table<string, string|number|string[]>  a list is a header that comes several times
---@field cookies? string[]   "id=1; Path=/; HttpOnly"
---@field body? string|table  a text or bytes (as base64, then); a table becomes JSON

-- Lower-case names in the table, any case in the question.
local AnyCase = {
  __index = function(self, name)
    return type(name) == "string" and rawget(self, name:lower()) or nil
  end,
}

local function same(text)
  return text
end

--- Single-valued and multi-valued maps, of either; null is as good as absent. Names that are spelled
--- alike become one, in the order of those names: what a client sends twice is never left to chance.
---@param source string
---@param event table
---@param single string  "headers"
---@param multi? string  "multiValueHeaders"
---@param spell_name? fun(text: string): string
---@param spell_value? fun(text: string): string
---@return table<string, string> last
---@return table<string, string[]> all
function http.values(source, event, single, multi, spell_name, spell_value)
  spell_name, spell_value = spell_name or same, spell_value or same
  local lists = multi and shape.field(source, "", event, { "", "table?", multi })
  local map = lists or shape.field(source, "", event, { "", "table?", single }) or {}
  local last, all = {}, {}
  for _, name in ipairs(order.keys(map)) do
    local key, value = spell_name(name), map[name]
    all[key] = all[key] or {}
    for _, item in ipairs(type(value) == "table" and value or { value }) do
      if type(item) ~= "string" then
        local path = ("%s.%s"):format(lists and multi or single, name)
        shape.fail(source, path, "string expected, got " .. type(item))
      end
      table.insert(all[key], spell_value(item))
    end
    last[key] = all[key][#all[key]]
  end
  return last, all
end

--- The two maps of headers, whose names may be asked for in any case.
---@param source string
---@param event table
---@return table<string, string> last
---@return table<string, string[]> all
function http.headers(source, event)
  local last, all = http.values(source, event, "headers", "multiValueHeaders", string.lower)
  return setmetatable(last, AnyCase), setmetatable(all, AnyCase)
end

local function read_cookies(self)
  local cookies = {}
  local list = shape.field(self.source, "", self.raw, { "", "list?", "cookies" })
    or self.multi_value_headers.cookie or {}
  for _, line in ipairs(list) do
    for name, value in tostring(line):gmatch "([^=;%s]+)=([^;]*)" do
      cookies[name] = cookies[name] or value -- the first is of the narrowest path: RFC 6265, 5.4
    end
  end
  return cookies
end

local function read_body(self)
  local body = shape.field(self.source, "", self.raw, { "", "string?", "body" })
  if body and self.raw.isBase64Encoded == true then
    return shape.base64(self.source, "body", body)
  end
  return body
end

local methods = {} -- request:…

--- The body, decoded. A body that is no JSON raises an error.
function methods:json()
  return shape.json(self.source, "body", self.body)
end

--- The fields of a form (application/x-www-form-urlencoded): of several values the last.
---@return table<string, string>
function methods:form()
  local list, problem = require("host.uri").parse_query(self.body or "")
  if not list then
    shape.fail(self.source, "body", problem.message)
  end
  local fields = {}
  for _, pair in ipairs(list) do
    fields[pair[1]] = pair[2]
  end
  return fields
end

--- The answer to this request.
---@param response laconic.event.HttpResponse
---@return table
function methods:respond(response)
  return require("laconic.event." .. self.source).response(response, self)
end

-- One reading gives two fields: which of them is asked for first is the handler's affair.
local function either(read, single, multi, wanted)
  return function(self)
    local last, all = self[read](self.source, self.raw)
    rawset(self, single, last)
    rawset(self, multi, all)
    return rawget(self, wanted)
  end
end

local COMPUTED = {
  cookies = read_cookies,
  body = read_body,
  headers = either("read_headers", "headers", "multi_value_headers", "headers"),
  multi_value_headers = either("read_headers", "headers", "multi_value_headers",
    "multi_value_headers"),
  query = either("read_query", "query", "multi_value_query", "query"),
  multi_value_query = either("read_query", "query", "multi_value_query", "multi_value_query"),
}

--- Makes the class of one source's requests.
---@param source string
---@param read_query fun(source: string, event: table): table<string, string>, table<string, string[]>
---@return table metatable
function http.class(source, read_query)
  local own = setmetatable({
    source = source,
    read_headers = http.headers,
    read_query = read_query,
  }, { __index = methods })
  return shape.class(own, COMPUTED)
end

--- Reads a request of any of the four sources.
---@param event table
---@return laconic.event.HttpRequest
function http.request(event)
  local source = require("laconic.event").source(event)
  local known = { api_gateway_v1 = true, api_gateway_v2 = true, websocket = true, alb = true }
  if not known[source] then
    local looks = source and ("it looks like an event of " .. source) or "it looks like none"
    shape.fail("http", "", "a request expected: " .. looks)
  end
  return require("laconic.event." .. source).request(event)
end

local function is_header_value(value)
  local kind = type(value)
  return (kind == "string" or kind == "number") and not tostring(value):find "[\0\r\n]"
end

local function check_headers(headers)
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not name:find "^[%w!#$%%&'*+%-.^_`|~]+$" then
      return ("'%s' cannot be a header's name"):format(tostring(name))
    end
    for _, item in ipairs(type(value) == "table" and value or { value }) do
      if not is_header_value(item) then
        return ("%s: a text without line breaks, a number, or a list of them expected"):format(name)
      end
    end
  end
end

local RESPONSE = {
  status = { type = "integer", least = 100, most = 599 },
  headers = { type = "table", test = check_headers },
  cookies = {
    each = {
      type = "string",
      test = function(cookie)
        return cookie:find "[\0\r\n]" and "a text without line breaks expected" or nil
      end,
    },
  },
  body = { type = { "string", "table" } },
  multi_value = { type = "boolean" },
}

---@class laconic.event.HttpAnswer
---@field status integer
---@field single table<string, string>     headers that come once
---@field multiple table<string, string[]>  headers that come several times
---@field cookies string[]
---@field body? string
---@field is_base64 boolean

local function encode_body(name, answer, body, has_type)
  if type(body) == "table" then
    local text, problem = json.encode(body)
    if not text then
      check.fail("E105", ("%s.body: %s"):format(name, problem.message))
    end
    answer.body = text
    answer.single["content-type"] = not has_type and "application/json" or nil
  elseif body and not utf8.len(body) then
    answer.body, answer.is_base64 = require("host.digest").to_base64(body), true
  else
    answer.body = body
  end
end

-- The texts of a header that comes several times. Cookies cannot be joined, and have a place of their own.
local function add_list(answer, header, values)
  local is_cookie = header:lower() == "set-cookie"
  local list = is_cookie and answer.cookies or json.array {}
  for _, item in ipairs(values) do
    table.insert(list, tostring(item))
  end
  answer.multiple[header] = not is_cookie and list or nil
end

--- Checks a response and takes it apart; the sources put it together as they want it.
---@param source string
---@param response laconic.event.HttpResponse
---@return laconic.event.HttpAnswer
function http.answer(source, response)
  local name = source .. ".response"
  check.fields(name, response, RESPONSE)
  local answer = {
    status = response.status or 200,
    single = {},
    multiple = {},
    cookies = { table.unpack(response.cookies or {}) },
    is_base64 = false,
  }
  local has_type = false
  for header, value in pairs(response.headers or {}) do
    has_type = has_type or header:lower() == "content-type"
    if type(value) == "table" then
      add_list(answer, header, value)
    else
      answer.single[header] = tostring(value)
    end
  end
  encode_body(name, answer, response.body, has_type)
  return answer
end

return http
