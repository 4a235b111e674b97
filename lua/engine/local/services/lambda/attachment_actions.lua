--- Lambda's actions on what hangs on a function: aliases, its policy, concurrency, tags, retries.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local order = require "engine.order"
local pages = require "engine.local.services.lambda.pages"

local actions = {}

local MAX_POLICY_BYTES <const> = 20480

local function not_found(message, ...)
  fault.raise("ResourceNotFoundException", message:format(...), 404)
end

local function shown_alias(found, name)
  local alias = found.aliases[name]
  return {
    AliasArn = found.arn .. ":" .. name,
    Name = name,
    FunctionVersion = alias.version,
    Description = alias.description or "",
    RevisionId = alias.revision,
    RoutingConfig = alias.routing,
  }
end

local function find_alias(cloud, request, params)
  local found = functions.get(cloud, request.region, params.FunctionName)
  if not found.aliases[params.Name] then
    not_found("Cannot find alias arn: %s:%s", found.arn, params.Name)
  end
  return found
end

local function set_alias(cloud, found, params)
  local old = found.aliases[params.Name] or {}
  local version = params.FunctionVersion or old.version
  if version ~= functions.LATEST and not found.versions[version or ""] then
    not_found("Function not found: %s:%s", found.arn, tostring(version))
  end
  found.aliases[params.Name] = {
    version = version,
    description = params.Description or old.description,
    routing = params.RoutingConfig or old.routing,
    revision = identifier.uuid(),
  }
  functions.keep(cloud, found)
  return shown_alias(found, params.Name)
end

