--- Lambda's actions on functions themselves: made, read, changed, deleted.
local code = require "engine.local.services.lambda.code"
local configuration = require "engine.local.services.lambda.configuration"
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local json = require "host.json"
local pages = require "engine.local.services.lambda.pages"
local pool = require "engine.local.services.lambda.pool"
local urls = require "engine.local.services.lambda.urls"

local actions = {}

local function copy(config)
  local result = {}
  for key, value in pairs(config) do
    result[key] = value
  end
  return result
end

local function retire(cloud, found)
  pool.retire(cloud, function(candidate)
    return candidate.arn == found.arn and candidate.config.version == functions.LATEST
  end)
end

-- A version is what $LATEST is now, never to change.
local function publish(cloud, found, description)
  local number = tostring(found.next_version)
  local config = copy(found.latest)
  config.version = number
  config.Description = description or config.Description
  found.versions[number] = config
  found.next_version = found.next_version + 1
  functions.keep(cloud, found)
  return functions.shown(found, config, number)
end

-- Archives that nothing has any more would fill the disk, one for each deployment. One that is still
-- being run is left; it goes with the next change.
local function forget_code(cloud, old)
  for _, config in ipairs(old) do
    local sha256 = config.code.sha256
    if not functions.use_code(cloud, sha256) and not pool.uses_code(cloud, sha256) then
      code.forget(cloud, sha256)
    end
  end
end

local function check_package(params)
  if (params.PackageType or "Zip") ~= "Zip" then
    fault.raise("InvalidParameterValueException",
      "This cloud runs archives alone, no container images.")
  elseif not params.Runtime or not params.Handler then
    fault.raise("InvalidParameterValueException",
      "Runtime and Handler are mandatory parameters for functions created with deployment "
        .. "packages.")
  end
end

function actions.CreateFunction(request, params, cloud)
  local name = functions.parse(params.FunctionName)
  if functions.peek(cloud, request.region, name) then
    fault.raise("ResourceConflictException", "Function already exist: " .. name, 409)
  end
  check_package(params)
  local config = {
    version = functions.LATEST,
    Architectures = configuration.architectures(params.Architectures),
  }
  configuration.apply(cloud, config, params)
  config.code = code.take(cloud, request.region, type(params.Code) == "table" and params.Code or {})
  functions.touch(config)
  local found = {
    name = name,
    region = request.region,
    arn = functions.arn(cloud, request.region, name),
    latest = config,
    versions = json.object {},
    next_version = 1,
    aliases = json.object {},
    policies = json.object {},
    invoke_configs = json.object {},
    tags = json.object(type(params.Tags) == "table" and params.Tags or {}),
  }
  functions.keep(cloud, found)
  if params.Publish == true then
    return publish(cloud, found)
  end
  return functions.shown(found, config)
end

function actions.GetFunction(request, params, cloud)
  local found, qualifier = functions.get(cloud, request.region, params.FunctionName)
  qualifier = params.Qualifier or qualifier
  local config = functions.resolve(found, qualifier)
  return {
    Configuration = functions.shown(found, config, qualifier),
    Code = { RepositoryType = "S3", Location = "file://" .. code.path(cloud, config.code.sha256) },
    Tags = next(found.tags) and found.tags or nil,
    Concurrency = found.reserved and { ReservedConcurrentExecutions = found.reserved } or nil,
  }
end

function actions.GetFunctionConfiguration(request, params, cloud)
  local found, qualifier = functions.get(cloud, request.region, params.FunctionName)
  qualifier = params.Qualifier or qualifier
  return functions.shown(found, functions.resolve(found, qualifier), qualifier)
end

function actions.UpdateFunctionCode(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  functions.check_revision(found.latest.revision, params)
  local config = copy(found.latest)
  if params.Architectures then
    config.Architectures = configuration.architectures(params.Architectures)
  end
  config.code = code.take(cloud, request.region, params)
  if params.DryRun == true then
    return functions.shown(found, config)
  end
  functions.touch(config)
  local old = found.latest
  found.latest = config
  functions.keep(cloud, found)
  retire(cloud, found)
  forget_code(cloud, { old })
  return params.Publish == true and publish(cloud, found) or functions.shown(found, config)
end

function actions.UpdateFunctionConfiguration(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  functions.check_revision(found.latest.revision, params)
  local config = copy(found.latest)
  configuration.apply(cloud, config, params)
  functions.touch(config)
  found.latest = config
  functions.keep(cloud, found)
  retire(cloud, found)
  return functions.shown(found, config)
end

function actions.DeleteFunction(request, params, cloud)
  local found, qualifier = functions.get(cloud, request.region, params.FunctionName)
  qualifier = params.Qualifier or qualifier
  local gone = { found.latest }
  if qualifier == functions.LATEST then
    fault.raise("InvalidParameterValueException",
      "$LATEST version cannot be deleted without deleting the function.")
  elseif qualifier then
    gone = { functions.resolve(found, qualifier) }
    found.versions[qualifier] = nil
    functions.keep(cloud, found)
  else
    for _, config in pairs(found.versions) do
      table.insert(gone, config)
    end
    for _, url in ipairs(urls.all(cloud, found)) do
      urls.remove(cloud, url)
    end
    functions.remove(cloud, found)
  end
  pool.retire(cloud, function(candidate)
    return candidate.arn == found.arn
      and (not qualifier or candidate.config.version == qualifier)
  end)
  forget_code(cloud, gone)
end

-- $LATEST and the published versions, oldest first.
local function versions_of(found)
  local list = { functions.shown(found, found.latest, functions.LATEST) }
  for number = 1, found.next_version - 1 do
    local config = found.versions[tostring(number)]
    table.insert(list, config and functions.shown(found, config, config.version) or nil)
  end
  return list
end

function actions.ListFunctions(request, params, cloud)
  local list = {}
  for _, found in ipairs(functions.all(cloud, request.region)) do
    for _, version in ipairs(params.FunctionVersion == "ALL" and versions_of(found)
      or { functions.shown(found, found.latest) }) do
      table.insert(list, version)
    end
  end
  return pages.answer("Functions", list, params)
end

function actions.PublishVersion(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  functions.check_revision(found.latest.revision, params)
  if params.CodeSha256 and params.CodeSha256 ~= code.base64(found.latest.code.sha256) then
    fault.raise("InvalidParameterValueException", "CodeSHA256 is different from the given one.")
  end
  local last = found.versions[tostring(found.next_version - 1)]
  if last and last.revision == found.latest.revision then
    return functions.shown(found, last, last.version) -- nothing new to keep
  end
  return publish(cloud, found, params.Description)
end

function actions.ListVersionsByFunction(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  return pages.answer("Versions", versions_of(found), params)
end

return actions
