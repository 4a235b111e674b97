--- Headers that somebody behind an API says, as its clients get them. What would speak of the
--- connection is dropped, or passed on under another name: `x-amzn-Remapped-Date`
--- (docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html).
local header_list = require "engine.local.http.header_list"

local passed_headers = {}

local DROPPED <const> = {
  te = true, trailer = true, ["transfer-encoding"] = true, upgrade = true,
  ["proxy-authenticate"] = true,
}
local REMAPPED <const> = {
  connection = true, ["content-length"] = true, ["content-md5"] = true, date = true, expect = true,
  host = true, ["max-forwards"] = true, server = true, ["user-agent"] = true,
  ["www-authenticate"] = true,
}

--- Adds a header to an answer's, or leaves it aside.
---@param list { [1]: string, [2]: string }[]
---@param name string   a header's
---@param value string
function passed_headers.add(list, name, value)
  local lower = header_list.lower(name)
  if REMAPPED[lower] then
    name = "x-amzn-Remapped-" .. name
  end
  if not DROPPED[lower] then
    table.insert(list, { name, header_list.line(value) })
  end
end

--- Adds what API Gateway says of the request.
---@param list { [1]: string, [2]: string }[]
---@param exchange engine.local.services.apigateway.Exchange
function passed_headers.add_own(list, exchange)
  table.insert(list, { "x-amzn-RequestId", exchange.id })
  table.insert(list, { "x-amz-apigw-id", exchange.extended_id })
  table.insert(list, { "X-Amzn-Trace-Id", exchange.trace_id })
end

return passed_headers
