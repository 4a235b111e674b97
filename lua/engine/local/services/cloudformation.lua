--- CloudFormation, as the local cloud answers for it: the actions, gathered, and the door by which
--- custom resources answer.
local change_set_actions = require "engine.local.services.cloudformation.change_set_actions"
local describe_actions = require "engine.local.services.cloudformation.describe_actions"
local operation = require "engine.local.services.cloudformation.operation"
local stack_actions = require "engine.local.services.cloudformation.stack_actions"
local store = require "engine.local.services.cloudformation.store"
local tickets = require "engine.local.services.cloudformation.tickets"

local cloudformation = {
  protocol = "query",
  namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/",
  actions = {},
  members = require "engine.local.services.cloudformation.members",
}

for _, group in ipairs { stack_actions, change_set_actions, describe_actions } do
  for name, action in pairs(group) do
    cloudformation.actions[name] = action
  end
end

--- Takes up what a killed cloud left unfinished.
function cloudformation.open(cloud)
  operation.resume_all(cloud)
end

--- Whether a stack has a resource of that type with that physical id, acted out or recorded.
---@param cloud engine.local.Cloud
---@param region string
---@param type_name string
---@param physical_id string
---@return boolean
function cloudformation.has(cloud, region, type_name, physical_id)
  for _, stack in ipairs(store.all(cloud, region)) do
    for _, record in pairs(stack.resources) do
      if record.type == type_name and record.physical_id == physical_id then
        return true
      end
    end
  end
  return false
end

--- Takes in what a custom resource, or a wait condition, puts to its response URL.
---@param request engine.local.Request
---@return table response
function cloudformation.callback(request)
  return tickets.redeem(request)
end

return cloudformation
