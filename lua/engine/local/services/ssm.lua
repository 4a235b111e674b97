--- SSM: Parameter Store. What is a SecureString is kept as it is, in the state's private files, and
--- shown only to who asks for it decrypted.
local clock = require "host.clock"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local json = require "host.json"
local naming = require "engine.local.naming"
local pages = require "engine.local.pages"
local part = require("engine.local.state").part

local ssm = {
  protocol = "json",
  actions = {},
  members = {
    DeleteParameter = "Name",
    DeleteParameters = "Names:texts",
    GetParameter = "Name WithDecryption?",
    GetParameters = "Names:texts WithDecryption?",
    GetParametersByPath = "Path Recursive? WithDecryption? MaxResults?:number NextToken?",
    PutParameter = "Name Value Type? Description? Overwrite? Tier? AllowedPattern? DataType?",
  },
}
local actions = ssm.actions

local MOST_NAMES = 10 -- of one request
local LONGEST_NAME = 1011
local DEEPEST = 15
local LONGEST = { Standard = 4096, Advanced = 8192 }
local TYPES = { String = true, StringList = true, SecureString = true }

---@class engine.local.services.ssm.Parameter
---@field Name string
---@field Type string
---@field Value string
---@field Version integer
---@field LastModifiedDate number

local function invalid(message, ...)
  fault.raise("ValidationException", message:format(...))
end

local function check_name(name)
  local first = name:match "^/?(%a%a%a)"
  local _, slashes = name:gsub("/", "")
  if not name:match "^[%w_./-]+$" or #name > LONGEST_NAME or name:find "//" or name:find "./$" then
    invalid("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If"
      .. " formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can"
      .. " be formed as a mix of letters, numbers and the following 3 symbols .-_")
  elseif slashes > 0 and name:sub(1, 1) ~= "/" then
    invalid "Parameter name must be a fully qualified name."
  elseif first and (first:lower() == "aws" or first:lower() == "ssm") then
    invalid("Parameter name: can't be prefixed with \"%s\" (case-insensitive).", first:lower())
  elseif slashes > DEEPEST then
    fault.raise("HierarchyLevelLimitExceededException",
      ("A hierarchy can have a maximum of %d levels."):format(DEEPEST))
  end
end

local function folder(region)
  return "ssm/" .. region .. "/parameters"
end

local function document(region, name)
  return folder(region) .. "/" .. part(name)
end

local function arn_of(region, account, name)
  local resource = "parameter" .. (name:sub(1, 1) == "/" and "" or "/") .. name
  return naming.arn("ssm", region, account, resource)
end

-- A name may be said as an ARN, and with the version that is meant.
local function find(request, said, cloud)
  if type(said) ~= "string" then
    invalid "Value at 'name' failed to satisfy constraint: a string"
  end
  local name, version = said:gsub("^arn:aws:ssm:[^:]*:%d*:parameter", ""):match "^([^:]+):?(%w*)$"
  local parameter = name and (cloud.state:get(document(request.region, name))
    or said:find "^arn:" and cloud.state:get(document(request.region, name:sub(2))))
  if parameter and version ~= "" and tostring(parameter.Version) ~= version then
    fault.raise("ParameterVersionNotFound", ("Systems Manager could not find version %s of %s."
      .. " (laconic local keeps the newest alone)"):format(version, name))
  end
  return parameter
end

local function not_found(name)
  fault.raise("ParameterNotFound", ("Parameter %s not found."):format(name))
end

local function shape(request, parameter, decrypt)
  local hidden = parameter.Type == "SecureString" and not (decrypt == true or decrypt == "true")
  return {
    ARN = arn_of(request.region, request.account, parameter.Name),
    DataType = "text",
    LastModifiedDate = parameter.LastModifiedDate,
    Name = parameter.Name,
    Type = parameter.Type,
    Value = hidden and digest.to_base64("encrypted " .. digest.sha256(parameter.Value))
      or parameter.Value,
    Version = parameter.Version,
  }
end

