--- AWS::Lambda::Version: what the function is now, under a number that stays.
local adoption = require "engine.local.adoption"

local version = {
  replacement = {
    CodeSha256 = true, Description = true, FunctionName = true,
    ProvisionedConcurrencyConfig = true, RuntimePolicy = true,
  },
}

local function call(job, action, params)
  return job.cloud:call("lambda", action, params, { region = job.region })
end

function version.create(job)
  local made = call(job, "PublishVersion", {
    FunctionName = job.properties.FunctionName,
    CodeSha256 = job.properties.CodeSha256,
    Description = job.properties.Description,
  })
  return made.FunctionArn, { Version = made.Version, FunctionArn = made.FunctionArn }
end

function version.update(job)
  return job.physical_id, job.attributes
end

function version.delete(job)
  adoption.delete({ ResourceNotFoundException = true }, function()
    call(job, "DeleteFunction", {
      FunctionName = job.properties.FunctionName,
      Qualifier = job.attributes.Version,
    })
  end)
end

return version
