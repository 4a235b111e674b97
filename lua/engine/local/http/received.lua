--- A client's request taken apart the way AWS's HTTP front ends hand it to functions: headers by
--- lower-case name, cookies, the query, the body as text or base64.
local clock = require "host.clock"
local digest = require "host.digest"
local header_list = require "engine.local.http.header_list"
local identifier = require "engine.local.identifier"
local uri = require "host.uri"

local received = {}

local TEXT_TYPES <const> = {
  ["application/javascript"] = true,
  ["application/json"] = true,
  ["application/xml"] = true,
}

-- The headers that front ends set, whatever the client said.
local ADDED <const> = {
  "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto",
}

-- JSON holds Unicode alone: bytes that are none are taken for Latin-1, as HTTP once had it.
local function as_unicode(text)
  if utf8.len(text) then
    return text
  end
  return (text:gsub("[\128-\255]", function(byte)
    return utf8.char(byte:byte())
  end))
end

received.unicode = as_unicode

local function lower(name)
  return header_list.lower(name) or name:lower()
end

--- The headers by lower-case name, several of one name joined with ",", cookies with "; ".
---@param request engine.local.Request
---@return table<string, string>
function received.headers(request)
  local values = {}
  for _, pair in ipairs(request.headers) do
    local name, value = lower(pair[1]), as_unicode(pair[2])
    local before = values[name]
    values[name] = before and before .. (name == "cookie" and "; " or ",") .. value or value
  end
  return values
end

received.MOST_HEADER_BYTES = 10240 -- of API Gateway's APIs

--- Whether there is more in a request's headers than API Gateway takes.
---@param request engine.local.Request
---@return boolean
function received.has_long_headers(request)
  local bytes = 0
  for _, pair in ipairs(request.headers) do
    bytes = bytes + #pair[1] + #pair[2]
  end
  return bytes > received.MOST_HEADER_BYTES
end

--- The cookies of a Cookie header, one by one; nil when there is none.
---@param header? string
---@return string[]?
function received.cookies(header)
  if not header then
    return nil
  end
  local cookies = {}
  for cookie in header:gmatch "[^;,%s][^;]*" do
    table.insert(cookies, cookie)
  end
  return cookies
end

-- What cannot be decoded stays as it came: AWS refuses no request for that.
local function decode(text, plus)
  if text:find("[%%+]") then
    text = uri.decode(text, plus) or text
  end
  return as_unicode(text)
end

--- A part of a path, decoded.
---@param text string
---@return string
function received.decoded(text)
  return decode(text, false)
end

--- Goes through the parameters of a query, decoded, in order.
---@param query? string
---@return fun(): string?, string?
function received.parameters(query)
  local next_pair = (query or ""):gmatch "([^&=]*)=?([^&]*)"
  return function()
    local name, value
    repeat
      name, value = next_pair()
    until not name or name ~= "" or value ~= ""
    if name then
      return decode(name, true), decode(value, true)
    end
  end
end

--- Gathers named values: the last of each name, and all of them.
---@param pairs_of fun(): string?, string?
---@return table<string, string> last
---@return table<string, string[]> all
function received.gathered(pairs_of)
  local last, all = {}, {}
  for name, value in pairs_of do
    last[name] = value
    all[name] = all[name] or {}
    table.insert(all[name], value)
  end
  return last, all
end

--- The query's parameters, several values of one name joined with ","; nil when there are none.
---@param query? string
---@return table<string, string>?
function received.query(query)
  if not query or query == "" then
    return nil
  end
  local values = {}
  for name, value in received.parameters(query) do
    local before = values[name]
    values[name] = before and before .. "," .. value or value
  end
  return next(values) and values or nil
end

--- Whether a body of that type is handed over as it is. `encoding` is its Content-Encoding.
---@param content_type? string
---@param encoding? string
---@return boolean
function received.is_text(content_type, encoding)
  if encoding and encoding ~= "identity" then
    return false
  elseif not content_type then
    return true
  end
  local kind = content_type:match "^%s*([^;%s]*)":lower()
  return kind:find("^text/") ~= nil or TEXT_TYPES[kind] == true
end

--- The body as an event has it; nil when there is none.
---@param request engine.local.Request
---@param headers table<string, string>  lower-case
---@param most integer  bytes
---@return string? body
---@return boolean is_base64
function received.body(request, headers, most)
  local body = request.body or request:text(most)
  if body == "" then
    return nil, false
  elseif received.is_text(headers["content-type"], headers["content-encoding"])
    and utf8.len(body) then
    return body, false
  end
  return digest.to_base64(body), true
end

--- Adds what AWS's front ends tell of the way that a request came.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param headers table<string, string>
function received.add_forwarded(cloud, request, headers)
  local before = headers["x-forwarded-for"]
  local address = received.address(request)
  headers["x-forwarded-for"] = before and before .. ", " .. address or address
  headers["x-forwarded-port"] = cloud.port
  headers["x-forwarded-proto"] = "http"
  headers["x-amzn-trace-id"] = headers["x-amzn-trace-id"] or identifier.trace()
end

--- Goes through the headers as they came, and those that AWS's front ends set.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param name_of? fun(name: string): string  default: names as they were sent
---@return fun(): string?, string?
function received.each_header(cloud, request, name_of)
  local list = {}
  for _, pair in ipairs(request.headers) do
    if not lower(pair[1]):find "^x%-forwarded%-" then
      table.insert(list, { as_unicode(pair[1]), as_unicode(pair[2]) })
    end
  end
  local before = request:header "x-forwarded-for"
  local added = { ["x-forwarded-for"] = before and as_unicode(before) }
  received.add_forwarded(cloud, request, added)
  for _, name in ipairs(ADDED) do
    table.insert(list, { name, added[lower(name)] })
  end
  local at = 0
  return function()
    at = at + 1
    local pair = list[at]
    if pair then
      return name_of and name_of(pair[1]) or pair[1], pair[2]
    end
  end
end

--- Who sent it: "127.0.0.1".
---@param request engine.local.Request
---@return string
function received.address(request)
  if not request.address then
    local peer = request.peer or "127.0.0.1:0"
    request.address = peer:match "^%d[%d.]*" or peer:match "^%[(.-)%]:%d+$"
  end
  return request.address
end

local known_second, known_text -- the same for all that come within a second

--- A time as access logs have it: "22/Nov/2026:12:00:00 +0000".
---@param seconds number  since 1970
---@return string
function received.clf_time(seconds)
  local second = seconds // 1 | 0
  if second ~= known_second then
    known_second, known_text = second, os.date("!%d/%b/%Y:%H:%M:%S +0000", second)
  end
  return known_text
end

--- Now: in milliseconds, and as API Gateway writes it.
---@return integer milliseconds
---@return string text
function received.now()
  local now = clock.now()
  return (now * 1000) // 1 | 0, received.clf_time(now)
end

return received
