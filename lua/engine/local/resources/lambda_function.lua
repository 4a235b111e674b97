--- AWS::Lambda::Function.
local adoption = require "engine.local.adoption"
local digest = require "host.digest"
local json = require "host.json"
local naming = require "engine.local.naming"
local resource_tags = require "engine.local.resource_tags"
local same = require "engine.same"

local lambda_function = {
  replacement = { FunctionName = true, PackageType = true, TenancyConfig = true },
  name_property = "FunctionName",
  taggable = true,
}

local GONE <const> = { ResourceNotFoundException = true }

-- Properties that CloudFormation and Lambda's configuration call alike.
local CONFIGURATION <const> = {
  "DeadLetterConfig", "Description", "Environment", "EphemeralStorage", "FileSystemConfigs",
  "Handler", "ImageConfig", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime",
  "SnapStart", "Timeout", "TracingConfig", "VpcConfig",
}
local NUMBERS <const> = { MemorySize = true, Timeout = true }

local function call(job, action, params)
  return job.cloud:call("lambda", action, params, { region = job.region })
end

local function configuration(properties)
  local params = { KMSKeyArn = properties.KmsKeyArn }
  for _, name in ipairs(CONFIGURATION) do
    local value = properties[name]
    params[name] = NUMBERS[name] and math.tointeger(tonumber(value)) or value
  end
  return params
end

local function code_of(properties)
  local code = properties.Code or {}
  return {
    S3Bucket = code.S3Bucket,
    S3Key = code.S3Key,
    S3ObjectVersion = code.S3ObjectVersion,
    ZipFile = code.ZipFile and digest.to_base64(code.ZipFile),
    ImageUri = code.ImageUri,
  }
end

local function set_concurrency(job, name)
  local wanted = job.properties.ReservedConcurrentExecutions
  if wanted ~= nil then
    call(job, "PutFunctionConcurrency", {
      FunctionName = name,
      ReservedConcurrentExecutions = math.tointeger(tonumber(wanted)),
    })
  elseif job.previous and job.previous.ReservedConcurrentExecutions ~= nil then
    call(job, "DeleteFunctionConcurrency", { FunctionName = name })
  end
end

local function attributes(job, name)
  return { Arn = naming.arn("lambda", job.region, job.account, "function:" .. name) }
end

function lambda_function.create(job)
  local name = job.properties.FunctionName or naming.physical(job, 64)
  local params = configuration(job.properties)
  params.FunctionName = name
  params.Code = code_of(job.properties)
  params.Architectures = job.properties.Architectures
  params.PackageType = job.properties.PackageType
  params.Tags = resource_tags.map(job)
  adoption.create(job, { ResourceConflictException = true }, function()
    call(job, "CreateFunction", params)
  end, function() end)
  set_concurrency(job, name)
  return name, attributes(job, name)
end

function lambda_function.update(job)
  local name, previous = job.physical_id, job.previous
  if not same(previous.Code, job.properties.Code)
    or not same(previous.Architectures, job.properties.Architectures) then
    local params = code_of(job.properties)
    params.FunctionName, params.Architectures = name, job.properties.Architectures
    call(job, "UpdateFunctionCode", params)
  end
  local params = configuration(job.properties)
  for _, key in ipairs(CONFIGURATION) do
    if previous[key] ~= nil and params[key] == nil then
      params[key] = json.null -- back to Lambda's default
    end
  end
  params.FunctionName = name
  call(job, "UpdateFunctionConfiguration", params)
  set_concurrency(job, name)
  local arn = attributes(job, name).Arn
  local wanted, had = resource_tags.map(job), call(job, "ListTags", { Resource = arn }).Tags
  call(job, "UntagResource", { Resource = arn, tagKeys = resource_tags.gone(had, wanted) })
  call(job, "TagResource", { Resource = arn, Tags = wanted })
  return name, attributes(job, name)
end

function lambda_function.delete(job)
  adoption.delete(GONE, function()
    call(job, "DeleteFunction", { FunctionName = job.physical_id })
  end)
end

return lambda_function
