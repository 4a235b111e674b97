--- Paths that are described elsewhere in the document: `"/a": { "$ref": "#/paths/~1b" }`. API Gateway does
--- not look there, so each gets what it refers to as its own.
local reference = require "engine.swagger.reference"
local twin = require "engine.twin"

local path_references = {}

--- A path's item of its own out of one that is a reference: what stands beside that is laid over what it
--- leads to.
---@param item table    with a `$ref`
---@param target table  what it leads to
---@return table
function path_references.own(item, target)
  local own = twin.deep(target)
  for name, value in pairs(item) do
    if name ~= "$ref" then
      own[name] = value
    end
  end
  return own
end

--- Puts what is referred to in its place.
---@param document table  a valid one
---@return boolean changed
function path_references.resolve(document)
  local resolved = {}
  for path, item in pairs(document.paths) do
    if path:sub(1, 1) == "/" and reference.is(item) then -- else it is an extension
      resolved[path] = path_references.own(item, reference.follow(document, item))
    end
  end
  for path, item in pairs(resolved) do
    document.paths[path] = item
  end
  return next(resolved) ~= nil
end

return path_references
