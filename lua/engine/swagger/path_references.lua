--- Paths that are described elsewhere in the document: `"/a": { "$ref": "#/paths/~1b" }`. API Gateway does
--- not look there, so each gets what it refers to as its own.
local reference = require "engine.swagger.reference"
local twin = require "engine.twin"

local path_references = {}

--- Puts what is referred to in its place; what stands beside a reference is laid over it.
---@param document table  a valid one
---@return boolean changed
function path_references.resolve(document)
  local resolved = {}
  for path, item in pairs(document.paths) do
    if path:sub(1, 1) == "/" and reference.is(item) then -- else it is an extension
      local own = twin.deep(reference.follow(document, item))
      for name, value in pairs(item) do
        if name ~= "$ref" then
          own[name] = value
        end
      end
      resolved[path] = own
    end
  end
  for path, item in pairs(resolved) do
    document.paths[path] = item
  end
  return next(resolved) ~= nil
end

return path_references
