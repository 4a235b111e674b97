--- A function's own URL: the URL, and the permissions to call it.
---
--- AWS asks for two of them since October 2025: one to call the URL, and one to call the function by
--- way of it. Whoever has the first alone gets 403.
local cross_origin = require "engine.constructs.parts.cross_origin"
local digest = require "host.digest"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local function_url = {}

local AUTH = { none = "NONE", iam = "AWS_IAM" }

local function permissions(add, words, principal, suffix)
  local fn = value.ref(words.lambda.id)
  add(words.stem .. "UrlPermission" .. suffix, {
    Type = "AWS::Lambda::Permission",
    Properties = {
      Action = "lambda:InvokeFunctionUrl",
      FunctionName = fn,
      FunctionUrlAuthType = AUTH[words.auth],
      Principal = principal,
    },
  })
  add(words.stem .. "UrlInvokePermission" .. suffix, {
    Type = "AWS::Lambda::Permission",
    Properties = {
      Action = "lambda:InvokeFunction",
      FunctionName = fn,
      InvokedViaFunctionUrl = true,
      Principal = principal,
    },
  })
end

---@param words engine.ConstructWords
---@return engine.Expansion
function function_url.expand(words)
  local resources, id = {}, words.stem .. "Url"
  local function add(name, resource)
    table.insert(resources, { id = name, resource = resource })
  end
  add(id, {
    Type = "AWS::Lambda::Url",
    Properties = {
      AuthType = AUTH[words.auth],
      Cors = cross_origin.properties(words.cors),
      InvokeMode = words.invoke_mode:upper(),
      TargetFunctionArn = value.att(words.lambda.id, "Arn"),
    },
  })
  if words.auth == "none" then
    permissions(add, words, "*", "")
  end
  for _, principal in ipairs(words.principals or {}) do
    permissions(add, words, principal, digest.sha256(principal):sub(1, 8))
  end
  return {
    resources = resources,
    outputs = url_output.list(words, ("the function '%s'"):format(words.lambda.name),
      value.att(id, "FunctionUrl")),
  }
end

return function_url
