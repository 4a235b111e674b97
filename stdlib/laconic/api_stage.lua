--- What can be said of a stage of any API: its name, variables, throttling, access log and tags. Each kind
--- of API adds fields of its own.
---@module "laconic.api_stage"
local check = require "engine.check"
local resource = require "laconic.resource"

local api_stage = {}

---@class laconic.Throttling
---@field rate? number    requests a second, on average
---@field burst? integer  requests at once

---@class laconic.AccessLog
---@field group? any       the ARN of a log group; default: the stack makes one
---@field retention? integer  days, of the one that the stack makes; default 30
---@field format? string|table  a text, or a table that becomes JSON: { id = "$context.requestId" }

---@class laconic.ApiStage
---@field name? string
---@field description? string
---@field variables? table<string, any>     what handlers find in the event's stageVariables
---@field throttling? laconic.Throttling    of every route or method that has none of its own
---@field access_log? boolean|laconic.AccessLog  a line for each request: `laconic logs NAME` shows those of
---  the API of that name
---@field tags? table<string, any>

api_stage.THROTTLING = {
  fields = {
    rate = { type = "number", least = 0, unit = "requests a second" },
    burst = { type = "integer", least = 0, unit = "requests" },
  },
}

--- A stage's name.
---@param name string
---@return string? problem
function api_stage.test_name(name)
  if not name:match "^[%w_-]+$" then
    return ("'%s' is not a stage's name: letters, digits, '-' and '_' expected"):format(name)
  end
end

local RULES = {
  name = { type = "string", least = 1, most = 128, test = api_stage.test_name },
  description = { type = "string", most = 1024 },
  variables = { type = "table" },
  throttling = api_stage.THROTTLING,
  access_log = { type = { "boolean", "table" } },
  tags = { type = "table" },
}

--- The rules of a kind of API's stages.
---@param more table<string, engine.Rule>  what they have besides
---@return table<string, engine.Rule>
function api_stage.rules(more)
  local rules = {}
  for _, some in ipairs { RULES, more } do
    for name, rule in pairs(some) do
      rules[name] = rule
    end
  end
  return rules
end

local VARIABLE_NAME = {
  type = "string",
  test = function(name)
    return not name:match "^[%w_]+$" and "letters, digits and '_' expected" or nil
  end,
}

local VARIABLE = {
  type = "text",
  test = function(value)
    if type(value) == "string" and not value:match "^[%w%-._~:/?#&=,]+$" then
      return ("'%s': letters, digits and -._~:/?#&=, expected"):format(value)
    end
  end,
}

local function check_variables(name, variables)
  for key, value in pairs(variables) do
    local field = ("%s.%s"):format(name, tostring(key))
    check.value(field .. " (the name)", key, VARIABLE_NAME)
    check.value(field, value, VARIABLE)
  end
end

local ACCESS_LOG = {
  group = { type = "text" },
  retention = require("laconic.lambda").RULES.log.fields.retention,
  format = { type = { "string", "table" } },
}

local function check_access_log(name, log)
  check.fields(name, log, ACCESS_LOG)
  resource.check_value(name .. ".format", log.format)
  if log.group and log.retention then
    check.fail("E104", name .. ".retention: belongs to a log group that the stack makes",
      "leave out 'group', or set the retention where the group is made")
  end
end

--- Checks what was said of a stage.
---@param name string   how the word calls it: "http_api.stage"
---@param stage table
---@param rules table<string, engine.Rule>
function api_stage.check(name, stage, rules)
  check.fields(name, stage, rules)
  check_variables(name .. ".variables", stage.variables or {})
  if stage.tags then
    require("laconic.tags").check(name .. ".tags", stage.tags)
  end
  if type(stage.access_log) == "table" then
    check_access_log(name .. ".access_log", stage.access_log)
  end
end

return api_stage
