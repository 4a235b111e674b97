--- What can be said of a function's own URL: `service:lambda { url = true }`, or { … }.
---
---     local hook = service:lambda {
---       name = "hook",
---       url = { cors = { allow_origins = { "https://example.com" } } },
---       handler = function(event) return { statusCode = 204 } end,
---     }
---
--- The stack has an output with it, "HookUrl", and the function's handle has `.url`; it ends in "/".
---@module "laconic.function_url"
local check = require "engine.check"
local cross_origin = require "laconic.cross_origin"
local resource = require "laconic.resource"

local function_url = {}

---@class laconic.FunctionUrlOptions
---@field auth? "none"|"iam"        default "none": everybody may call
---@field principals? string[]      with "iam": accounts and ARNs of those who may call; in the function's
---  own account a policy of theirs does as well
---@field cors? boolean|laconic.CorsOptions  true: every origin, method and header; no credentials
---@field invoke_mode? "buffered"|"response_stream"  default "buffered"; the other passes on what a
---  handler streams as it comes
---@field output? string|false      what the output with it is called; default "<Name>Url"

local METHODS = { "*", "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT" }

local CORS = cross_origin.rules(METHODS, 0)

local function test_principal(principal)
  if not principal:match "^%d%d%d%d%d%d%d%d%d%d%d%d$" and not principal:match "^arn:" then
    return ("'%s' is neither an account's number nor an ARN"):format(principal)
  end
end

local OPTIONS = {
  auth = { one_of = { "none", "iam" } },
  principals = { each = { type = "string", test = test_principal }, least = 1 },
  cors = { type = { "boolean", "table" } },
  invoke_mode = { one_of = { "buffered", "response_stream" } },
  output = resource.OUTPUT,
}

--- Checks what was said, and returns it complete; nil when the function has none.
---@param value boolean|laconic.FunctionUrlOptions|nil
---@return table? entry
function function_url.read(value)
  if not value then
    return nil
  end
  local said = value == true and {} or value
  check.fields("lambda.url", said, OPTIONS)
  if said.principals and said.auth ~= "iam" then
    check.fail("E104", "lambda.url.principals: without auth = \"iam\" everybody may call")
  end
  return {
    auth = said.auth or "none",
    principals = said.principals,
    cors = cross_origin.read("lambda.url.cors", said.cors, CORS),
    invoke_mode = said.invoke_mode or "buffered",
    output = said.output,
  }
end

return function_url
