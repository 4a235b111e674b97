--- After stage 0: what was said → what was meant. Defaults, logical ids, roles; what belongs together is
--- checked together. Plain data; no network, no disk.
local constructs = require "engine.constructs"
local failure = require "engine.failure"
local iam_statements = require "engine.generate.iam_statements"
local order = require "engine.order"

local model = {}

local DEFAULT_MEMORY = 128
local DEFAULT_TIMEOUT = 3
local DEFAULT_RETENTION = 30
local DEFAULT_ARCHITECTURE = "x86_64"

-- The parameter that every function's code refers to; see engine.generate.
local OWN_PARAMETERS = { ArtifactBucket = "the bucket of the artifacts" }

local function invalid(code, message, where, hint)
  failure.raise("invalid", message, { code = code, where = where, hint = hint })
end

-- Claims a logical id for a place; parameters, resources, conditions and mappings share one room,
-- because Ref and the conditions of intrinsics look there.
local function claim(where, id, place, what)
  if OWN_PARAMETERS[id] then
    local text = "%s '%s': that name is kept for %s"
    invalid("E106", text:format(what, id, OWN_PARAMETERS[id]), place)
  elseif where[id] then
    invalid("E106", ("%s '%s': that name is taken: %s"):format(what, id, where[id]), place)
  end
  where[id] = place
end

local function claim_all(where, list, what)
  for _, entry in ipairs(list) do
    claim(where, entry.name, entry.where, what)
  end
end

-- Handles by name alone must have been followed by the thing itself. Resources may also come from a
-- decorator: the finished template is checked for those.
local function check_announced(service)
  local functions = {}
  for _, words in ipairs(service.functions) do
    functions[words.name] = true
  end
  for _, announced in ipairs(service.announced) do
    if announced.list == "functions" and not functions[announced.name] then
      invalid("E112", ("there is no function '%s'"):format(announced.name), announced.where)
    end
  end
end

local function copy(t)
  local result = {}
  for key, value in pairs(t or {}) do
    result[key] = value
  end
  return result
end

local function complete_log(log)
  local result = copy(log)
  if not result.group then
    result.retention = result.retention or DEFAULT_RETENTION
  end
  return result
end

local function environment_of(words, env, grants)
  local environment = copy(words.environment)
  if env then
    environment.LACONIC_ENV = environment.LACONIC_ENV or env
  end
  for _, grant in ipairs(grants) do
    for name, value in pairs(grant.environment or {}) do
      if environment[name] ~= nil then
        local text = "function '%s': the environment variable '%s' is set by %s"
        invalid("E106", text:format(words.name, name, grant.where), words.where)
      end
      environment[name] = value
    end
  end
  return environment
end

local function properties_of(words, service, env, grants)
  return {
    architecture = words.architecture or DEFAULT_ARCHITECTURE,
    dead_letter = words.dead_letter,
    depends_on = words.depends_on or {},
    description = words.description or ("%s: %s"):format(service.name, words.name),
    discovers = words.discovers,
    environment = environment_of(words, env, grants),
    ephemeral_storage = words.ephemeral_storage,
    file_system = words.file_system,
    kms_key = words.kms_key,
    layers = words.layers,
    log = complete_log(words.log),
    memory = words.memory or DEFAULT_MEMORY,
    reserved_concurrency = words.reserved_concurrency,
    secrets = words.secrets,
    tags = words.tags,
    timeout = words.timeout or DEFAULT_TIMEOUT,
    tracing = words.tracing,
    vpc = words.vpc,
  }
end

local function new_role(id, definition, place)
  return {
    id = id,
    statements = {},
    managed_policies = definition and definition.managed_policies,
    permissions_boundary = definition and definition.permissions_boundary,
    path = definition and definition.path,
    description = definition and definition.description,
    max_session = definition and definition.max_session,
    where = definition and definition.where or place,
  }
end

local function role_kind(role)
  if type(role) == "string" then
    return "name"
  elseif type(role) == "table" and type(role.privileges) == "table" then
    return "definition"
  end
  return role and "arn" or "own"
end

-- The role that the stack makes for a function: one of its own, or that of its definition, made
-- when the first function needs it.
local function made_role(state, words)
  local definition = words.role
  local role = definition and state.by_definition[definition]
  if not role then
    local stem = definition and definition.stem or words.stem
    role = new_role(stem .. "Role", definition, words.where)
    claim(state.where, role.id, role.where, "role")
    table.insert(state.roles, role)
    if definition then
      state.by_definition[definition] = role
      iam_statements.add_privileges(role.statements, definition.privileges)
    end
  end
  return role
end

local function role_of(state, words, fn, grants)
  local kind = role_kind(words.role)
  if kind == "name" then
    state.role_names[words.role] = true
    return { name = words.role }
  elseif kind == "arn" then
    return { arn = words.role }
  end
  local role = made_role(state, words)
  iam_statements.add_for_function(role.statements, fn, state.types)
  iam_statements.add_privileges(role.statements, words.privileges or {})
  for _, grant in ipairs(grants) do
    iam_statements.add_privileges(role.statements, grant.privileges or {})
  end
  return { id = role.id }
end

local function function_of(state, words, service, env, grants)
  local fn = {
    name = words.name,
    id = words.stem .. "Function",
    log_group_id = words.stem .. "Logs",
    properties = properties_of(words, service, env, grants),
    decorators = words.decorators,
    where = words.where,
  }
  claim(state.where, fn.id, words.where, "function")
  if not fn.properties.log.group then
    claim(state.where, fn.log_group_id, words.where, "log group")
  end
  fn.role = role_of(state, words, fn, grants)
  return fn
end

-- All functions travel in one archive with one bootstrap, which runs on one architecture.
local function check_architecture(functions)
  local first = functions[1]
  for _, fn in ipairs(functions) do
    if fn.properties.architecture ~= first.properties.architecture then
      local text = "function '%s' is for %s, and '%s' (%s) for %s: a service has one architecture"
      invalid("E104", text:format(fn.name, fn.properties.architecture, first.name, first.where,
        first.properties.architecture), fn.where)
    end
  end
end

local function merge(a, b)
  local result = copy(a)
  for key, value in pairs(b or {}) do
    result[key] = value
  end
  return result
end

--- Builds the model of a service. `options.tags` are added to the service's own, and win.
---@param service engine.Service
---@param options? engine.Options
---@return engine.Model
function model.build(service, options)
  options = options or {}
  local state = { where = {}, roles = {}, by_definition = {}, role_names = {}, types = {} }
  claim_all(state.where, service.parameters, "parameter")
  claim_all(state.where, service.resources, "resource")
  claim_all(state.where, service.conditions, "condition")
  claim_all(state.where, service.mappings, "mapping")
  check_announced(service)
  for _, words in ipairs(service.resources) do
    state.types[words.name] = words.type
  end

  local functions, grants = {}, constructs.grants(service)
  for _, words in ipairs(service.functions) do
    local own = grants[words.name] or {}
    table.insert(functions, function_of(state, words, service, options.env, own))
  end
  check_architecture(functions)
  local built = {
    name = service.name,
    description = service.description,
    tags = merge(service.tags, options.tags),
    functions = functions,
    roles = state.roles,
    role_names = order.keys(state.role_names),
    resources = service.resources,
    service = service,
    where = state.where,
  }
  constructs.check(built)
  return built
end

return model
