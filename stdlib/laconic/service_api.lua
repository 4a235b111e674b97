--- What the modules of a service API are made with: `api/player.lua` answers for the path /player, and
--- each function that it marks for a method.
---
---     local errors = require "laconic.errors"
---     local service = require "laconic.service_api"
---
---     local player = {}
---
---     player.get = service.api(function(request, params) -- GET /player/{id}
---       local found = lookup(params.id)
---       if not found then
---         errors.not_found("no player " .. params.id)
---       end
---       return found
---     end)
---
---     return player
---
--- What is not marked cannot be reached, so that the other functions of a module are its own. What a
--- function returns is the `result` of the answer.
---@module "laconic.service_api"
local check = require "engine.check"
local json = require "host.json"
local marked = require "engine.runtime.service_api.marked"

local service_api = {}

--- Null, within what is sent and returned. A parameter that is null is absent.
service_api.null = json.null

--- Marks a list, so that an empty one is returned as [].
service_api.array = json.array

---@class laconic.ApiOptions
---@field required? string[]  parameters that must be there. Without `required` and `optional`, those
---                           that the description says are required
---@field optional? string[]  parameters that may be there; with these lists, others are refused
---@field rest? boolean       are not
---@field unlogged? string[]  parameters that logs show as <redacted>
---@field logging_filter? fun(event: table)  changes the copy of an event that is logged

local NAMES <const> = { each = { type = "string" } }

local OPTIONS <const> = {
  required = NAMES,
  optional = NAMES,
  rest = { type = "boolean" },
  unlogged = NAMES,
  logging_filter = { type = "function" },
}

local function set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do
    set[name] = true
  end
  return set
end

--- Marks a function as one that clients may reach. It is called with the request and a table of the
--- parameters by name; those that were not sent are nil.
---@param run fun(request: laconic.ApiRequest, params: table<string, any>): any
---@param options? laconic.ApiOptions
---@return function
function service_api.api(run, options)
  check.type("service.api", run, "function")
  options = options or {}
  check.fields("service.api", options, OPTIONS)
  return marked.new {
    run = run,
    required = options.required,
    optional = options.optional,
    rest = options.rest,
    unlogged = set_of(options.unlogged),
    logging_filter = options.logging_filter,
  }
end

return service_api
