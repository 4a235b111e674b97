--- IAM: roles and policies, kept and checked as AWS checks them. They allow and deny nothing here:
--- whoever can sign may do all.
---
--- iam/roles.lua and iam/policies.lua find and keep what the actions are about.
local policy_actions = require "engine.local.services.iam.policy_actions"
local role_actions = require "engine.local.services.iam.role_actions"
local role_policy_actions = require "engine.local.services.iam.role_policy_actions"

local iam = {
  protocol = "query",
  namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
  actions = {},
  members = require "engine.local.services.iam.members",
}

for _, group in ipairs { role_actions, role_policy_actions, policy_actions } do
  for name, action in pairs(group) do
    iam.actions[name] = action
  end
end

return iam
