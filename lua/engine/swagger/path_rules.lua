--- What must be so of paths, and of operations beside each other: each parameter of a path declared,
--- none twice, no two paths alike, no two operations of one name.
local order = require "engine.order"
local place = require "engine.swagger.place"
local reference = require "engine.swagger.reference"

local path_rules = {}

--- The methods that an operation may have.
path_rules.VERBS = { "delete", "get", "head", "options", "patch", "post", "put" }

-- The names in a path: whole segments, "{id}", or "{proxy+}", which takes the rest.
local function names_in(path, here, checker)
  local names, list = {}, {}
  for segment in path:gmatch "[^/]+" do
    local name = segment:match "^{([^{}]+)}$"
    name = name and name:gsub("%+$", "")
    if name and names[name] then
      checker:add(here, ("has the parameter '%s' twice"):format(name), "rename one of the two")
    elseif name then
      names[name] = true
      table.insert(list, name)
    elseif segment:find "[{}]" then
      checker:add(here, ("'%s' is no whole parameter"):format(segment),
        "let a parameter be all between two slashes: /{name}/")
      for part in segment:gmatch "{([^{}]+)}" do
        names[part] = true -- who declares it is told once
      end
    end
  end
  return names, list
end

local function list_of(value)
  return type(value) == "table" and value or {}
end

-- Parameters in the order in which they are said, each with its place; those of the path only when
-- the operation has none of that name and location.
local function effective(document, operation, item, here)
  local list, taken = {}, {}
  for _, origin in ipairs {
    { operation.parameters, place.below(here, "parameters") },
    { item.parameters, place.below(here.up, "parameters") },
  } do
    local shadow = {}
    for i, entry in ipairs(list_of(origin[1])) do
      local parameter = reference.follow(document, entry)
      if type(parameter) == "table" and type(parameter.name) == "string" then
        local key = tostring(parameter["in"]) .. " " .. parameter.name
        if not taken[key] then
          table.insert(list, { value = parameter, here = place.below(origin[2], i) })
        end
        shadow[key] = true
      end
    end
    for key in pairs(shadow) do
      taken[key] = true
    end
  end
  return list
end

local function check_twice(document, parameters, here, checker)
  local seen = {}
  for i, entry in ipairs(list_of(parameters)) do
    local parameter = reference.follow(document, entry)
    if type(parameter) == "table" then
      local key = tostring(parameter["in"]) .. " " .. tostring(parameter.name)
      if seen[key] then
        checker:add(place.below(place.below(here, "parameters"), i),
          ("the %s parameter '%s' is there already"):format(parameter["in"], parameter.name),
          "rename or remove one of the two")
      end
      seen[key] = true
    end
  end
end

local function check_path_parameters(list, names, in_order, here, checker)
  local declared = {}
  for _, entry in ipairs(list) do
    local parameter = entry.value
    if parameter["in"] == "path" then
      declared[parameter.name] = true
      if not names[parameter.name] then
        checker:add(entry.here, ("the path has no parameter '%s'"):format(parameter.name),
          "add it to the path in braces, or declare it in another place")
      elseif parameter.required ~= true then
        checker:add(entry.here, ("the path parameter '%s' must be required")
          :format(parameter.name), "add \"required\": true")
      end
    end
  end
  for _, name in ipairs(in_order) do
    if not declared[name] then
      checker:add(here, ("the path parameter '%s' is not declared"):format(name),
        "add it to 'parameters', with \"in\": \"path\"")
    end
  end
end

local function check_bodies(list, here, checker)
  local kinds = {}
  for _, entry in ipairs(list) do
    kinds[tostring(entry.value["in"])] = true
  end
  if kinds.body and kinds.formData then
    checker:add(here, "has a body and form data, which share one place", "keep one of the two")
  end
end

-- "/player/{id}" and "/player/{name}" are one path to who asks.
local function check_overlap(paths, here, checker)
  local seen = {}
  for _, path in ipairs(order.keys(paths)) do
    local bare = path:gsub("{[^{}/]*}", "{}")
    if seen[bare] and path:sub(1, 1) == "/" then
      checker:add(place.below(here, path), ("is the same path as '%s'"):format(seen[bare]),
        "join the two")
    end
    seen[bare] = path
  end
end

local function check_name(operation, here, state)
  local id = operation.operationId
  if type(id) == "string" and state.names[id] then
    state.checker:add(place.below(here, "operationId"),
      ("'%s' is the name of %s"):format(id, state.names[id]), "rename one of the two")
  elseif type(id) == "string" then
    state.names[id] = place.text(here)
  end
end

local function check_item(state, path, item, here)
  local document, checker = state.document, state.checker
  local names, in_order = names_in(path, here, checker)
  check_twice(document, item.parameters, here, checker)
  for _, verb in ipairs(path_rules.VERBS) do
    local operation = item[verb]
    if type(operation) == "table" then
      local below = place.below(here, verb)
      local list = effective(document, operation, item, below)
      check_twice(document, operation.parameters, below, checker)
      check_path_parameters(list, names, in_order, below, checker)
      check_bodies(list, below, checker)
      check_name(operation, below, state)
    end
  end
end

--- All paths of a document.
---@param document table
---@param checker engine.swagger.Checker
function path_rules.check(document, checker)
  local here = place.of "paths"
  local state = { document = document, checker = checker, names = {} }
  for _, path in ipairs(order.keys(document.paths)) do
    local item = document.paths[path]
    if path:sub(1, 1) == "/" and type(item) == "table" then
      check_item(state, path, item, place.below(here, path))
    end
  end
  check_overlap(document.paths, here, checker)
end

--- The parameters of an operation as they are effective: its own, then the path's that it does not
--- shadow. References are followed.
---@param document table
---@param operation table
---@param item table
---@param here engine.swagger.Place  of the operation
---@return { value: table, here: engine.swagger.Place }[]
path_rules.effective = effective

return path_rules
