--- What CloudFormation's four types of load balancing have in common: a record, whose ARN says where it
--- belongs.
local naming = require "engine.local.naming"
local store = require "engine.local.services.elasticloadbalancing.store"

local resource = {}

---@class engine.local.services.elasticloadbalancing.Facts
---@field kind engine.local.services.elasticloadbalancing.Kind
---@field replacement table<string, true|"conditionally">
---@field name_property? string
---@field prefix fun(job: engine.local.Job, name: string?): string  of the ARN's last part: "targetgroup/tea"
---@field check? fun(job: engine.local.Job)   raises a fault for what AWS refuses
---@field removed? fun(job: engine.local.Job)  after it has gone
---@field note? fun(properties: table, cloud: engine.local.Cloud): string?  engine.local.Resource's
---@field attributes fun(record: engine.local.services.elasticloadbalancing.Record): table

local LONGEST_NAME <const> = 32

local function name_of(job, facts)
  return facts.name_property
    and (job.properties[facts.name_property] or naming.physical(job, LONGEST_NAME))
end

local function put(job, facts, arn)
  local record = {
    key = arn:match "[^/]*$",
    arn = arn,
    region = job.region,
    name = name_of(job, facts),
    properties = job.properties,
  }
  if facts.kind == "balancers" then
    local digits = tonumber(naming.digest_hex(job):sub(1, 12), 16) % 10000000000
    record.label = ("%s-%d"):format(record.name, digits)
  end
  store.keep(job.cloud, facts.kind, record)
  return arn, facts.attributes(record)
end

--- The handler of such a type.
---@param facts engine.local.services.elasticloadbalancing.Facts
---@return engine.local.Resource
function resource.new(facts)
  return {
    replacement = facts.replacement,
    name_property = facts.name_property,
    taggable = true,
    note = facts.note,
    create = function(job)
      if facts.check then
        facts.check(job)
      end
      local key = naming.digest_hex(job):sub(-16)
      local last = ("%s/%s"):format(facts.prefix(job, name_of(job, facts)), key)
      return put(job, facts, naming.arn("elasticloadbalancing", job.region, job.account, last))
    end,
    update = function(job)
      if facts.check then
        facts.check(job)
      end
      return put(job, facts, job.physical_id)
    end,
    delete = function(job)
      store.remove(job.cloud, facts.kind, job.physical_id)
      if facts.removed then
        facts.removed(job)
      end
    end,
  }
end

--- What stands behind the type in an ARN: "app/tea/50dc6c495c0c9188".
---@param arn string
---@return string
function resource.path(arn)
  return arn:match "^[^/]*/(.*)$"
end

return resource
