--- Who may pass a route: a function is asked, and its word kept for a while.
---
--- A function answers `{ isAuthorized, context }` where simple responses are on, else an IAM policy.
--- Authorizers that read tokens are in jwt_authorizer.lua.
local invocation = require "engine.local.http.invocation"
local invoke_policy = require "engine.local.http.invoke_policy"
local json = require "host.json"
local kept_answers = require "engine.local.http.kept_answers"
local target = require "engine.local.http.target"

local authorizers = {}

local SERVICE <const> = "apigateway.amazonaws.com"
local SECONDS <const> = 10

---@class engine.local.services.apigatewayv2.Authorizer
---@field target? engine.local.http.Target
---@field version "1.0"|"2.0"
---@field is_simple boolean
---@field sources string[][]  kind and name of each: { "header", "authorization" }
---@field kept engine.local.http.KeptAnswers

--- What an authorizer is asked about.
---@class engine.local.services.apigatewayv2.Question
---@field cloud engine.local.Cloud
---@field request engine.local.Request
---@field headers table<string, string>  lower-case
---@field query table<string, string>
---@field variables table<string, string>
---@field context table<string, string>
---@field method_arn string
---@field route_key string
---@field event fun(identities: string[]): string  the function's event, as JSON

---@class engine.local.services.apigatewayv2.Verdict
---@field is_allowed boolean
---@field context? table
---@field principal? string
---@field usage_key? string   an API key

local SOURCES <const> = {
  { "^%$request%.header%.(.+)$", "header" },
  { "^%$request%.querystring%.(.+)$", "query" },
  { "^route%.request%.header%.(.+)$", "header" },
  { "^route%.request%.querystring%.(.+)$", "query" },
  { "^%$?stageVariables%.(.+)$", "variables" },
  { "^%$?context%.(.+)$", "context" },
}

local function read_source(text)
  for _, row in ipairs(SOURCES) do
    local name = text:match(row[1])
    if name then
      return { row[2], row[2] == "header" and name:lower() or name }
    end
  end
  return { "unknown", text }
end

local function read_sources(list)
  local sources = {}
  for _, text in ipairs(type(list) == "table" and list or { list }) do
    table.insert(sources, read_source(text))
  end
  return sources
end

--- Makes what is asked out of an authorizer's properties.
---@param properties table
---@param source_arn string
---@return engine.local.services.apigatewayv2.Authorizer
function authorizers.compile(properties, source_arn)
  return {
    target = target.new {
      arn = properties.AuthorizerUri, service = SERVICE, source_arn = source_arn, seconds = SECONDS,
    },
    version = properties.AuthorizerPayloadFormatVersion or "1.0",
    is_simple = tostring(properties.EnableSimpleResponses) == "true",
    sources = read_sources(properties.IdentitySource or {}),
    kept = kept_answers.new(tonumber(properties.AuthorizerResultTtlInSeconds) or 0),
  }
end

local READ <const> = {
  header = function(question, name)
    return question.headers[name]
  end,
  query = function(question, name)
    return question.query[name]
  end,
  variables = function(question, name)
    return question.variables[name]
  end,
  context = function(question, name)
    return question.context[name]
  end,
  unknown = function() end,
}

-- What the request says of who sent it; nil when something that is wanted is not there.
local function identities_of(authorizer, question)
  local found = {}
  for i, source in ipairs(authorizer.sources) do
    local value = READ[source[1]](question, source[2])
    if not value or value == "" then
      return nil
    end
    found[i] = value
  end
  return found
end

--- What a function's word means for one request; nil when it is none.
---@param said any  decoded
---@param is_simple boolean
---@param asked engine.local.http.Invocation
---@return engine.local.services.apigatewayv2.Verdict?
function authorizers.judge(said, is_simple, asked)
  if type(said) ~= "table" then
    return nil
  end
  local context = type(said.context) == "table" and said.context or nil
  if is_simple and type(said.isAuthorized) == "boolean" then
    return { is_allowed = said.isAuthorized, context = context }
  elseif is_simple or type(said.policyDocument) ~= "table" then
    return nil
  end
  return {
    is_allowed = invoke_policy.effect(said.policyDocument, asked) == "Allow",
    context = context,
    usage_key = type(said.usageIdentifierKey) == "string" and said.usageIdentifierKey or nil,
    principal = type(said.principalId) == "string" and said.principalId or nil,
  }
end

--- Asks, or remembers.
---@param authorizer engine.local.services.apigatewayv2.Authorizer
---@param question engine.local.services.apigatewayv2.Question
---@return engine.local.services.apigatewayv2.Verdict?
---@return "unauthorized"|"failed"|nil obstacle  why there is no verdict
function authorizers.ask(authorizer, question)
  local identities = identities_of(authorizer, question)
  if not identities then
    return nil, "unauthorized"
  end
  local said = authorizer.kept:get(identities)
  if not said then
    local result = authorizer.target
      and authorizer.target:call(question.cloud, question.event(identities))
    said = result and not result.error and json.decode(result.payload)
    if said then
      authorizer.kept:keep(identities, said)
    end
  end
  local verdict = said and authorizers.judge(said, authorizer.is_simple,
    invocation.of(question.request, question.method_arn))
  return verdict, not verdict and "failed" or nil
end

return authorizers