local function check_value(params)
  local tier = params.Tier == "Intelligent-Tiering" and "Advanced" or params.Tier or "Standard"
  if not LONGEST[tier] then
    invalid("Value '%s' at 'tier' failed to satisfy constraint: Standard, Advanced or"
      .. " Intelligent-Tiering", tier)
  elseif #params.Value == 0 then
    invalid "Value at 'value' failed to satisfy constraint: at least 1 character"
  elseif #params.Value > LONGEST[tier] then
    invalid("%s tier parameters support a maximum parameter value of %d characters.", tier,
      LONGEST[tier])
  end
end

local function type_of(params, there)
  local name = params.Type or there and there.Type
  if not TYPES[name] then
    invalid "A parameter type is required: String, StringList or SecureString."
  elseif there and there.Type ~= name then
    fault.raise("HierarchyTypeMismatchException",
      ("The parameter %s is a %s, and stays one."):format(params.Name, there.Type))
  end
  return name
end

function actions.PutParameter(request, params, cloud)
  check_name(params.Name)
  check_value(params)
  local there = cloud.state:get(document(request.region, params.Name))
  if there and not (params.Overwrite == true or params.Overwrite == "true") then
    fault.raise("ParameterAlreadyExists", "The parameter already exists. To overwrite this value,"
      .. " set the overwrite option in the request to true.")
  end
  local parameter = {
    Name = params.Name,
    Type = type_of(params, there),
    Value = params.Value,
    Version = there and there.Version + 1 or 1,
    LastModifiedDate = clock.now(),
  }
  cloud.state:put(document(request.region, params.Name), parameter)
  return { Version = parameter.Version, Tier = params.Tier or "Standard" }
end

function actions.GetParameter(request, params, cloud)
  local parameter = find(request, params.Name, cloud) or not_found(params.Name)
  return { Parameter = shape(request, parameter, params.WithDecryption) }
end

local function check_count(names)
  if #names == 0 or #names > MOST_NAMES then
    invalid("Value at 'names' failed to satisfy constraint: 1 to %d names", MOST_NAMES)
  end
end

function actions.GetParameters(request, params, cloud)
  check_count(params.Names)
  local found, wrong = json.array {}, json.array {}
  for _, name in ipairs(params.Names) do
    local parameter = find(request, name, cloud)
    if parameter then
      table.insert(found, shape(request, parameter, params.WithDecryption))
    else
      table.insert(wrong, name)
    end
  end
  return { Parameters = found, InvalidParameters = wrong }
end

local function below(name, path, recursive)
  local rest = name:sub(1, #path) == path and name:sub(#path + 1) or ""
  return rest ~= "" and (recursive or not rest:find "/")
end

function actions.GetParametersByPath(request, params, cloud)
  if params.ParameterFilters then
    fault.not_answered "GetParametersByPath with ParameterFilters"
  elseif params.Path:sub(1, 1) ~= "/" then
    invalid "The parameter path must begin with a slash."
  end
  local path = params.Path:gsub("/*$", "/")
  local recursive = params.Recursive == true or params.Recursive == "true"
  local names = {}
  for _, name in ipairs(cloud.state:list(folder(request.region))) do
    if below(name, path, recursive) then
      table.insert(names, name)
    end
  end
  local limit = math.tointeger(tonumber(params.MaxResults or MOST_NAMES))
  local page, token
  if limit and limit >= 1 and limit <= MOST_NAMES then
    page, token = pages.cut(names, params.NextToken, limit, function(name)
      return name
    end)
  end
  if not page then
    invalid("MaxResults must be 1 to %d, and NextToken one that was given out", MOST_NAMES)
  end
  local list = json.array {}
  for i, name in ipairs(page) do
    list[i] = shape(request, find(request, name, cloud), params.WithDecryption)
  end
  return { Parameters = list, NextToken = token }
end

function actions.DeleteParameter(request, params, cloud)
  local name = document(request.region, params.Name)
  if not cloud.state:get(name) then
    not_found(params.Name)
  end
  cloud.state:remove(name)
end

function actions.DeleteParameters(request, params, cloud)
  check_count(params.Names)
  local gone, wrong = json.array {}, json.array {}
  for _, name in ipairs(params.Names) do
    local there = cloud.state:get(document(request.region, name))
    table.insert(there and gone or wrong, name)
    if there then
      cloud.state:remove(document(request.region, name))
    end
  end
  return { DeletedParameters = gone, InvalidParameters = wrong }
end

return ssm