function actions.CreateAlias(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  local name = params.Name
  if type(name) ~= "string" or not name:find "^[%w_-]+$" or name:find "^%d+$" then
    fault.raise("ValidationException", "An alias has letters, digits, - and _, not digits alone.")
  elseif found.aliases[name] then
    fault.raise("ResourceConflictException",
      ("Alias already exists: %s:%s"):format(found.arn, name), 409)
  end
  return set_alias(cloud, found, params)
end

function actions.GetAlias(request, params, cloud)
  return shown_alias(find_alias(cloud, request, params), params.Name)
end

function actions.UpdateAlias(request, params, cloud)
  local found = find_alias(cloud, request, params)
  functions.check_revision(found.aliases[params.Name].revision, params)
  return set_alias(cloud, found, params)
end

function actions.DeleteAlias(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  found.aliases[params.Name] = nil
  functions.keep(cloud, found)
end

function actions.ListAliases(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  local list = {}
  for _, name in ipairs(order.keys(found.aliases)) do
    local is_wanted = not params.FunctionVersion
      or params.FunctionVersion == found.aliases[name].version
    table.insert(list, is_wanted and shown_alias(found, name) or nil)
  end
  return pages.answer("Aliases", list, params)
end

local function policy_of(cloud, request, params)
  local found, qualifier = functions.get(cloud, request.region, params.FunctionName)
  qualifier = params.Qualifier or qualifier
  functions.resolve(found, qualifier)
  return found, qualifier or functions.LATEST
end

local function principal(text)
  if text == "*" then
    return "*"
  elseif text:find "^%d+$" then
    return { AWS = ("arn:aws:iam::%s:root"):format(text) }
  end
  return text:find "^arn:" and { AWS = text } or { Service = text }
end

local function statement_of(found, qualifier, params)
  local equals = {
    ["AWS:SourceAccount"] = params.SourceAccount,
    ["aws:PrincipalOrgID"] = params.PrincipalOrgID,
    ["lambda:FunctionUrlAuthType"] = params.FunctionUrlAuthType,
  }
  local via_url = tostring(params.InvokedViaFunctionUrl) == "true"
  local condition = {
    ArnLike = params.SourceArn and { ["AWS:SourceArn"] = params.SourceArn },
    StringEquals = next(equals) and equals,
    Bool = via_url and { ["lambda:InvokedViaFunctionUrl"] = "true" } or nil,
  }
  return {
    Sid = params.StatementId,
    Effect = "Allow",
    Principal = principal(params.Principal),
    Action = params.Action,
    Resource = found.arn .. (qualifier ~= functions.LATEST and ":" .. qualifier or ""),
    Condition = next(condition) and condition or nil,
  }
end

local function policy_text(statements)
  return assert(json.encode {
    Version = "2012-10-17", Id = "default", Statement = json.array(statements),
  })
end

function actions.AddPermission(request, params, cloud)
  local found, qualifier = policy_of(cloud, request, params)
  for _, field in ipairs { "StatementId", "Action", "Principal" } do
    if type(params[field]) ~= "string" or params[field] == "" then
      fault.raise("ValidationException", field .. " is required")
    end
  end
  local statements = json.array {} -- another list: see granted.lua
  for i, statement in ipairs(found.policies[qualifier] or {}) do
    statements[i] = statement
    if statement.Sid == params.StatementId then
      fault.raise("ResourceConflictException", ("The statement id (%s) provided already exists. "
        .. "Please provide a new statement id, or remove the existing statement."):format(
        params.StatementId), 409)
    end
  end
  local statement = statement_of(found, qualifier, params)
  table.insert(statements, statement)
  if #policy_text(statements) > MAX_POLICY_BYTES then
    fault.raise("PolicyLengthExceededException",
      ("The final policy size (over %d) is bigger than the limit (%d)."):format(MAX_POLICY_BYTES,
        MAX_POLICY_BYTES))
  end
  found.policies[qualifier] = statements
  functions.keep(cloud, found)
  return { Statement = assert(json.encode(statement)) }
end

function actions.RemovePermission(request, params, cloud)
  local found, qualifier = policy_of(cloud, request, params)
  local left = json.array {}
  for _, statement in ipairs(found.policies[qualifier] or {}) do
    table.insert(left, statement.Sid ~= params.StatementId and statement or nil)
  end
  if #left < #(found.policies[qualifier] or {}) then
    found.policies[qualifier] = left
    functions.keep(cloud, found)
    return
  end
  not_found("Statement %s is not found in resource policy.", tostring(params.StatementId))
end

function actions.GetPolicy(request, params, cloud)
  local found, qualifier = policy_of(cloud, request, params)
  local statements = found.policies[qualifier]
  if not statements or #statements == 0 then
    not_found "The resource you requested does not exist."
  end
  return { Policy = policy_text(statements), RevisionId = found.latest.revision }
end

function actions.PutFunctionConcurrency(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  local reserved = params.ReservedConcurrentExecutions
  if math.type(reserved) ~= "integer" or reserved < 0 then
    fault.raise("InvalidParameterValueException",
      "ReservedConcurrentExecutions must be a whole number of at least 0.")
  end
  found.reserved = reserved
  functions.keep(cloud, found)
  return { ReservedConcurrentExecutions = reserved }
end

function actions.GetFunctionConcurrency(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  return json.object { ReservedConcurrentExecutions = found.reserved }
end

function actions.DeleteFunctionConcurrency(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  found.reserved = nil
  functions.keep(cloud, found)
end

function actions.ListTags(request, params, cloud)
  return { Tags = functions.get(cloud, request.region, params.Resource).tags }
end

function actions.TagResource(request, params, cloud)
  local found = functions.get(cloud, request.region, params.Resource)
  for key, value in pairs(type(params.Tags) == "table" and params.Tags or {}) do
    found.tags[key] = tostring(value)
  end
  functions.keep(cloud, found)
end

function actions.UntagResource(request, params, cloud)
  local found = functions.get(cloud, request.region, params.Resource)
  local keys = type(params.tagKeys) == "table" and params.tagKeys or {}
  for _, pair in ipairs(request:query_list()) do
    table.insert(keys, pair[1] == "tagKeys" and pair[2] or nil)
  end
  for _, key in ipairs(keys) do
    found.tags[key] = nil
  end
  functions.keep(cloud, found)
end

local function shown_invoke_config(found, qualifier, config)
  return {
    FunctionArn = found.arn .. ":" .. qualifier,
    LastModified = config.modified,
    MaximumRetryAttempts = config.attempts,
    MaximumEventAgeInSeconds = config.age,
    DestinationConfig = config.destinations,
  }
end

local BOUNDS <const> = {
  { "MaximumEventAgeInSeconds", 60, 21600 },
  { "MaximumRetryAttempts", 0, 2 },
}

local OUTSIDE <const> = "1 validation error detected: Value '%s' at '%s' failed to satisfy "
  .. "constraint: Member must have value %s than or equal to %d"

local function check_bounds(params)
  for _, bound in ipairs(BOUNDS) do
    local name, least, most = table.unpack(bound)
    local value = tonumber(params[name]) or least
    if not math.tointeger(value) or value < least or value > most then
      local is_more = value > most
      fault.raise("ValidationException", OUTSIDE:format(value, (name:gsub("^%u", string.lower)),
        is_more and "less" or "greater", is_more and most or least))
    end
  end
end

function actions.PutFunctionEventInvokeConfig(request, params, cloud)
  local found, qualifier = policy_of(cloud, request, params)
  check_bounds(params)
  local config = {
    attempts = params.MaximumRetryAttempts,
    age = params.MaximumEventAgeInSeconds,
    destinations = params.DestinationConfig,
    modified = clock.now(),
  }
  found.invoke_configs[qualifier] = config
  functions.keep(cloud, found)
  return shown_invoke_config(found, qualifier, config)
end

local function invoke_config_of(cloud, request, params)
  local found, qualifier = policy_of(cloud, request, params)
  local config = found.invoke_configs[qualifier]
  if not config then
    not_found("The function %s:%s doesn't have an EventInvokeConfig", found.arn, qualifier)
  end
  return found, qualifier, config
end

function actions.GetFunctionEventInvokeConfig(request, params, cloud)
  return shown_invoke_config(invoke_config_of(cloud, request, params))
end

function actions.DeleteFunctionEventInvokeConfig(request, params, cloud)
  local found, qualifier = invoke_config_of(cloud, request, params)
  found.invoke_configs[qualifier] = nil
  functions.keep(cloud, found)
end

return actions
