--- The cloud's one Runtime API (see host.runtime_api): what runtimes say there reaches their instances.
local host = require "host.runtime_api"
local loop = require "engine.local.loop"

local runtime_api = {}

--- What Lambda takes of one answer that is not streamed.
runtime_api.MAX_PAYLOAD = 6291556

local function hear(api, instances)
  api:turn()
  for id, kind, body, error_type in api.next, api do
    instances[id]:hear(kind, body, error_type)
  end
end

local function open(memory)
  local api = assert(host.listen { max_payload = runtime_api.MAX_PAYLOAD })
  local instances = {}
  memory.runtime_api, memory.admitted = api, instances
  loop.watch(api:fd(), function()
    hear(api, instances)
  end)
end

--- Lets an instance's runtime call.
---@param cloud engine.local.Cloud
---@param instance engine.local.services.lambda.Instance
---@return host.runtime_api.Api
---@return integer id       of the instance there
---@return string address   for AWS_LAMBDA_RUNTIME_API
function runtime_api.admit(cloud, instance)
  local memory = cloud:memory "lambda"
  if not memory.runtime_api then
    open(memory)
  end
  local api = memory.runtime_api
  local id = assert(api:admit(instance.id))
  memory.admitted[id] = instance
  return api, id, ("127.0.0.1:%d/%s"):format(api:port(), instance.id)
end

--- Forgets an instance.
---@param cloud engine.local.Cloud
---@param id integer
function runtime_api.dismiss(cloud, id)
  local memory = cloud:memory "lambda"
  memory.runtime_api:dismiss(id)
  memory.admitted[id] = nil
end

--- Ends the Runtime API: the cloud closes.
---@param cloud engine.local.Cloud
function runtime_api.close(cloud)
  local memory = cloud:memory "lambda"
  if memory.runtime_api then
    loop.unwatch(memory.runtime_api:fd())
    memory.runtime_api:close()
    memory.runtime_api = nil
  end
end

return runtime_api
