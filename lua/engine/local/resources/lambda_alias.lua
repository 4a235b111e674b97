--- AWS::Lambda::Alias.
local adoption = require "engine.local.adoption"

local alias = { replacement = { FunctionName = true, Name = true }, name_property = "Name" }

local function call(job, action, params)
  return job.cloud:call("lambda", action, params, { region = job.region })
end

local function params_of(job)
  local properties = job.properties
  return {
    FunctionName = properties.FunctionName,
    Name = properties.Name,
    FunctionVersion = properties.FunctionVersion,
    Description = properties.Description,
  }
end

function alias.create(job)
  local made = adoption.create(job, { ResourceConflictException = true }, function()
    return call(job, "CreateAlias", params_of(job))
  end, function()
    return call(job, "UpdateAlias", params_of(job))
  end)
  return made.AliasArn, { AliasArn = made.AliasArn }
end

function alias.update(job)
  local made = call(job, "UpdateAlias", params_of(job))
  return made.AliasArn, { AliasArn = made.AliasArn }
end

function alias.delete(job)
  adoption.delete({ ResourceNotFoundException = true }, function()
    call(job, "DeleteAlias", params_of(job))
  end)
end

return alias
