--- The functions that this cloud has: found by every form of their name, shown as Lambda shows them.
local clock = require "host.clock"
local code = require "engine.local.services.lambda.code"
local fault = require "engine.local.fault"
local file = require "host.file"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local naming = require "engine.local.naming"

local functions = {}

functions.LATEST = "$LATEST"

local function document_of(region, name)
  return "lambda/functions/" .. region .. "/" .. name
end

--- The ARN of a function, without a qualifier.
---@return string
function functions.arn(cloud, region, name)
  return naming.arn("lambda", region, cloud.account, "function:" .. name)
end

-- "hello", "hello:prod"
local function split(text)
  local name, qualifier = text:match "^([%w_-]+):?([%w$_-]*)$"
  if name and #name <= 64 then
    return name, qualifier ~= "" and qualifier or nil
  end
end

--- Takes a function's ARN apart; nil for anything else.
---@param text string
---@return string? region
---@return string? name
---@return string? qualifier
function functions.parse_arn(text)
  local region, rest = text:match "^arn:aws[%w-]*:lambda:([%w-]*):%d+:function:(.+)$"
  if region then
    local name, qualifier = split(rest)
    return name and region, name, qualifier
  end
end

--- Takes a name apart: `name`, `name:qualifier`, `account:function:name`, an ARN.
---@param text any
---@return string name
---@return string? qualifier
function functions.parse(text)
  if type(text) == "string" then
    local region, name, qualifier = functions.parse_arn(text)
    if not region then
      name, qualifier = split(text:match "^%d+:function:(.+)$" or text)
    end
    if name then
      return name, qualifier
    end
  end
  return fault.raise("ValidationException", ("1 validation error detected: Value '%s' at "
    .. "'functionName' failed to satisfy constraint: Member must satisfy regular expression "
    .. "pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?[a-z0-9-:]*(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST"
    .. "|[a-zA-Z0-9-_]+))?"):format(tostring(text)))
end

--- The function of that name, or nil.
---@return table?
function functions.peek(cloud, region, name)
  return cloud.state:get(document_of(region, name))
end

local function not_found(arn)
  fault.raise("ResourceNotFoundException", "Function not found: " .. arn, 404)
end

--- The function that a text names, and the qualifier in it.
---@return table
---@return string? qualifier
function functions.get(cloud, region, text)
  local name, qualifier = functions.parse(text)
  local found = functions.peek(cloud, region, name)
  if not found then
    not_found(functions.arn(cloud, region, name) .. (qualifier and ":" .. qualifier or ""))
  end
  return found, qualifier
end

--- The configuration behind a qualifier: a version's number, an alias, $LATEST; nil when there is none.
---@param found table
---@param qualifier? string
---@return table? config
---@return table? alias
function functions.behind(found, qualifier)
  if not qualifier or qualifier == functions.LATEST then
    return found.latest
  end
  local alias = found.aliases[qualifier]
  local version = alias and alias.version or qualifier
  return version == functions.LATEST and found.latest or found.versions[version], alias
end

--- The same, and a refusal when there is none.
---@param found table
---@param qualifier? string
---@return table config
---@return table? alias
function functions.resolve(found, qualifier)
  local config, alias = functions.behind(found, qualifier)
  if not config then
    not_found(found.arn .. ":" .. qualifier)
  end
  return config, alias
end

--- Writes a function's document.
function functions.keep(cloud, found)
  cloud.state:put(document_of(found.region, found.name), found)
end

--- Forgets a function.
function functions.remove(cloud, found)
  cloud.state:remove(document_of(found.region, found.name))
end

--- The functions of a region, by name.
---@return table[]
function functions.all(cloud, region)
  local list = {}
  for _, name in ipairs(cloud.state:list("lambda/functions/" .. region)) do
    table.insert(list, functions.peek(cloud, region, name))
  end
  return list
end

local function has_code(found, sha256)
  for _, config in pairs(found.versions) do
    if config.code.sha256 == sha256 then
      return true
    end
  end
  return found.latest.code.sha256 == sha256
end

--- Whether any function, in any region, still has that code.
---@return boolean
function functions.use_code(cloud, sha256)
  for _, region in ipairs(assert(file.list(cloud.state:folder "lambda/functions"))) do
    for _, found in ipairs(functions.all(cloud, region)) do
      if has_code(found, sha256) then
        return true
      end
    end
  end
  return false
end

--- Marks a configuration as changed now.
function functions.touch(config)
  config.revision = identifier.uuid()
  config.modified = clock.now()
end

--- Refuses a change of what is no longer as the caller has seen it.
---@param revision string  that it has now
---@param params { RevisionId?: string }
function functions.check_revision(revision, params)
  if params.RevisionId and params.RevisionId ~= revision then
    fault.raise("PreconditionFailedException", "The Revision Id provided does not match the latest "
      .. "Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id", 412)
  end
end

local function environment(config)
  if config.Environment and next(config.Environment) then
    return { Variables = json.object(config.Environment) }
  end
end

local function layers(config)
  local list = {}
  for _, arn in ipairs(config.Layers or {}) do
    table.insert(list, { Arn = arn, CodeSize = 0 })
  end
  return #list > 0 and list or nil
end

--- A configuration, as Lambda shows it.
---@param found table
---@param config table
---@param qualifier? string  shown in the ARN
function functions.shown(found, config, qualifier)
  local logging = config.LoggingConfig or {}
  return {
    FunctionName = found.name,
    FunctionArn = found.arn .. (qualifier and ":" .. qualifier or ""),
    Runtime = config.Runtime,
    Role = config.Role,
    Handler = config.Handler,
    CodeSize = config.code.size,
    Description = config.Description or "",
    Timeout = config.Timeout,
    MemorySize = config.MemorySize,
    LastModified = (clock.iso8601(config.modified, true):gsub("Z$", "+0000")),
    CodeSha256 = code.base64(config.code.sha256),
    Version = config.version,
    VpcConfig = config.VpcConfig,
    DeadLetterConfig = config.DeadLetterConfig,
    Environment = environment(config),
    KMSKeyArn = config.KMSKeyArn,
    TracingConfig = config.TracingConfig or { Mode = "PassThrough" },
    RevisionId = config.revision,
    Layers = layers(config),
    State = "Active",
    LastUpdateStatus = "Successful",
    PackageType = "Zip",
    Architectures = config.Architectures,
    EphemeralStorage = config.EphemeralStorage or { Size = 512 },
    FileSystemConfigs = config.FileSystemConfigs,
    SnapStart = { ApplyOn = "None", OptimizationStatus = "Off" },
    LoggingConfig = {
      LogFormat = logging.LogFormat or "Text",
      LogGroup = logging.LogGroup or "/aws/lambda/" .. found.name,
      ApplicationLogLevel = logging.ApplicationLogLevel,
      SystemLogLevel = logging.SystemLogLevel,
    },
  }
end

return functions
