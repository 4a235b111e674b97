--- The shapes of an imported document's parts: what is not there is empty, what is of another shape
--- refuses the document, by its place.
local fault = require "engine.local.fault"
local json = require "host.json"

local import_shape = {}

local function complain(place, shape)
  fault.raise("BadRequestException",
    ("Unable to parse API definition: %s must be %s"):format(place, shape))
end

local function is_absent(value)
  return value == nil or value == json.null
end

--- An object: {} when there is none.
---@param value any
---@param place string  "paths./pets.get"
---@return table
function import_shape.map(value, place)
  if is_absent(value) then
    return {}
  elseif type(value) ~= "table" or json.is_array(value) then
    complain(place, "an object")
  end
  return value
end

--- A list: {} when there is none.
---@return table
function import_shape.list(value, place)
  if is_absent(value) then
    return {}
  elseif type(value) ~= "table" or not json.is_array(value) and next(value) ~= nil then
    complain(place, "a list")
  end
  return value
end

--- A text, or nil.
---@return string?
function import_shape.text(value, place)
  if is_absent(value) then
    return nil
  elseif type(value) ~= "string" then
    complain(place, "a text")
  end
  return value
end

--- A list of texts: {} when there is none.
---@return string[]
function import_shape.texts(value, place)
  for _, item in ipairs(import_shape.list(value, place)) do
    if type(item) ~= "string" then
      complain(place, "a list of texts")
    end
  end
  return is_absent(value) and {} or value
end

return import_shape
