--- AWS::Lambda::Url.
local adoption = require "engine.local.adoption"
local functions = require "engine.local.services.lambda.functions"
local urls = require "engine.local.services.lambda.urls"

local lambda_url = { replacement = { Qualifier = true, TargetFunctionArn = true } }

local GONE <const> = { ResourceNotFoundException = true }

local function call(job, action, params)
  return job.cloud:call("lambda", action, params, { region = job.region })
end

-- CloudFormation gives numbers as texts.
local function cors_of(properties)
  local rules = {}
  for name, value in pairs(properties.Cors or {}) do
    rules[name] = value
  end
  rules.MaxAge = math.tointeger(tonumber(rules.MaxAge))
  if rules.AllowCredentials ~= nil then
    rules.AllowCredentials = tostring(rules.AllowCredentials) == "true"
  end
  return rules
end

local function params_of(job)
  local properties = job.properties
  return {
    FunctionName = properties.TargetFunctionArn,
    Qualifier = properties.Qualifier,
    AuthType = properties.AuthType,
    InvokeMode = properties.InvokeMode or "BUFFERED",
    Cors = cors_of(properties),
  }
end

-- Attributes keep AWS's form: they are translated where they leave the cloud.
local function described(job)
  local found, qualifier =
    functions.get(job.cloud, job.region, job.properties.TargetFunctionArn)
  local url = urls.of(job.cloud, found, job.properties.Qualifier or qualifier or functions.LATEST)
  local shown = urls.shown(url)
  return shown.FunctionArn, { FunctionArn = shown.FunctionArn, FunctionUrl = shown.FunctionUrl }
end

function lambda_url.create(job)
  adoption.create(job, { ResourceConflictException = true }, function()
    call(job, "CreateFunctionUrlConfig", params_of(job))
  end, function() end)
  return described(job)
end

function lambda_url.update(job)
  call(job, "UpdateFunctionUrlConfig", params_of(job))
  return described(job)
end

function lambda_url.delete(job)
  adoption.delete(GONE, function()
    call(job, "DeleteFunctionUrlConfig", {
      FunctionName = job.properties.TargetFunctionArn, Qualifier = job.properties.Qualifier,
    })
  end)
end

return lambda_url
