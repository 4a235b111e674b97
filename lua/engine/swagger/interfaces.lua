--- Interfaces: paths that are described elsewhere, for several services to have alike, and joined in
--- where a path says that it implements them.
---
---     "/game": { "x-cloud-gem-framework-interface-implementation":
---                  { "interface": "CloudGemGames_Scores_1_0_0" } }
---
--- joins in the paths of CloudGemGames/api-definition/Scores_1_0_0.json: "/scores" as "/game/scores".
local dialect = require "engine.swagger.dialect"
local interface_overrides = require "engine.swagger.interface_overrides"
local json = require "host.json"
local order = require "engine.order"
local path_rules = require "engine.swagger.path_rules"
local place = require "engine.swagger.place"
local problems = require "engine.swagger.problems"
local reference = require "engine.swagger.reference"
local shape = require "engine.swagger.shape"
local twin = require "engine.twin"
local validate = require "engine.swagger.validate"

local interfaces = {}

local IMPLEMENTATION <const> = "x-cloud-gem-framework-interface-implementation"
local METADATA <const> = "x-cloud-gem-framework-interface-metadata"
local PARAMETER <const> = "x-cloud-gem-framework-interface-parameter"

local ID <const> = "^([%w-]+)_([%w-]+)_(%d+)_(%d+)_(%d+)$"

-- What is shared within a document, and may be meant by other things there.
local SHARED <const> = { "definitions", "parameters", "responses" }

-- { id, overrides, here, of_overrides } of each interface that a path implements.
local function read_implementation(item, here, noted)
  local below = place.below(place.below(here, IMPLEMENTATION), "interface")
  local said = item[IMPLEMENTATION]
  local value = type(said) == "table" and said.interface
  local list = json.is_array(value) and value or { value or nil }
  local result = {}
  for i, entry in ipairs(list) do
    local at = json.is_array(value) and place.below(below, i) or below
    local id = type(entry) == "table" and entry.id or entry
    if type(id) ~= "string" or not id:find(ID) then
      noted:add(at, "is no interface", "write Gem_Interface_Major_Minor_Revision, or { \"id\": … }")
    else
      local field = type(entry) == "table" and entry.lambda_dispatch == nil and "lambda-dispatch"
        or "lambda_dispatch"
      table.insert(result, {
        id = id,
        here = at,
        overrides = type(entry) == "table" and entry[field] or nil,
        of_overrides = place.below(at, field),
      })
    end
  end
  if #list == 0 then
    noted:add(below, "names no interface", "write Gem_Interface_Major_Minor_Revision")
  end
  return result
end

local function read_definition(state, entry)
  local gem, name, major, minor, revision = entry.id:match(ID)
  local stem = ("%s_%s_%s_%s"):format(name, major, minor, revision)
  local definition, path
  if state.find then
    definition, path = state.find(gem, stem)
  end
  if not definition then
    state.noted:add(entry.here, ("there is no %s/api-definition/%s.json"):format(gem, stem),
      "put the interface's definition there, in JSON or YAML")
    return nil
  end
  validate.run(definition, path)
  if dialect.of(definition) ~= dialect.of(state.document) or not definition.swagger then
    state.noted:add(entry.here, "interfaces, and who implements them, are described in Swagger 2.0",
      "convert one of the two")
    return nil
  end
  return definition
end

local function same(a, b)
  return json.encode(a) == json.encode(b)
end

-- "ResponseStatus", "ResponseStatus1", …: the first that is free, or means the same.
local function free_name(taken, name, value)
  while taken[name] ~= nil and not same(taken[name], value) do
    local stem, number = name:match "^(.-)(%d*)$"
    name = stem .. ((math.tointeger(number) or 0) + 1)
  end
  return name
end

local function rewrite(value, renamed)
  if type(value) ~= "table" then
    return
  end
  for key, item in pairs(value) do
    if key == "$ref" and renamed[item] then
      value[key] = renamed[item]
    else
      rewrite(item, renamed)
    end
  end
end

