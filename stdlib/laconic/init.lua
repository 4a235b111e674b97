--- Everything an author can say. Parts load when they are first named.
---
---     local laconic = require "laconic"
---     local service = laconic.service { name = "hello" }
---     service:lambda {
---       name = "hello",
---       handler = function(event)
---         return { message = "Hello, " .. event.name }
---       end,
---     }
---     return service
---
--- What handlers call while they run, `laconic.aws`, `laconic.metrics` and their kin, can be named as a
--- field or required by its own name: it is the same module.
---
---@module "laconic"
---@field service fun(options: laconic.ServiceOptions): laconic.Service
---@field cfn table        CloudFormation's intrinsics as values, see laconic.cfn
---@field iam table        roles, see laconic.iam
---@field env? string      the name given by --env, here and inside the functions
---@field aws table        calls to AWS, see laconic.aws
---@field connections table  a WebSocket API's clients, see laconic.connections
---@field discovery table  what the stack made, see laconic.discovery
---@field errors table     what clients of a service API are told, see laconic.errors
---@field event table      which source an event is of, see laconic.event
---@field metrics table    see laconic.metrics
---@field response table   answers to HTTP requests, see laconic.response
---@field result table     answers that are not JSON, see laconic.result
---@field secrets table    see laconic.secrets
---@field service_api table  marks the functions of a service API, see laconic.service_api
---@field xray table       sub-segments of traces, see laconic.xray
local laconic = {}

-- Field → the module, and what of it is meant when that is not all.
local PARTS = {
  service = { "laconic.service", "new" },
  cfn = { "laconic.cfn" },
  iam = { "laconic.iam" },
  env = { "laconic.env", "name" },
  aws = { "laconic.aws" },
  connections = { "laconic.connections" },
  discovery = { "laconic.discovery" },
  errors = { "laconic.errors" },
  event = { "laconic.event" },
  metrics = { "laconic.metrics" },
  response = { "laconic.response" },
  result = { "laconic.result" },
  secrets = { "laconic.secrets" },
  service_api = { "laconic.service_api" },
  xray = { "laconic.xray" },
}

return setmetatable(laconic, {
  __index = function(_, name)
    local part = PARTS[name]
    if not part then
      local check = require "engine.check"
      check.fail("E101", "laconic: " .. check.unknown("field", name, PARTS))
    end
    local module = require(part[1])
    if part[2] then
      return module[part[2]]
    end
    return module
  end,
})
