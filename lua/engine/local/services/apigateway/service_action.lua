--- AWS services that an integration asks for one action: `arn:aws:apigateway:<region>:dynamodb:action/
--- PutItem`. Those of this cloud that speak JSON answer.
local fault = require "engine.local.fault"
local json = require "host.json"
local json_protocol = require "engine.local.protocol.json"

local service_action = {}

---@class engine.local.services.apigateway.ServiceAction
---@field region string
---@field service string
---@field action string

--- What an integration's URI asks for; nil when it is no action of a service.
---@param uri any
---@return engine.local.services.apigateway.ServiceAction?
function service_action.parse(uri)
  if type(uri) ~= "string" then
    return nil
  end
  local region, service, action =
    uri:match "^arn:aws[%w-]*:apigateway:([%w-]+):([%w.-]+):action/(%a+)$"
  return region and { region = region, service = service, action = action }
end

--- Whether this cloud can be asked so.
---@param cloud engine.local.Cloud
---@param wanted engine.local.services.apigateway.ServiceAction
---@return boolean
function service_action.is_answered(cloud, wanted)
  local service = cloud:service(wanted.service)
  return service ~= nil and service.protocol == "json"
end

local function as_given(answer)
  return {
    selects = tostring(answer.status),
    is_error = true, -- the patterns are asked whatever the status is
    headers = { ["content-type"] = answer.headers[1][2] },
    body = answer.body,
  }
end

local function read_params(text)
  local params = json.decode(text ~= "" and text or "{}")
  if type(params) ~= "table" or json.is_array(params) then
    fault.raise("SerializationException", "The body of the request is not a JSON object")
  end
  return params
end

--- Asks the service, and gives what it answers, refusals too.
---@param exchange engine.local.services.apigateway.Exchange
---@param wanted engine.local.services.apigateway.ServiceAction
---@param text string  the parameters, JSON
---@return engine.local.services.apigateway.Given
function service_action.call(exchange, wanted, text)
  local cloud, request = exchange.cloud, { id = exchange.id }
  local service = cloud:service(wanted.service)
  local ok, result = pcall(function()
    return cloud:call(wanted.service, wanted.action, read_params(text), { region = wanted.region })
  end)
  if not ok and not fault.is(result) then
    error(result, 0)
  end
  return as_given(ok and json_protocol.write(request, service, result)
    or json_protocol.refuse(request, service, result))
end

return service_action
