--- A request as the handlers see it: what host.server handed out, with words to ask it.
local fault = require "engine.local.fault"
local file = require "host.file"
local json = require "host.json"
local uri = require "host.uri"

local request = {}
request.__index = request

local MAX_TEXT = 70167211 -- what Lambda takes in one request, the most of all

---@class engine.local.Request
---@field id string            the request id of the answer (a UUID)
---@field method string
---@field path string          as on the request line
---@field query? string        as on the request line, without "?"
---@field headers { [1]: string, [2]: string }[]  in wire order
---@field trailers? { [1]: string, [2]: string }[]
---@field body? string         absent when the body is in a file
---@field body_file? string    set to nil by who takes the file; else it is removed after the answer
---@field service string       "s3", "cloudformation", …
---@field region string
---@field account string
---@field action string        "CreateStack"
---@field identity engine.local.Identity  who signed it
---@field exchange? integer    host.server's number of it; absent for calls from inside
---@field peer? string        "127.0.0.1:51234"; absent for calls from inside
---@field address? string     the peer's, once somebody has asked: see http/received.lua
---@field seen? table         what an HTTP API's access log tells of it: see apigatewayv2/http_access.lua

--- Makes a request of what host.server handed out: it is the same table.
---@param raw host.server.Request
---@param id string
---@return engine.local.Request
function request.new(raw, id)
  raw.exchange, raw.id = raw.id, id
  if not raw.body and not raw.body_file then
    raw.body = ""
  end
  return setmetatable(raw, request)
end

--- A header's value; several of one name are joined with ",".
---@param name string  in lower case
---@return string?
function request:header(name)
  if not self.header_values then
    local values = {}
    for _, pair in ipairs(self.headers) do
      local key = pair[1]:lower()
      values[key] = values[key] and values[key] .. "," .. pair[2] or pair[2]
    end
    self.header_values = values
  end
  return self.header_values[name]
end

--- What stood behind a chunked body.
---@param name string  in lower case
---@return string?
function request:trailer(name)
  for _, pair in ipairs(self.trailers or {}) do
    if pair[1]:lower() == name then
      return pair[2]
    end
  end
end

--- A parameter of the query, decoded: "" when it has no value, nil when it is absent.
---@param name string
---@return string?
function request:parameter(name)
  if not self.query_values then
    local values = {}
    for _, pair in ipairs(self:query_list()) do
      values[pair[1]] = values[pair[1]] or pair[2]
    end
    self.query_values = values
  end
  return self.query_values[name]
end

--- The query's parameters, decoded, in order.
---@return { [1]: string, [2]: string }[]
function request:query_list()
  local list = uri.parse_query(self.query or "")
  if not list then
    fault.raise("MalformedQueryString", "The query string cannot be decoded")
  end
  return list
end

--- How many bytes the body has.
---@return integer
function request:size()
  return self.body and #self.body or assert(file.stat(self.body_file)).size
end

--- The body as text, wherever it is; bounded, because it is held in memory.
---@param max_bytes? integer  default 70,167,211
---@return string
function request:text(max_bytes)
  if self:size() > (max_bytes or MAX_TEXT) then
    fault.raise("RequestEntityTooLarge", "The body of the request is too large", 413)
  end
  return self.body or assert(file.read(self.body_file))
end

--- The body as JSON: always a table, empty when there is no body.
---@return table
function request:json()
  local text = self:text()
  if text == "" then
    return {}
  end
  local value, err = json.decode(text)
  if type(value) ~= "table" then
    fault.raise("SerializationException", "The body of the request is not a JSON object"
      .. (err and ": " .. tostring(err) or ""))
  end
  return value
end

--- Moves the body to `path`, without reading it when it is in a file already.
---@param path string
function request:move_body(path)
  if self.body_file then
    assert(file.rename(self.body_file, path))
    self.body_file = nil
  else
    assert(file.write(path, self.body))
  end
end

--- Removes what is left of the body.
function request:discard()
  if self.body_file then
    file.remove(self.body_file)
    self.body_file = nil
  end
end

return request
