--- Where a REST API is published: what `stage` and `domain` of it say.
---@module "laconic.rest_api.stage"
local api_domain = require "laconic.api_domain"
local api_stage = require "laconic.api_stage"
local check = require "engine.check"

local stage = {}

---@class laconic.RestStage: laconic.ApiStage
---@field name? string              the first segment of its URL; default "prod"
---@field cache? laconic.RestStageCache
---@field log? "off"|"error"|"info"  what API Gateway itself does, per request
---@field log_bodies? boolean       with requests and answers: never where these hold secrets
---@field account_role? boolean     lets API Gateway write logs, for the whole account and region:
---  once for all APIs; needed before `access_log` and `log`, unless the account has such a role
---@field metrics? boolean          figures for every method
---@field tracing? boolean          X-Ray
---@field client_certificate? any   the id of one that integrations are shown

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

local CACHE = {
  size = { one_of = { "0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237" } },
  ttl = { type = "integer", least = 0, most = 3600, unit = "seconds" },
  encrypted = { type = "boolean" },
}

local RULES = api_stage.rules {
  cache = { fields = CACHE },
  log = { one_of = { "off", "error", "info" } },
  log_bodies = { type = "boolean" },
  account_role = { type = "boolean" },
  metrics = { type = "boolean" },
  tracing = { type = "boolean" },
  client_certificate = TEXT,
}

local DEFAULT = "prod"

local function complete(options)
  local said = {}
  for field, value in pairs(options) do
    said[field] = value
  end
  said.name = said.name or DEFAULT
  return said
end

--- Checks what was said of the stage; nil when there is to be none.
---@param options string|false|laconic.RestStage|nil
---@return table?
function stage.read(options)
  if options == false then
    return nil
  end
  options = type(options) == "table" and options or { name = options }
  api_stage.check("rest_api.stage", options, RULES)
  if options.log_bodies and (options.log or "off") == "off" then
    check.fail("E104", "rest_api.stage.log_bodies: nothing is logged without 'log'")
  end
  return complete(options)
end

stage.DOMAIN = {
  name = api_domain.NAME,
  certificate = { type = "text", required = true },
  path = api_domain.PATH,
  security_policy = { one_of = { "TLS_1_0", "TLS_1_2" } },
  hosted_zone = TEXT,
}

return stage
