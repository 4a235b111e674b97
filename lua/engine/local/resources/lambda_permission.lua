--- AWS::Lambda::Permission: one statement of a function's policy.
local adoption = require "engine.local.adoption"
local naming = require "engine.local.naming"

local permission = {
  replacement = {
    Action = true, EventSourceToken = true, FunctionName = true, FunctionUrlAuthType = true,
    InvokedViaFunctionUrl = true, Principal = true, PrincipalOrgID = true, SourceAccount = true,
    SourceArn = true,
  },
}

local function call(job, action, params)
  return job.cloud:call("lambda", action, params, { region = job.region })
end

function permission.create(job)
  local properties, id = job.properties, naming.physical(job, 100)
  adoption.create(job, { ResourceConflictException = true }, function()
    call(job, "AddPermission", {
      FunctionName = properties.FunctionName,
      StatementId = id,
      Action = properties.Action,
      Principal = properties.Principal,
      SourceArn = properties.SourceArn,
      SourceAccount = properties.SourceAccount,
      EventSourceToken = properties.EventSourceToken,
      FunctionUrlAuthType = properties.FunctionUrlAuthType,
      InvokedViaFunctionUrl = properties.InvokedViaFunctionUrl,
      PrincipalOrgID = properties.PrincipalOrgID,
    })
  end, function() end)
  return id, { Id = id }
end

function permission.update(job)
  return job.physical_id, job.attributes
end

function permission.delete(job)
  adoption.delete({ ResourceNotFoundException = true }, function()
    call(job, "RemovePermission", {
      FunctionName = job.properties.FunctionName,
      StatementId = job.physical_id,
    })
  end)
end

return permission
