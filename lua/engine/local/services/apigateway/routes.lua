--- Which resource a path is: a segment that is said before one that is a variable, and that before one
--- that takes the rest. A path's variables keep their encoding, as in AWS.
local routes = {}
routes.__index = routes

---@class engine.local.services.apigateway.Routes
---@field exact table<string, table>  path → methods, of resources without variables
---@field root table                  node: { static = { segment → node }, variable?, greedy?, methods? }

local function split(path)
  local segments = {}
  for segment in path:gmatch "[^/]+" do
    table.insert(segments, segment)
  end
  return segments
end

local function new_node()
  return { static = {} }
end

local function add(self, path, methods)
  local node, names = self.root, {}
  for _, segment in ipairs(split(path)) do
    local greedy, variable = segment:match "^{(.+)%+}$", segment:match "^{(.+)}$"
    if greedy then
      table.insert(names, greedy)
      node.greedy = { methods = methods, names = names }
      return
    elseif variable then
      table.insert(names, variable)
      node.variable = node.variable or new_node()
      node = node.variable
    else
      node.static[segment] = node.static[segment] or new_node()
      node = node.static[segment]
    end
  end
  node.methods, node.names = methods, names
  if #names == 0 then
    self.exact[path] = methods
  end
end

--- Makes the table of an API's resources. A resource without methods is no route.
---@param resources { path: string, methods: table }[]
---@return engine.local.services.apigateway.Routes
function routes.new(resources)
  local self = setmetatable({ exact = {}, root = new_node() }, routes)
  for _, resource in ipairs(resources) do
    if next(resource.methods) then
      add(self, resource.path, resource.methods)
    end
  end
  return self
end

local function find(node, segments, place, values)
  local segment = segments[place]
  if not segment then
    return node.methods and node
  end
  local static = node.static[segment]
  local found = static and find(static, segments, place + 1, values)
  if not found and node.variable then
    values[#values + 1] = segment
    found = find(node.variable, segments, place + 1, values)
    if not found then
      values[#values] = nil
    end
  end
  if not found and node.greedy then
    values[#values + 1] = table.concat(segments, "/", place)
    found = node.greedy
  end
  return found
end

--- The methods of the resource that a path is, and the path's variables; nil when there is none. A
--- slash at the end does not count.
---@param path string  as on the request line
---@return table<string, table>? methods
---@return table<string, string> parameters
function routes:find(path)
  local exact = self.exact[path]
  if exact then
    return exact, {}
  end
  local values = {}
  local found = find(self.root, split(path), 1, values)
  if not found then
    return nil, {}
  end
  local parameters = {}
  for i, name in ipairs(found.names) do
    parameters[name] = values[i]
  end
  return found.methods, parameters
end

return routes
