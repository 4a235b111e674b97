--- Where a REST API is published: what `stage` and `domain` of it say.
---@module "laconic.rest_api.stage"
local check = require "engine.check"
local resource = require "laconic.resource"

local stage = {}

---@class laconic.RestStage
---@field name? string              the first segment of its URL; default "prod"
---@field description? string
---@field variables? table<string, string|laconic.Intrinsic>
---@field cache? laconic.RestStageCache
---@field throttling? laconic.Throttling  of every method that says nothing of its own
---@field access_log? true|laconic.AccessLog
---@field log? "off"|"error"|"info"  what API Gateway itself does, per request
---@field log_bodies? boolean       with requests and answers: never where these hold secrets
---@field account_role? boolean     lets API Gateway write logs, for the whole account and region:
---  once for all APIs; needed before `access_log` and `log`, unless the account has such a role
---@field metrics? boolean          figures for every method
---@field tracing? boolean          X-Ray
---@field client_certificate? any   the id of one that integrations are shown
---@field tags? table<string, any>

---@class laconic.RestStageCache
---@field size? "0.5"|"1.6"|"6.1"|"13.5"|"28.4"|"58.2"|"118"|"237"  GB; default "0.5". Costs by the
---  hour
---@field ttl? integer              seconds, of every method that says nothing of its own; default
---  300
---@field encrypted? boolean

---@class laconic.RestDomain
---@field name string|laconic.Intrinsic  "api.example.com"
---@field certificate any           its certificate's ARN; for an edge API one of us-east-1
---@field path? string              "v1": then the API is at https://api.example.com/v1
---@field security_policy? "TLS_1_0"|"TLS_1_2"  default "TLS_1_2"
---@field hosted_zone? any          the id of Route 53's zone, in which the stack makes its record

local TEXT = { type = "text" }

stage.THROTTLING = {
  fields = {
    rate = { type = "number", least = 0, unit = "requests a second" },
    burst = { type = "integer", least = 0, unit = "requests" },
  },
}

local function test_name(name)
  if not name:match "^[%w_-]+$" then
    return ("'%s' is no stage's name: letters, digits, '-' and '_' expected"):format(name)
  end
end

local function test_variables(variables)
  for name, value in pairs(variables) do
    if type(name) ~= "string" or not name:match "^[%w_]+$" then
      return ("'%s' is no variable's name: letters, digits and '_' expected"):format(tostring(name))
    elseif type(value) == "string" and not value:match "^[%w%-._~:/?#&=,]*$" then
      return ("%s: a stage variable takes letters, digits and -._~:/?#&=, alone"):format(name)
    end
    check.type("rest_api.stage.variables." .. name, value, "text")
  end
end

local ACCESS_LOG = {
  format = { type = { "string", "table" } },
  retention = require("laconic.lambda").RULES.log.fields.retention,
  group = TEXT,
}

local CACHE = {
  size = { one_of = { "0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237" } },
  ttl = { type = "integer", least = 0, most = 3600, unit = "seconds" },
  encrypted = { type = "boolean" },
}

local RULES = {
  name = { type = "string", least = 1, most = 128, test = test_name },
  description = { type = "string", most = 1024 },
  variables = { type = "table", test = test_variables },
  cache = { fields = CACHE },
  throttling = stage.THROTTLING,
  access_log = { type = { "boolean", "table" } },
  log = { one_of = { "off", "error", "info" } },
  log_bodies = { type = "boolean" },
  account_role = { type = "boolean" },
  metrics = { type = "boolean" },
  tracing = { type = "boolean" },
  client_certificate = TEXT,
  tags = { type = "table" },
}

local DEFAULT = "prod"

-- A copy, with `true` as the options that it stands for.
local function complete(options)
  local said = {}
  for field, value in pairs(options) do
    said[field] = value
  end
  said.name = said.name or DEFAULT
  said.access_log = said.access_log == true and {} or said.access_log or nil
  return said
end

--- Checks what was said of the stage; nil when there is to be none.
---@param options string|false|laconic.StageOptions|nil
---@return table?
function stage.read(options)
  if options == false then
    return nil
  end
  options = type(options) == "table" and options or { name = options }
  check.fields("rest_api.stage", options, RULES)
  if type(options.access_log) == "table" then
    check.fields("rest_api.stage.access_log", options.access_log, ACCESS_LOG)
    resource.check_value("rest_api.stage.access_log.format", options.access_log.format)
  end
  if options.log_bodies and (options.log or "off") == "off" then
    check.fail("E104", "rest_api.stage.log_bodies: nothing is logged without 'log'")
  end
  if options.tags then
    require("laconic.tags").check("rest_api.stage.tags", options.tags)
  end
  return complete(options)
end

local function test_domain(name)
  if type(name) == "string" and not (name .. "."):match "^[%l%d*][%l%d-]*%.[%l%d.-]+$" then
    return ("'%s' is no domain name such as 'api.example.com'"):format(name)
  end
end

local function test_base_path(path)
  if not path:match "^[%w$_.+!*'()/-]+$" or path:find "^/" or path:find "/$" then
    return ("'%s' is no base path: 'v1' or 'shop/v1', without '/' around it"):format(path)
  end
end

stage.DOMAIN = {
  name = { type = "text", required = true, test = test_domain },
  certificate = { type = "text", required = true },
  path = { type = "string", least = 1, most = 300, test = test_base_path },
  security_policy = { one_of = { "TLS_1_0", "TLS_1_2" } },
  hosted_zone = TEXT,
}

return stage
