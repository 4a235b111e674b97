--- From an API description with dispatch objects to one that API Gateway imports. Read this file first.
---
---     OpenAPI 3.1 made 3.0 → valid description → interfaces joined in → each operation: what it is
---     called, what it takes, how it is integrated, what it answers, who may call it → valid again
---
--- The document is changed in place. `$ServiceLambdaArn$`, `$Region$` and `$RoleArn$` stand where the
--- stack's values will; see engine.swagger.placeholders.
local dialect = require "engine.swagger.dialect"
local dispatch = require "engine.swagger.dispatch"
local integration = require "engine.swagger.integration"
local interfaces = require "engine.swagger.interfaces"
local json = require "host.json"
local module_name = require "engine.swagger.module_name"
local openapi_31 = require "engine.swagger.openapi_31"
local operations = require "engine.swagger.operations"
local parameter_rules = require "engine.swagger.parameter_rules"
local path_references = require "engine.swagger.path_references"
local place = require "engine.swagger.place"
local problems = require "engine.swagger.problems"
local responses = require "engine.swagger.responses"
local routing_rules = require "engine.swagger.routing_rules"
local validate = require "engine.swagger.validate"
local warnings = require "engine.swagger.warnings"

local process = {}

local OWN_FUNCTION <const> = "$ServiceLambdaArn$"

--- One operation, as it is dispatched.
---@class engine.swagger.Operation
---@field path string
---@field verb string
---@field id? string                     its operationId
---@field summary? string
---@field lambda string                  an ARN, or a placeholder
---@field module string                  "player_highscores": of api/player_highscores.lua
---@field is_named boolean               a dispatch object names its module or function
---@field function_name string           "get"
---@field parameters engine.swagger.Parameter[]
---@field properties table
---@field request_content string
---@field response_content table<string, string>
---@field enable_iam boolean
---@field enable_cors boolean
---@field here engine.swagger.Place

---@class engine.swagger.Processed
---@field document table                 what API Gateway imports
---@field operations engine.swagger.Operation[]  those that are dispatched, in the order of paths
---@field warnings string[]

local function operation_of(state, met, levels)
  local document, way, noted = state.document, state.way, state.noted
  local said = dispatch.combine(levels)
  local empty = dispatch.empty_lambda(levels)
  if empty then
    noted:add(empty, "is empty", "name a function, or leave it out for the service's own")
  end
  local parameters = way.parameters(document, met.operation, met.item, met.here)
  parameter_rules.check(met.verb, parameters, met.here, said.properties.requestTemplates, noted)
  local id = met.operation.operationId
  return {
    path = met.path,
    verb = met.verb,
    id = type(id) == "string" and id or nil,
    summary = met.operation.summary,
    lambda = said.lambda and state.named(said.lambda) or OWN_FUNCTION,
    module = said.module or module_name(met.path),
    function_name = said.function_name or met.verb,
    is_named = (said.module or said.function_name) ~= nil,
    parameters = parameters,
    properties = said.properties,
    request_content = said.request_content,
    response_content = said.response_content,
    enable_iam = said.enable_iam,
    enable_cors = said.enable_cors,
    here = met.here,
  }
end

-- Takes the dispatch objects out of a document; those of its own operations are read before.
local function read_operations(state)
  local document, noted = state.document, state.noted
  local list, levels_of = {}, {}
  local whole = dispatch.level(document, place.ROOT, noted)
  for _, met in ipairs(operations.of(document)) do
    local path_level = levels_of[met.item]
      or dispatch.level(met.item, place.of("paths", met.path), noted)
    levels_of[met.item] = path_level
    local own_level = dispatch.level(met.operation, met.here, noted)
    if met.operation[integration.FIELD] == nil then
      local levels = { whole, path_level, own_level }
      local operation = operation_of(state, met, levels)
      table.insert(list, operation)
      levels_of[operation] = met
    end
  end
  return list, levels_of
end

local function strip(document)
  document[dispatch.FIELD] = nil
  for _, item in pairs(document.paths) do
    if type(item) == "table" then
      item[dispatch.FIELD] = nil
    end
  end
  for _, met in ipairs(operations.of(document)) do
    met.operation[dispatch.FIELD] = nil
  end
end

local function apply(document, way, operation, met)
  local own = met.operation
  own[integration.FIELD] = integration.of(operation)
  responses.add_errors(document, way, own)
  if operation.enable_iam then
    responses.add_security(document, way, own)
  end
  if operation.enable_cors then
    responses.add_origin(document, way, own)
    responses.add_preflight(document, way, met.path, met.item)
  end
end

-- A document of a single `security` object, as the original asked for, is taken for a list of it.
local function mend_security(document)
  local value = document.security
  if type(value) == "table" and not json.is_array(value) then
    document.security = json.array { value }
  end
end

---@class engine.swagger.Options
---@field interfaces? fun(gem: string, name: string): table?, string?  see engine.swagger.interfaces
---@field lambda? fun(name: string): string  what a function's name stands for

local function as_it_is(name)
  return name
end

--- Processes a document, which is changed. Raises what is wrong with it, all at once, by place.
---@param document table   from engine.swagger.document
---@param path string      of its file, for messages
---@param options? engine.swagger.Options
---@return engine.swagger.Processed
function process.run(document, path, options)
  options = options or {}
  local left_out = openapi_31.is(document) and openapi_31.lower(document) or {}
  mend_security(document)
  validate.run(document, path)
  if path_references.resolve(document) then
    validate.run(document, path)
  end
  interfaces.join(document, path, options.interfaces)
  local way = dialect.of(document)

  local state = { document = document, way = way, noted = problems.new() }
  state.named = options.lambda or as_it_is
  routing_rules.check(document, state.noted)
  local list, met_of = read_operations(state)
  state.noted:raise(path, "E221")

  strip(document)
  for _, operation in ipairs(list) do
    apply(document, way, operation, met_of[operation])
  end
  validate.run(document, path)
  local warned = warnings.of(document, way, list)
  table.insert(warned, openapi_31.warning(left_out))
  return { document = document, operations = list, warnings = warned }
end

return process
