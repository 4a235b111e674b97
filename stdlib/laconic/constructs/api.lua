--- A service API: paths and methods described by a swagger file, answered by the functions of Lua
--- modules. `service:api { swagger = "swagger.json" }` makes a REST API of API Gateway, the function that
--- answers it, and what lies between.
---
---     local scores = service:resource { name = "Scores", type = "AWS::DynamoDB::Table", … }
---     local api = service:api {
---       name = "leaderboard",
---       swagger = "swagger.json",                -- GET /player/{id} …
---       lambda = {                               -- … is `get` of api/player.lua, in this function
---         environment = { TABLE = scores.ref },
---         privileges = { { actions = "dynamodb:GetItem", resource = scores.arn } },
---       },
---     }
---     service:output { name = "Docs", value = api.url }
---
--- docs/service-api.md tells what may stand in the file, and laconic.service_api what the modules are
--- made with.
---@module "laconic.constructs.api"
local api_address = require "laconic.api_address"
local check = require "engine.check"
local handle = require "laconic.handle"
local resource = require "laconic.resource"
local service = require "laconic.service"

---@class laconic.ServiceApiOptions
---@field swagger string      Swagger 2.0, OpenAPI 3.0 or 3.1; JSON, YAML: a path from the service's folder
---@field name? string        the function's too; default "api"
---@field folder? string      where the modules are; default "api"
---@field stage? string       default "api"
---@field lambda? table       options of service:lambda, without name and handler
---@field role? any           an ARN: whose rights API Gateway takes to call; default: the function lets it
---@field settings? table<string, string|laconic.Intrinsic>  what `$Name$` means in the file
---@field stage_variables? table<string, string|laconic.Intrinsic>
---@field output? string|false  what the output with its URL is called; default "<Name>Url"
---@field interfaces? string  the folder in which the definitions of interfaces are

local function test_path(path)
  if path:sub(1, 1) == "/" or ("/" .. path .. "/"):find("/../", 1, true) then
    return ("'%s' leaves the service's folder"):format(path)
  end
end

local function test_folder(path)
  if not path:find "^[%w_-]+[%w_/-]*$" or path:sub(-1) == "/" then
    return ("'%s' is not a folder of modules: letters, digits, '_' and '-' expected"):format(path)
  end
end

local function test_stage(name)
  if not name:find "^[%w_]+$" then
    return ("'%s' is not a stage's name: letters, digits and '_' expected"):format(name)
  end
end

local OPTIONS <const> = {
  swagger = { type = "string", required = true, least = 1, test = test_path },
  name = { type = "string", least = 1, most = 64 },
  folder = { type = "string", test = test_folder },
  stage = { type = "string", most = 128, test = test_stage },
  lambda = { type = "table" },
  role = { type = "text" },
  output = resource.OUTPUT,
  settings = { type = "table" },
  stage_variables = { type = "table" },
  interfaces = { type = "string", least = 1, test = test_path },
}

local function check_texts(name, values)
  for key, value in pairs(values or {}) do
    check.type(name, key, "string")
    if not key:find "^%a%w*$" then
      check.fail("E105", ("%s.%s: a letter, then letters and digits expected"):format(name, key))
    end
    check.type(name .. "." .. key, value, "text")
  end
end

handle.define("api", {
  id = function(facts)
    return api_address.id(facts.id)
  end,
  lambda = function(facts)
    return handle.new("lambda", facts.name, facts.id .. "Function")
  end,
  stage = function(facts)
    return facts.said.stage
  end,
  url = function(facts)
    return api_address.url(facts.said, "https", facts.said.stage)
  end,
})

-- Lambda loads the dispatcher with the first request.
local function handler_of(folder)
  return function(event, context)
    return require("engine.runtime.service_api").dispatch(event, context, folder)
  end
end

local function function_options(options, name, folder)
  local result = {}
  for field, value in pairs(options or {}) do
    if field == "name" or field == "handler" then
      check.fail("E104", ("api.lambda.%s: the API has one of its own"):format(field))
    end
    result[field] = value
  end
  result.name, result.handler = name, handler_of(folder)
  return result
end

--- `service:api { … }`: adds the API and its function, and returns the API's handle: `api.url`, `api.id`,
--- `api.stage`, `api.lambda`.
---@param self laconic.Service
---@param options laconic.ServiceApiOptions
---@return laconic.Handle
return function(self, options)
  check.fields("api", options, OPTIONS)
  check_texts("api.settings", options.settings)
  check_texts("api.stage_variables", options.stage_variables)
  local name, folder = options.name or "api", options.folder or "api"
  self:lambda(function_options(options.lambda, name, folder))
  local said = {
    name = name,
    folder = folder,
    interfaces = options.interfaces,
    output = options.output,
    role = options.role,
    settings = options.settings or {},
    stage = options.stage or "api",
    stage_variables = options.stage_variables,
    swagger = options.swagger,
  }
  local made = service.add_construct(self, "api", said)
  said.url = made.url
  return made
end
