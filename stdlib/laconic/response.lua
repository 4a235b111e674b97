--- Answers of a handler to an HTTP request: status, headers and body, in a shape that every door of
--- a service understands: a REST API, whether it maps or is a proxy, an HTTP API, a function URL, a
--- load balancer.
---
---     local response = require "laconic.response"
---
---     handler = function(event)
---       local todo = todos[event.pathParams.id]
---       if not todo then
---         return response.error(404, "there is no todo " .. event.pathParams.id)
---       end
---       return response.new(200, todo, { ["Cache-Control"] = "no-store" })
---     end
---
---@module "laconic.response"
local check = require "engine.check"
local http = require "laconic.event.http"

local response = {}

local STATUS = { type = "integer", least = 100, most = 599 }

-- What clients read beside the number; a status that is not here is named by its hundred.
local NAMES = {
  [400] = "Bad Request",
  [401] = "Unauthorized",
  [402] = "Payment Required",
  [403] = "Forbidden",
  [404] = "Not Found",
  [405] = "Method Not Allowed",
  [406] = "Not Acceptable",
  [408] = "Request Timeout",
  [409] = "Conflict",
  [410] = "Gone",
  [411] = "Length Required",
  [412] = "Precondition Failed",
  [413] = "Content Too Large",
  [414] = "URI Too Long",
  [415] = "Unsupported Media Type",
  [416] = "Range Not Satisfiable",
  [418] = "I'm a teapot",
  [422] = "Unprocessable Content",
  [423] = "Locked",
  [424] = "Failed Dependency",
  [425] = "Too Early",
  [426] = "Upgrade Required",
  [428] = "Precondition Required",
  [429] = "Too Many Requests",
  [431] = "Request Header Fields Too Large",
  [451] = "Unavailable For Legal Reasons",
  [500] = "Internal Server Error",
  [501] = "Not Implemented",
  [502] = "Bad Gateway",
  [503] = "Service Unavailable",
  [504] = "Gateway Timeout",
  [507] = "Insufficient Storage",
  [508] = "Loop Detected",
  [511] = "Network Authentication Required",
}

-- Texts are texts, and all else is JSON.
local function body_of(body, headers)
  if body == nil or type(body) == "string" then
    if body and not headers["content-type"] and utf8.len(body) then
      headers["content-type"] = "text/plain; charset=utf-8"
    end
    return body
  end
  local text, problem = require("host.json").encode(body)
  if not text then
    check.fail("E105", "response.new: body: " .. problem.message)
  end
  headers["content-type"] = headers["content-type"] or "application/json"
  return text
end

--- An answer. Names of headers are written in lower case.
---@param code integer   the status
---@param body? any      a text as it is, any other value as JSON. Bytes that are no text travel as
---  base64, which only proxies decode
---@param headers? table<string, string|number|string[]>  a list is a header that comes several
---  times, which only proxies can
---@return table  { statusCode, headers, multiValueHeaders?, body, isBase64Encoded }
function response.new(code, body, headers)
  check.value("response.new: code", code, STATUS)
  check.type("response.new: headers", headers, { "table", "nil" })
  local named = {}
  for name, value in pairs(headers or {}) do
    check.type("response.new: a header's name", name, "string")
    named[name:lower()] = value
  end
  local text = body_of(body, named)
  local answer = http.answer("laconic", { status = code, headers = named, body = text })
  if #answer.cookies > 0 then
    answer.multiple["set-cookie"] = answer.cookies
  end
  return {
    statusCode = answer.status,
    headers = answer.single,
    multiValueHeaders = next(answer.multiple) and answer.multiple or nil,
    body = answer.body or "",
    isBase64Encoded = answer.is_base64,
  }
end

--- An answer that says what went wrong: { code, error, message } as JSON. For what a caller did; a
--- handler that fails raises an error instead, and its caller is told 500 and nothing else.
---@param code integer  400 to 599
---@param ... any       the parts of the message
---@return table
function response.error(code, ...)
  check.value("response.error: code", code, { type = "integer", least = 400, most = 599 })
  local parts = table.pack(...)
  for i = 1, parts.n do
    parts[i] = tostring(parts[i])
  end
  return response.new(code, {
    code = code,
    error = NAMES[code] or (code < 500 and NAMES[400] or NAMES[500]),
    message = table.concat(parts, " "),
  })
end

return response
