--- Lambda's actions on the URLs of functions.
local addresses = require "engine.local.addresses"
local fault = require "engine.local.fault"
local functions = require "engine.local.services.lambda.functions"
local pages = require "engine.local.services.lambda.pages"
local urls = require "engine.local.services.lambda.urls"

local actions = {}

local AUTH_TYPES <const> = { NONE = true, AWS_IAM = true }
local INVOKE_MODES <const> = { BUFFERED = true, RESPONSE_STREAM = true }
local CORS_LISTS <const> = { "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders" }

local function invalid(message, ...)
  fault.raise("ValidationException", "1 validation error detected: " .. message:format(...))
end

local function check_choice(field, value, known)
  if not known[value] then
    invalid("Value '%s' at '%s' failed to satisfy constraint", tostring(value), field)
  end
end

local function check_cors(rules)
  if rules == nil then
    return
  end
  for _, field in ipairs(CORS_LISTS) do
    if rules[field] ~= nil and type(rules[field]) ~= "table" then
      invalid("'cors.%s' must be a list", field)
    end
  end
  local age = rules.MaxAge
  if age ~= nil and (math.type(age) ~= "integer" or age < 0 or age > 86400) then
    invalid "'cors.maxAge' must be between 0 and 86400"
  end
end

-- A URL belongs to $LATEST or to an alias; a version cannot have one.
local function find(cloud, request, params)
  local found, qualifier = functions.get(cloud, request.region, params.FunctionName)
  qualifier = params.Qualifier or qualifier or functions.LATEST
  if qualifier ~= functions.LATEST and not found.aliases[qualifier] then
    if qualifier:find "^%d+$" then
      invalid("Value '%s' at 'qualifier' failed to satisfy constraint: an alias", qualifier)
    end
    functions.resolve(found, qualifier)
  end
  return found, qualifier, urls.of(cloud, found, qualifier)
end

local function get(cloud, request, params)
  local found, qualifier, url = find(cloud, request, params)
  if not url then
    fault.raise("ResourceNotFoundException",
      "The resource you requested does not exist.", 404, { Qualifier = qualifier })
  end
  return url, found
end

-- AWS's form, but for who stands outside: to be reached, it is this cloud's address.
local function shown(cloud, url)
  local description = urls.shown(url)
  description.FunctionUrl = addresses.reachable(cloud, description.FunctionUrl)
  return description
end

local function apply(url, params)
  url.auth_type = params.AuthType or url.auth_type
  url.invoke_mode = params.InvokeMode or url.invoke_mode or "BUFFERED"
  check_choice("authType", url.auth_type, AUTH_TYPES)
  check_choice("invokeMode", url.invoke_mode, INVOKE_MODES)
  if params.Cors ~= nil then
    check_cors(params.Cors)
    url.cors = next(params.Cors) and params.Cors or nil
  end
end

function actions.CreateFunctionUrlConfig(request, params, cloud)
  local found, qualifier, url = find(cloud, request, params)
  if url then
    fault.raise("ResourceConflictException",
      ("FunctionUrlConfig exists for this Lambda function: %s"):format(url.arn), 409)
  end
  url = urls.new(found, qualifier)
  apply(url, params)
  urls.keep(cloud, url)
  return shown(cloud, url)
end

function actions.GetFunctionUrlConfig(request, params, cloud)
  return shown(cloud, (get(cloud, request, params)))
end

function actions.UpdateFunctionUrlConfig(request, params, cloud)
  local url = {}
  for name, value in pairs(get(cloud, request, params)) do
    url[name] = value
  end
  apply(url, params)
  urls.keep(cloud, url)
  return shown(cloud, url)
end

function actions.DeleteFunctionUrlConfig(request, params, cloud)
  urls.remove(cloud, (get(cloud, request, params)))
end

function actions.ListFunctionUrlConfigs(request, params, cloud)
  local found = functions.get(cloud, request.region, params.FunctionName)
  local list = {}
  for _, url in ipairs(urls.all(cloud, found)) do
    table.insert(list, shown(cloud, url))
  end
  return pages.answer("FunctionUrlConfigs", list, params)
end

return actions
