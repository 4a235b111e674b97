--- AWS::SSM::Parameter: String and StringList. CloudFormation makes no SecureString.
local adoption = require "engine.local.adoption"
local fault = require "engine.local.fault"
local naming = require "engine.local.naming"

local parameter = {
  replacement = { Name = true },
  name_property = "Name",
}

local function call(job, action, params)
  return job.cloud:call("ssm", action, params, { region = job.region })
end

local function put(job, name, overwrite)
  local properties = job.properties
  if properties.Type == "SecureString" then
    fault.raise("ValidationError", "SecureString is not a supported Type for CloudFormation.")
  end
  call(job, "PutParameter", {
    Name = name,
    Type = properties.Type,
    Value = properties.Value,
    Tier = properties.Tier,
    Overwrite = overwrite,
  })
  return name, { Type = properties.Type, Value = properties.Value }
end

function parameter.create(job)
  local name = job.properties.Name
    or ("CFN-%s-%s"):format(job.logical_id, naming.digest(job, 12))
  return name, adoption.create(job, { ParameterAlreadyExists = true }, function()
    return select(2, put(job, name, false))
  end, function()
    return select(2, put(job, name, true))
  end)
end

function parameter.update(job)
  return put(job, job.physical_id, true)
end

function parameter.delete(job)
  adoption.delete({ ParameterNotFound = true }, function()
    call(job, "DeleteParameter", { Name = job.physical_id })
  end)
end

return parameter
