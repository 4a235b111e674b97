--- AWS::CloudFormation::WaitConditionHandle: a URL that signals may be put to. Nothing waits for them
--- here: wait conditions are recorded only.
local tickets = require "engine.local.services.cloudformation.tickets"

local handle = { replacement = {} }

function handle.create(job)
  return tickets.issue(job.cloud).url, {}
end

function handle.update(job)
  return job.physical_id, {}
end

function handle.delete() end

return handle
