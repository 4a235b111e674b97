--- AWS::Lambda::EventInvokeConfig: how a function's asynchronous invocations are retried.
local adoption = require "engine.local.adoption"
local naming = require "engine.local.naming"

local invoke_config = { replacement = { FunctionName = true, Qualifier = true } }

local function call(job, action, params)
  return job.cloud:call("lambda", action, params, { region = job.region })
end

local function put(job)
  local properties = job.properties
  call(job, "PutFunctionEventInvokeConfig", {
    FunctionName = properties.FunctionName,
    Qualifier = properties.Qualifier,
    MaximumEventAgeInSeconds = math.tointeger(tonumber(properties.MaximumEventAgeInSeconds)),
    MaximumRetryAttempts = math.tointeger(tonumber(properties.MaximumRetryAttempts)),
    DestinationConfig = properties.DestinationConfig,
  })
end

function invoke_config.create(job)
  put(job)
  return naming.physical(job, 100), {}
end

function invoke_config.update(job)
  put(job)
  return job.physical_id, {}
end

function invoke_config.delete(job)
  adoption.delete({ ResourceNotFoundException = true }, function()
    call(job, "DeleteFunctionEventInvokeConfig", {
      FunctionName = job.properties.FunctionName,
      Qualifier = job.properties.Qualifier,
    })
  end)
end

return invoke_config
