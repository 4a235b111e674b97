--- Writes a service whose API has a description too large for a template.
---
---     dofile("tests/flow/large_api/described.lua").write(folder)
local file = require "host.file"
local json = require "host.json"

local described = {}

--- A template of 1 MB has room for half of them.
described.OPERATIONS = 400

local SERVICE <const> = [[
local laconic = require "laconic"

local service = laconic.service { name = "large", description = "An API of many operations" }

service:api { name = "large", swagger = "swagger.json" }
%s
return service
]]

local MODULE <const> = [[
local service = require "laconic.service_api"

return {
  find = service.api(function(request, parameters)
    return parameters
  end),
}
]]

local function operation(number, default)
  return {
    summary = ("Finds a thing of kind %d"):format(number),
    security = json.array {},
    parameters = {
      { name = "id", ["in"] = "path", type = "string", required = true },
      { name = "n", ["in"] = "query", type = "integer", default = default },
    },
    responses = { ["200"] = { description = "the thing" } },
    ["x-amazon-cloud-canvas-lambda-dispatch"] = {
      module = "things", ["function"] = "find", enable_iam = false,
    },
  }
end

--- The path of an operation, with its parameter.
---@param number integer
---@return string
function described.path(number)
  return ("/things%d/{id}"):format(number)
end

--- A description; the default of `n` in the last operation is `default`.
---@param operations integer
---@param default integer
---@return table
function described.document(operations, default)
  local paths = {}
  for number = 1, operations do
    local last = number == operations
    paths[described.path(number)] = { get = operation(number, last and default or number) }
  end
  return {
    swagger = "2.0",
    info = { title = "large", version = "1" },
    paths = paths,
  }
end

--- Writes the service and all it needs.
---@param folder string
---@param options? { operations?: integer, default?: integer, more?: string }  more: Lua, of the service
function described.write(folder, options)
  options = options or {}
  local operations = options.operations or described.OPERATIONS
  local document = described.document(operations, options.default or 1)
  assert(file.make_folder(folder .. "/api"))
  assert(file.write(folder .. "/swagger.json", assert(json.encode(document))))
  assert(file.write(folder .. "/service.lua", SERVICE:format(options.more or "")))
  assert(file.write(folder .. "/api/things.lua", MODULE))
end

return described
