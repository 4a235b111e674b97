--- The URLs of the servers that APIs lead to: `{name}` in them is a part of the request's path, and the
--- request's query stands behind theirs.
---
--- API Gateway decodes what a path holds before it goes into a URL
--- (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html, and for REST APIs
--- api-gateway-known-issues.html): what a path cannot hold is encoded anew here, and `%2F` becomes a
--- slash.
local uri = require "host.uri"

local endpoint_url = {}

local IN_PATH <const> = "/!$&'()*+,;=:@" -- what may stand in a path besides letters (RFC 3986, 3.3)

--- Whether a text begins as the URL of such a server does.
---@param text any
---@return boolean
function endpoint_url.is_one(text)
  return type(text) == "string" and text:find "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]" ~= nil
end

--- A path, encoded.
---@param text string
---@return string
function endpoint_url.path(text)
  return uri.encode(text, IN_PATH)
end

--- Puts parameters in the places of their names.
---@param url string  "https://pets.example/{id}", "{proxy+}" too
---@param parameters table<string, string>  decoded
---@return string? url
---@return string? missing  the name of one that is not there
function endpoint_url.filled(url, parameters)
  local missing
  local filled = url:gsub("{([^{}/?]+)}", function(name)
    local value = parameters[name] or parameters[name:gsub("%+$", "")]
    if not value then
      missing = missing or name
      return nil
    end
    return endpoint_url.path(value)
  end)
  if missing then
    return nil, missing
  end
  return filled
end

--- The same URL with another path, and no query.
---@param url string
---@param path string  decoded, with its slash
---@return string
function endpoint_url.with_path(url, path)
  return url:match "^%a+://[^/?#]*" .. endpoint_url.path(path)
end

--- The same URL with a path behind its own.
---@param url string
---@param path string  decoded, with its slash
---@return string
function endpoint_url.below(url, path)
  local base, query = url:match "^([^?#]*)(.*)$"
  return base:gsub("/+$", "") .. endpoint_url.path(path) .. query
end

-- What was said as it stands, but for what no URL may hold.
local function clean(query)
  return (query:gsub("[^%w%-._~:/?@!$&'()*+,;=%%]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

--- The same URL with a query behind its own.
---@param url string
---@param query? string|{ [1]: string, [2]: string }[]  as on the request line, or decoded
---@return string
function endpoint_url.asked(url, query)
  local text = type(query) == "table" and uri.build_query(query) or clean(query or "")
  if text == "" then
    return url
  end
  return ("%s%s%s"):format(url, url:find("?", 1, true) and "&" or "?", text)
end

return endpoint_url
