--- Roles for functions. A function that names no role gets one of its own, with its privileges and
--- nothing else; a definition made here can be shared by several functions.
---
---     local iam = require "laconic.iam"
---     local reader = iam.role {
---       name = "reader",
---       privileges = { { actions = "s3:GetObject", resource = bucket.arn .. "/*" } },
---     }
---     service:lambda { name = "list", role = reader, handler = list }
---     service:lambda { name = "show", role = reader, handler = show }
---
---@module "laconic.iam"
local check = require "engine.check"
local logical_id = require "laconic.logical_id"

local iam = {}

---@class laconic.Privilege
---@field actions string|string[]   "dynamodb:GetItem", "s3:*"
---@field resource? any             an ARN, a text or an intrinsic; or
---@field resources? any[]          several
---@field effect? "Allow"|"Deny"    default "Allow"
---@field condition? table          as IAM writes it: { StringEquals = { … } }

---@class laconic.RoleOptions
---@field name? string               for its logical id; default: the name of the first function
---@field description? string
---@field privileges? laconic.Privilege[]
---@field managed_policies? any[]    ARNs
---@field permissions_boundary? any  an ARN
---@field path? string               "/service-role/"
---@field max_session? integer       seconds, 3,600 to 43,200

local function test_action(action)
  if action ~= "*" and not action:match "^[%w%-]+:[%w*?]+$" then
    return ("'%s' is not an action such as 's3:GetObject'"):format(action)
  end
end

local ACTION = { type = "string", test = test_action }

local PRIVILEGE = {
  actions = { type = { "string", "table" }, required = true },
  resource = { type = "text" },
  resources = { each = { type = "text" }, least = 1 },
  effect = { one_of = { "Allow", "Deny" } },
  condition = { type = "table" },
}

local function check_privilege(name, privilege)
  check.fields(name, privilege, PRIVILEGE)
  if type(privilege.actions) == "table" then
    check.value(name .. ".actions", privilege.actions, { each = ACTION, least = 1 })
  else
    check.value(name .. ".actions", privilege.actions, ACTION)
  end
  if (privilege.resource == nil) == (privilege.resources == nil) then
    check.fail("E102", name .. ": one of 'resource' and 'resources' is needed")
  end
end

--- Checks a list of privileges that some word was given.
---@param name string  how the word calls the list: "lambda.privileges"
---@param privileges laconic.Privilege[]
function iam.check_privileges(name, privileges)
  check.value(name, privileges, { each = { type = "table" } })
  for i, privilege in ipairs(privileges) do
    check_privilege(("%s[%d]"):format(name, i), privilege)
  end
end

local function test_path(path)
  if not path:match "^/$" and not path:match "^/[\33-\126]+/$" then
    return "must begin and end with '/'"
  end
end

local function test_name(name)
  if not name:match "^%a[%w_-]*$" then
    return "letters, digits, '-' and '_' expected, a letter first"
  end
end

local ROLE = {
  name = { type = "string", least = 1, most = 64, test = test_name },
  description = { type = "string", most = 1000 },
  privileges = { type = "table" },
  managed_policies = { each = { type = "text" }, most = 10 },
  permissions_boundary = { type = "text" },
  path = { type = "string", most = 512, test = test_path },
  max_session = { type = "integer", least = 3600, most = 43200, unit = "seconds" },
}

local metatable = { __name = "role definition" }

--- Defines a role; `service:lambda { role = … }` puts it into the stack, once.
---@param options laconic.RoleOptions
---@return table role
function iam.role(options)
  check.fields("iam.role", options, ROLE)
  iam.check_privileges("iam.role.privileges", options.privileges or {})
  return setmetatable({
    stem = options.name and logical_id.stem(options.name),
    description = options.description,
    privileges = options.privileges or {},
    managed_policies = options.managed_policies,
    permissions_boundary = options.permissions_boundary,
    path = options.path,
    max_session = options.max_session,
    where = check.where() or "?",
  }, metatable)
end

--- Whether `value` came from `iam.role`.
---@return boolean
function iam.is_role(value)
  return getmetatable(value) == metatable
end

return iam
