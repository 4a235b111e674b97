--- IAM's actions upon the policies of roles: those in them, and those attached to them.
local fault = require "engine.local.fault"
local names = require "engine.local.services.iam.names"
local no_such = require("engine.local.services.iam.refusal").no_such
local order = require "engine.order"
local page = require("engine.local.services.iam.listing").page
local policies = require "engine.local.services.iam.policies"
local policy_document = require "engine.local.policy_document"
local roles = require "engine.local.services.iam.roles"
local uri = require "host.uri"

local actions = {}

local MOST_ATTACHED = 10

local function itself(name)
  return name
end

function actions.PutRolePolicy(_, params, cloud)
  local role = roles.find(params, cloud)
  names.check("policyName", params.PolicyName, 128)
  policy_document.check(params.PolicyDocument, false)
  role.inline[params.PolicyName] = params.PolicyDocument
  roles.keep(cloud, role)
end

local function find_inline(role, name)
  names.check("policyName", name, 128)
  return role.inline[name] or no_such("role policy with name", name)
end

function actions.GetRolePolicy(_, params, cloud)
  local role = roles.find(params, cloud)
  return {
    RoleName = role.RoleName,
    PolicyName = params.PolicyName,
    PolicyDocument = uri.encode(find_inline(role, params.PolicyName)),
  }
end

function actions.DeleteRolePolicy(_, params, cloud)
  local role = roles.find(params, cloud)
  find_inline(role, params.PolicyName)
  role.inline[params.PolicyName] = nil
  roles.keep(cloud, role)
end

function actions.ListRolePolicies(_, params, cloud)
  return page(order.keys(roles.find(params, cloud).inline), params, "PolicyNames", itself)
end

function actions.AttachRolePolicy(_, params, cloud)
  local role = roles.find(params, cloud)
  policies.check_arn(params.PolicyArn, cloud)
  if roles.place_of(role, params.PolicyArn) then
    return
  elseif #role.attached >= MOST_ATTACHED then
    fault.raise("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", 409)
  end
  table.insert(role.attached, params.PolicyArn)
  roles.keep(cloud, role)
end

function actions.DetachRolePolicy(_, params, cloud)
  local role = roles.find(params, cloud)
  local place = roles.place_of(role, params.PolicyArn)
  if not place then
    no_such("attached policy", tostring(params.PolicyArn))
  end
  table.remove(role.attached, place)
  roles.keep(cloud, role)
end

function actions.ListAttachedRolePolicies(_, params, cloud)
  local list = {}
  for _, arn in ipairs(roles.find(params, cloud).attached) do
    table.insert(list, { PolicyArn = arn, PolicyName = arn:match "([^/]+)$" })
  end
  table.sort(list, function(a, b)
    return a.PolicyArn < b.PolicyArn
  end)
  return page(list, params, "AttachedPolicies", function(policy)
    return policy.PolicyArn
  end)
end

return actions
