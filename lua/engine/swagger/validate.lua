--- Whether a document is a valid description: its definitions first, so that a mistake in one of them
--- is told by itself and not by everything that refers to it; then all of it.
local dialect = require "engine.swagger.dialect"
local path_rules = require "engine.swagger.path_rules"
local place = require "engine.swagger.place"
local problems = require "engine.swagger.problems"
local reference = require "engine.swagger.reference"
local security_rules = require "engine.swagger.security_rules"
local shape = require "engine.swagger.shape"
local value_rules = require "engine.swagger.value_rules"

local validate = {}

local function object(value)
  return shape.type(value) == "object" and value or {}
end

local function found(document, way)
  local noted = problems.new()
  local checker = shape.checker(way.shapes, noted, document)
  checker:check("document", document, place.ROOT)
  checker:check_references(function(value)
    return reference.follow(document, value)
  end)
  value_rules.check_ancestry(document, object(way.definitions(document)),
    place.of(table.unpack(way.DEFINITIONS)), "#/" .. table.concat(way.DEFINITIONS, "/") .. "/",
    checker)
  if shape.type(document.paths) == "object" then
    path_rules.check(document, checker)
    security_rules.check(document, object(way.security_definitions(document)), checker)
  end
  return noted
end

-- References into the paths, as some write them, are looked up in the whole document.
local function without_paths(document)
  local twin = setmetatable({}, getmetatable(document))
  for key, value in pairs(document) do
    twin[key] = value
  end
  twin.paths = document.paths ~= nil and {} or nil
  return twin
end

local function refers_into_paths(noted)
  for _, problem in ipairs(noted.list) do
    if problem.rule:find("'#/paths/", 1, true) then
      return true
    end
  end
  return false
end

--- What is wrong with a document, by place.
---@param document table
---@return engine.swagger.Problems
function validate.problems(document)
  local way, problem = dialect.of(document)
  if not way then
    local noted = problems.new()
    noted:add(place.ROOT, problem, "begin it with \"swagger\": \"2.0\" or \"openapi\": \"3.0.3\"")
    return noted
  end
  local noted = found(without_paths(document), way)
  if noted.count > 0 and not refers_into_paths(noted) then
    return noted
  end
  return found(document, way)
end

--- Raises what is wrong with a document; see engine.swagger.problems.
---@param document table
---@param path string  of its file
function validate.run(document, path)
  validate.problems(document):raise(path)
end

return validate