-- Copies what is shared; where a name is taken by something else, the copy gets another.
local function copy_shared(document, definition)
  local renamed, copied, names = {}, {}, json.array {}
  for _, section in ipairs(SHARED) do
    local taken = document[section] or {}
    for _, name in ipairs(order.keys(definition[section] or {})) do
      local value = definition[section][name]
      local free = free_name(taken, name, value)
      if taken[free] == nil then
        document[section] = taken
        taken[free] = twin.deep(value)
        table.insert(copied, taken[free])
      end
      renamed[("#/%s/%s"):format(section, name)] = ("#/%s/%s"):format(section, free)
      if section == "definitions" then
        table.insert(names, free)
      end
    end
  end
  for _, value in ipairs(copied) do
    rewrite(value, renamed)
  end
  return renamed, names
end

local function joined(path, below)
  return path == "/" and below or path .. (below == "/" and "" or below)
end

local function path_parameters(document, item)
  local list = {}
  for _, entry in ipairs(item.parameters or {}) do
    local parameter = reference.follow(document, entry)
    if parameter["in"] == "path" then
      table.insert(list, { entry = entry, is_for_interface = parameter[PARAMETER] })
    end
  end
  return list
end

local function add_paths(state, path, item, entry, definition)
  local document = state.document
  local renamed, definitions = copy_shared(document, definition)
  local own, paths = path_parameters(document, item), json.array {}
  local overrides = interface_overrides.read(entry.overrides, definition, entry.of_overrides,
    state.noted)
  for _, below in ipairs(order.keys(definition.paths)) do
    local whole = joined(path, below)
    local other = document.paths[whole]
    if other ~= nil and other ~= item or other == item and state.filled[item] then
      state.noted:add(entry.here, ("the path '%s' is there already"):format(whole),
        "implement the interface below another path")
    elseif below:sub(1, 1) == "/" then
      local added = twin.deep(definition.paths[below])
      rewrite(added, renamed)
      interface_overrides.apply(added, overrides[below])
      added.parameters = added.parameters or #own > 0 and json.array {} or nil
      for _, parameter in ipairs(own) do
        table.insert(added.parameters, twin.deep(parameter.entry))
      end
      document.paths[whole] = added
      state.filled[added] = true
      table.insert(paths, whole)
    end
  end
  if #own == 0 then
    document[METADATA] = document[METADATA] or {}
    document[METADATA][entry.id] = { basePath = path, paths = paths, definitions = definitions }
  end
end

-- A path with parameters says that these are the interface's, too.
local function check_parameters(state, path, item, here)
  local declared = {}
  for _, parameter in ipairs(path_parameters(state.document, item)) do
    local value = reference.follow(state.document, parameter.entry)
    declared[value.name] = parameter.is_for_interface
  end
  for name in path:gmatch "{([^{}+]+)%+?}" do
    if not declared[name] then
      state.noted:add(here, ("the path parameter '%s' is not the interface's"):format(name),
        ("declare it in the path's 'parameters', with \"%s\""):format(PARAMETER))
      return false
    end
  end
  return true
end

-- What is left of an item that says nothing of its own.
local function is_empty(item)
  for _, verb in ipairs(path_rules.VERBS) do
    if item[verb] ~= nil then
      return false
    end
  end
  return true
end

local function join_path(state, path)
  local document = state.document
  local item, here = document.paths[path], place.of("paths", path)
  local entries = read_implementation(item, here, state.noted)
  item[IMPLEMENTATION] = nil
  state.filled[item] = not is_empty(item)
  if not check_parameters(state, path, item, here) then
    return
  end
  for _, entry in ipairs(entries) do
    local definition = read_definition(state, entry)
    if definition then
      add_paths(state, path, item, entry, definition)
    end
  end
  if document.paths[path] == item and is_empty(item) then
    document.paths[path] = nil
  end
end

--- Joins in what the paths of a document implement. Raises what is wrong with that.
---@param document table
---@param path string  of its file
---@param find? fun(gem: string, name: string): table?, string?  the definition of an interface, and its
---  file, by the file's name without its extension
function interfaces.join(document, path, find)
  local state = { document = document, noted = problems.new(), find = find, filled = {} }
  local told = document[METADATA]
  if told ~= nil and shape.type(told) ~= "object" then
    state.noted:add(place.of(METADATA), "must be an object", "take it out: it is made here")
    state.noted:raise(path, "E222")
  end
  for _, name in ipairs(order.keys(document.paths)) do
    local item = document.paths[name]
    if type(item) == "table" and item[IMPLEMENTATION] ~= nil then
      join_path(state, name)
    end
  end
  state.noted:raise(path, "E222")
end

return interfaces
