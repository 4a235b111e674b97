--- Results of handlers that are not JSON, or that are answers over HTTP.
---
---     local result = require "laconic.result"
---
---     handler = function()
---       return result.http { status = 200, content_type = "image/png", body = draw() }
---     end
---
---@module "laconic.result"
local check = require "engine.check"

local result = {}

local MARK = { __name = "laconic.result" }

--- The bytes as they are, for who calls the function itself and expects no JSON.
---@param bytes string
---@param content_type? string  default application/octet-stream
---@return table
function result.raw(bytes, content_type)
  check.type("result.raw: bytes", bytes, "string")
  check.type("result.raw: content_type", content_type, { "string", "nil" })
  content_type = content_type or "application/octet-stream"
  return setmetatable({ bytes = bytes, content_type = content_type }, MARK)
end

---@class laconic.HttpResult
---@field status? integer      default 200
---@field content_type? string
---@field headers? table<string, string|string[]>  a list: the header several times
---@field cookies? string[]    function URLs and HTTP APIs; for others say headers["set-cookie"]
---@field body? string         text, or any bytes: those travel as base64
---@field binary? boolean      as base64 although it is text

local HTTP = {
  status = { type = "integer", least = 100, most = 599 },
  content_type = { type = "string" },
  headers = { type = "table" },
  cookies = { each = { type = "string" } },
  body = { type = "string" },
  binary = { type = "boolean" },
}

-- One header several times is a member of its own for REST APIs and load balancers.
local function split_headers(options)
  local single, multiple = {}, nil
  for name, value in pairs(options.headers or {}) do
    check.type("result.http.headers", name, "string")
    if type(value) == "table" then
      multiple = multiple or {}
      multiple[name] = value
    else
      check.type("result.http.headers." .. name, value, { "string", "number" })
      single[name] = tostring(value)
    end
  end
  if options.content_type then
    single["content-type"] = options.content_type
  end
  return single, multiple
end

--- The answer to a request that came by API Gateway, a function URL or a load balancer.
---@param options laconic.HttpResult
---@return table  statusCode, headers, multiValueHeaders?, cookies?, body, isBase64Encoded
function result.http(options)
  check.fields("result.http", options, HTTP)
  local body = options.body or ""
  local binary = options.binary or not utf8.len(body)
  local headers, multiple = split_headers(options)
  return {
    statusCode = options.status or 200,
    headers = headers,
    multiValueHeaders = multiple,
    cookies = options.cookies,
    body = binary and require("host.digest").to_base64(body) or body,
    isBase64Encoded = binary and true or false,
  }
end

return result
