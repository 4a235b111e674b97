--- OpenAPI 3.1 told in the words of 3.0, which is all that API Gateway reads. What 3.0 has no words for
--- only narrows what is valid, and is left out.
---
---     { "type": ["string", "null"] }   →   { "type": "string", "nullable": true }
local json = require "host.json"
local path_references = require "engine.swagger.path_references"
local place = require "engine.swagger.place"
local reference = require "engine.swagger.reference"
local schema_31 = require "engine.swagger.schema_31"
local shape = require "engine.swagger.shape"
local shapes = require "engine.swagger.shapes_3"

local openapi_31 = {}

openapi_31.VERSION = "3.0.3" -- that a document has afterwards

--- What is left out, and where it was.
---@class engine.swagger.LeftOut
---@field name string
---@field here engine.swagger.Place

local walk

local function walk_items(rule, value, here, run)
  for key, item in pairs(value) do
    value[key] = walk(rule, item, place.below(here, key), run)
  end
end

local function walk_fields(its, value, here, run)
  for name, item in pairs(value) do
    local rule = its.fields[name]
    if rule then
      value[name] = walk(rule, item, place.below(here, name), run)
    end
  end
end

-- Looks for schemas as the shapes of 3.0 say where they are. Returns what stands in the place of a value.
-- What is of another shape stays as it is, to be told of when the document is validated.
function walk(rule, value, here, run)
  if rule == "schema" then
    value = schema_31.lower(value, here, run)
  end
  local kind = shape.type(value)
  local its = type(rule) == "string" and shapes[rule]
  local parts = type(rule) == "table"
    and (kind == "object" and rule.map or kind == "list" and rule.list)
  if its and its.fields and kind == "object" and not run.seen[value] then
    run.seen[value] = true
    if its.reference == "only" and reference.is(value) then
      value.summary, value.description = nil, nil
    end
    walk_fields(its, value, here, run)
  elseif parts then
    walk_items(parts, value, here, run)
  elseif type(rule) == "table" and rule.either then
    return walk(rule.either[kind], value, here, run)
  end
  return value
end

local function object(value)
  return shape.type(value) == "object" and value or {}
end

-- Paths may stand among the components, where 3.0 does not look.
local function bring_home_paths(document, components)
  for path, item in pairs(object(document.paths)) do
    local target = reference.is(item) and item["$ref"]:find "^#/components/pathItems/"
      and reference.follow(document, item)
    if type(target) == "table" then
      document.paths[path] = path_references.own(item, target)
    end
  end
  components.pathItems = nil
end

local function add_responses(document)
  for _, item in pairs(object(document.paths)) do
    for name, rule in pairs(shapes.path_item.fields) do
      local operation = rule == "operation" and object(item)[name]
      if shape.type(operation) == "object" and operation.responses == nil then
        operation.responses = { default = { description = "" } }
      end
    end
  end
end

local function leave_out(document, names, run)
  for _, name in ipairs(names) do
    if document[name] ~= nil then
      table.insert(run.left_out, { name = name, here = place.ROOT })
      document[name] = nil
    end
  end
end

--- Whether a document is written in 3.1.
---@param document table
---@return boolean
function openapi_31.is(document)
  return type(document.openapi) == "string" and document.openapi:find "^3%.1%.%d+$" ~= nil
end

--- Makes 3.0 of it, in place.
---@param document table
---@return engine.swagger.LeftOut[]
function openapi_31.lower(document)
  local run = { document = document, left_out = {}, seen = {} }
  document.openapi = openapi_31.VERSION
  document.jsonSchemaDialect = nil
  document.paths = document.paths == nil and json.object {} or document.paths
  leave_out(document, { "webhooks" }, run)
  local info = object(document.info)
  info.summary, object(info.license).identifier = nil, nil
  bring_home_paths(document, object(document.components))
  add_responses(document)
  walk("document", document, place.ROOT, run)
  return run.left_out
end

local MOST_NAMED <const> = 5

--- What is to be said of what was left out; nil when nothing was.
---@param left_out engine.swagger.LeftOut[]
---@return string?
function openapi_31.warning(left_out)
  local texts = {}
  for i, entry in ipairs(left_out) do
    texts[i] = ("%s of %s"):format(entry.name, place.text(entry.here))
  end
  if #texts == 0 then
    return nil
  end
  table.sort(texts)
  local more = #texts > MOST_NAMED and (" and %d more"):format(#texts - MOST_NAMED) or ""
  return "API Gateway reads OpenAPI 3.0, which has no word for "
    .. table.concat(texts, ", ", 1, math.min(#texts, MOST_NAMED)) .. more .. ": left out"
end

return openapi_31
