--- Which route of an HTTP API a request takes: the most specific path that has its method, `{name}`
--- behind what is spelled out, `{name+}` behind both, `$default` last.
---
---     local tree = paths.new()
---     paths.add(tree, "GET", "/pets/{id}", route)
---     local route, parameters = paths.find(tree, "GET", "/pets/3")  --> route, { id = "3" }
local received = require "engine.local.http.received"

local paths = {}

--- A segment of a path, and what follows it.
---@class engine.local.services.apigatewayv2.Node
---@field exact table<string, engine.local.services.apigatewayv2.Node>
---@field variables { name: string, node: engine.local.services.apigatewayv2.Node }[]
---@field greedy? { name: string, routes: table<string, any> }
---@field routes table<string, any>  by method; "ANY"

---@return engine.local.services.apigatewayv2.Node
function paths.new()
  return { exact = {}, variables = {}, routes = {} }
end

-- Routes whose variables have other names are other routes: each name has a node of its own.
local function variable_node(node, name)
  for _, variable in ipairs(node.variables) do
    if variable.name == name then
      return variable.node
    end
  end
  local made = paths.new()
  table.insert(node.variables, { name = name, node = made })
  return made
end

--- Adds a route.
---@param tree engine.local.services.apigatewayv2.Node
---@param method string  "GET", "ANY"
---@param path string    "/pets/{id}"
---@param route any
function paths.add(tree, method, path, route)
  local node = tree
  for segment in path:sub(2):gmatch "[^/]+" do
    local greedy, variable = segment:match "^{(.+)%+}$", segment:match "^{(.+)}$"
    if greedy then
      node.greedy = node.greedy or { name = greedy, routes = {} }
      node.greedy.routes[method] = route
      return
    elseif variable then
      node = variable_node(node, variable)
    else
      node.exact[segment] = node.exact[segment] or paths.new()
      node = node.exact[segment]
    end
  end
  if path:sub(-1) == "/" and path ~= "/" then
    node.exact[""] = node.exact[""] or paths.new()
    node = node.exact[""]
  end
  node.routes[method] = route
end

local function of_method(routes, method)
  return routes[method] or routes.ANY
end

local search

local function search_greedy(node, segments, at, method, parameters)
  local greedy = node.greedy
  local route = greedy and at <= #segments and of_method(greedy.routes, method)
  if route then
    parameters[greedy.name] = table.concat(segments, "/", at)
  end
  return route
end

local function search_variables(node, segments, at, method, parameters)
  if segments[at] == "" then
    return nil -- a variable is never empty
  end
  for _, variable in ipairs(node.variables) do
    local route = search(variable.node, segments, at + 1, method, parameters)
    if route then
      parameters[variable.name] = segments[at]
      return route
    end
  end
end

function search(node, segments, at, method, parameters)
  if at > #segments then
    return of_method(node.routes, method)
  end
  local exact = node.exact[segments[at]]
  return exact and search(exact, segments, at + 1, method, parameters)
    or search_variables(node, segments, at, method, parameters)
    or search_greedy(node, segments, at, method, parameters)
end

local MOST_SEGMENTS <const> = 200

-- "/pets/a%20b" → { "pets", "a b" }; nil for more than anybody's API has.
local function split(path)
  local segments = {}
  if path == "/" or path == "" then
    return segments
  end
  for segment in (path:sub(2) .. "/"):gmatch "(.-)/" do
    if #segments == MOST_SEGMENTS then
      return nil
    end
    table.insert(segments, received.decoded(segment))
  end
  return segments
end

--- The route of a request.
---@param tree engine.local.services.apigatewayv2.Node
---@param method string
---@param path string  as on the request line, behind the stage
---@return any route   nil: none
---@return table<string, string>? parameters  decoded
function paths.find(tree, method, path)
  local segments, parameters = split(path), {}
  local route = segments and search(tree, segments, 1, method, parameters)
  if not route then
    return nil
  end
  return route, next(parameters) and parameters or nil
end

return paths
