--- Who may call a REST API, and how often: what `api:authorizer` and `api:usage_plan` say.
---@module "laconic.rest_api.access"
local api_stage = require "laconic.api_stage"
local check = require "engine.check"
local handle = require "laconic.handle"
local logical_id = require "laconic.logical_id"
local resource = require "laconic.resource"

local access = {}

---@class laconic.RestAuthorizer
---@field name string               letters, digits, '-' and '_'
---@field type? "token"|"request"|"cognito"  default: "cognito" with user_pools, else "token"
---@field lambda? any               a token's or request's: the function's handle, or an ARN as an
---  intrinsic
---@field user_pools? any[]         Cognito's: ARNs
---@field identity_sources? string|string[]  a token's: the header that it is in, default
---  "Authorization"; a request's: "header.X", "query.x", "stage.x", "context.x", which tell callers
---  apart
---@field validation? string        a token's: what it must look like before the function is asked
---@field ttl? integer              seconds for which an answer is kept, 0 to 3,600; default 300
---@field credentials? any          the ARN of a role by which API Gateway calls the function
---@field default? boolean          of all methods that say nothing else

---@class laconic.UsagePlan
---@field name string               letters, digits, '-' and '_'
---@field description? string
---@field keys? any[]               a name, { name, description?, value?, enabled? }, or the id of a
---  key that there is already, as an intrinsic
---@field throttling? laconic.Throttling
---@field quota? { limit: integer, period: "day"|"week"|"month", offset?: integer }
---@field methods? table<string, laconic.Throttling>  "GET /todos"

local function test_name(name)
  if not name:match "^%a[%w_-]*$" then
    return ("'%s' is no name: a letter, then letters, digits, '-' and '_' expected"):format(name)
  end
end

local NAME = { type = "string", required = true, least = 1, most = 128, test = test_name }

local AUTHORIZER = {
  name = NAME,
  type = { one_of = { "token", "request", "cognito" } },
  lambda = { type = "table" },
  user_pools = { each = { type = "text" }, least = 1 },
  identity_sources = { type = { "string", "table" } },
  validation = { type = "string", least = 1 },
  ttl = { type = "integer", least = 0, most = 3600, unit = "seconds" },
  credentials = { type = "text" },
  default = { type = "boolean" },
}

local SOURCES = {
  context = "context",
  header = "header",
  query = "querystring",
  stage = "stageVariables",
}

local function read_target(options)
  local target = options.lambda
  if handle.kind(target) == "lambda" then
    return { id = target.id, name = target.name }
  elseif check.is_intrinsic(target) then
    return { arn = target }
  end
  check.fail(target and "E103" or "E102",
    "authorizer.lambda: what service:lambda returned expected, or an ARN")
end

-- "header.X" → "method.request.header.X"
local function read_source(text)
  local kind, name = text:match "^(%l+)%.([%w._-]+)$"
  if not SOURCES[kind] then
    local form = "'%s' is nothing of a request: 'header.X', 'query.x', 'stage.x' or 'context.x'"
    check.fail("E105", "authorizer.identity_sources: " .. form:format(text))
  end
  local prefix = (kind == "header" or kind == "query") and "method.request." or ""
  return prefix .. SOURCES[kind] .. "." .. name
end

local function read_identity(options, kind)
  local identity = options.identity_sources
  if kind == "request" then
    local list = type(identity) == "string" and { identity } or identity or {}
    check.value("authorizer.identity_sources", list, { each = { type = "string" } })
    local sources = {}
    for _, text in ipairs(list) do
      table.insert(sources, read_source(text))
    end
    if #sources == 0 and options.ttl ~= 0 then
      check.fail("E102", "authorizer.identity_sources: what tells callers apart is needed",
        "or say ttl = 0, and every request is asked about")
    end
    return #sources > 0 and table.concat(sources, ", ") or nil
  end
  check.type("authorizer.identity_sources", identity, { "string", "nil" })
  local header = (identity or "Authorization"):gsub("^header%.", "")
  return read_source("header." .. header)
end

local function refuse_field(options, field, kind)
  if options[field] ~= nil then
    check.fail("E104", ("authorizer.%s: not of a %s authorizer"):format(field, kind))
  end
end

--- Checks what was said of an authorizer, and returns it as the engine takes it.
---@param options laconic.RestAuthorizer
---@return table
function access.authorizer(options)
  check.fields("authorizer", options, AUTHORIZER)
  local kind = options.type or options.user_pools and "cognito" or "token"
  local entry = {
    name = options.name,
    type = kind,
    identity = read_identity(options, kind),
    validation = options.validation,
    ttl = options.ttl,
    credentials = options.credentials,
    default = options.default,
    where = check.where() or "?",
  }
  if kind == "cognito" then
    refuse_field(options, "lambda", kind)
    refuse_field(options, "credentials", kind)
    if not options.user_pools then
      check.fail("E102", "authorizer: field 'user_pools' is missing")
    end
    entry.user_pools = options.user_pools
  else
    refuse_field(options, "user_pools", kind)
    entry.target = read_target(options)
  end
  if kind == "request" then
    refuse_field(options, "validation", kind)
  end
  return entry
end

local KEY = {
  name = NAME,
  description = { type = "string" },
  value = { type = "text", least = 20, most = 128 },
  enabled = { type = "boolean" },
}

local QUOTA = {
  limit = { type = "integer", required = true, least = 0 },
  period = { required = true, one_of = { "day", "week", "month" } },
  offset = { type = "integer", least = 0 },
}

-- The day of a period on which it begins.
local LAST_OFFSETS = { day = 0, week = 6, month = 27 }

local function check_quota(quota)
  local last = quota and LAST_OFFSETS[quota.period]
  if last and (quota.offset or 0) > last then
    local text = "usage_plan.quota.offset: at most %d where the period is a %s, got %d"
    check.fail("E104", text:format(last, quota.period, quota.offset))
  end
end

local PLAN = {
  name = NAME,
  description = { type = "string" },
  keys = { each = { type = { "string", "table" } } },
  throttling = api_stage.THROTTLING,
  quota = { fields = QUOTA },
  methods = { type = "table" },
}

local function read_key(name, key, seen)
  if check.is_intrinsic(key) then
    return { id = key }
  end
  key = type(key) == "string" and { name = key } or key
  check.fields(name, key, KEY)
  if seen[key.name] then
    check.fail("E106", ("%s: the key '%s' is named twice"):format(name, key.name))
  end
  seen[key.name] = true
  key = { name = key.name, description = key.description, value = key.value, enabled = key.enabled }
  key.stem = logical_id.stem(key.name)
  if key.value then
    resource.check_value(name .. ".value", key.value)
  end
  return key
end

--- Checks what was said of a usage plan, and returns it as the engine takes it.
---@param options laconic.UsagePlan
---@return table
function access.usage_plan(options)
  check.fields("usage_plan", options, PLAN)
  check_quota(options.quota)
  local entry = {
    name = options.name,
    description = options.description,
    throttling = options.throttling,
    quota = options.quota,
    methods = options.methods or {},
    keys = {},
    where = check.where() or "?",
  }
  local seen = {}
  for i, key in ipairs(options.keys or {}) do
    entry.keys[i] = read_key(("usage_plan.keys[%d]"):format(i), key, seen)
  end
  for name, throttling in pairs(entry.methods) do
    if type(name) ~= "string" or not name:match "^%u+ /" then
      check.fail("E105", ("usage_plan.methods: '%s' is no method such as 'GET /todos'"):format(
        tostring(name)))
    end
    check.value("usage_plan.methods." .. name, throttling, api_stage.THROTTLING)
  end
  return entry
end

return access
