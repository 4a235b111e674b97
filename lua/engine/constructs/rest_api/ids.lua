--- Logical ids of what a REST API becomes: "EchoApi", "EchoApiGetTodosMethod". They depend on what
--- they name alone, so that another method, or another order, never changes one that is deployed.
local digest = require "host.digest"

local ids = {}

local READABLE = 100 -- characters of a path

-- "/todos" → "Todos". What this does not tell apart is told by a hash: "/a/{id}" → "AId0a1b2c3d".
local function path_part(path)
  local is_plain = true
  for segment in path:gmatch "[^/]+" do
    is_plain = is_plain and segment:match "^%l[%l%d]*$" ~= nil
  end
  local readable = path:gsub("%f[%w]%l", string.upper):gsub("%W", "")
  if is_plain and #readable <= READABLE then
    return readable
  end
  return readable:sub(1, READABLE) .. digest.sha256(path):sub(1, 8)
end

--- Of the API itself; all others begin with it.
function ids.api(words)
  return words.stem .. "Api"
end

--- Of the mapping that holds its templates.
function ids.templates(words)
  return ids.api(words) .. "Templates"
end

--- Of the resource at a path: not of "/", which is there with the API.
function ids.resource(words, path)
  return ids.api(words) .. path_part(path) .. "Resource"
end

--- Of something about one method.
---@param role string  "Method", "Permission", "Model"
function ids.method(words, verb, path, role)
  return ids.api(words) .. verb:sub(1, 1) .. verb:sub(2):lower() .. path_part(path) .. role
end

--- Of the model that one method has for bodies of a type.
function ids.model(words, method, content_type)
  local type_part = content_type == "application/json" and ""
    or content_type:gsub("%f[%w]%l", string.upper):gsub("%W", "")
      .. digest.sha256(content_type):sub(1, 8)
  return ids.method(words, method.verb, method.path, type_part .. "Model")
end

return ids
