--- `$ref`: where it leads, within the document and nowhere else.
local json = require "host.json"

local reference = {}

local MOST_HOPS <const> = 32 -- from reference to reference

-- One step of a JSON pointer: "~1" is "/", "~0" is "~", and in a URL "%7B" is "{".
local function unescape(token)
  token = token:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  return (token:gsub("~1", "/"):gsub("~0", "~"))
end

local function step(value, token)
  if type(value) ~= "table" then
    return nil
  elseif json.is_array(value) then
    local index = token:match "^%d+$" and math.tointeger(token)
    return index and value[index + 1]
  end
  return value[token]
end

--- What a pointer such as "#/definitions/Player" leads to; nil when it leads nowhere.
---@param document table
---@param pointer string
---@return any
function reference.find(document, pointer)
  if pointer == "#" or pointer == "" then
    return document
  end
  local path = pointer:match "^#/(.*)$"
  if not path then
    return nil
  end
  local value = document
  for token in (path .. "/"):gmatch "([^/]*)/" do
    value = step(value, unescape(token))
    if value == nil then
      return nil
    end
  end
  return value
end

--- What a pointer calls in that section of the document: "Player" of "#/definitions/Player".
---@param pointer string
---@param section string[]  { "definitions" }
---@return string?
function reference.name(pointer, section)
  local prefix = "#/" .. table.concat(section, "/") .. "/"
  local rest = pointer:sub(1, #prefix) == prefix and pointer:sub(#prefix + 1)
  return rest and not rest:find("/", 1, true) and unescape(rest) or nil
end

--- Whether the value is a reference: an object with a text called `$ref`.
---@param value any
---@return boolean
function reference.is(value)
  return type(value) == "table" and type(value["$ref"]) == "string"
end

--- Follows references until there is something else.
---@param document table
---@param value any
---@return any value      nil when they lead nowhere
---@return string? problem  why they do
function reference.follow(document, value)
  for _ = 1, MOST_HOPS do
    if not reference.is(value) then
      return value
    end
    local pointer = value["$ref"]
    if pointer:sub(1, 1) ~= "#" then
      return nil, ("'%s' leads out of the document"):format(pointer)
    end
    value = reference.find(document, pointer)
    if value == nil then
      return nil, ("'%s' leads nowhere"):format(pointer)
    end
  end
  return nil, "references lead to each other in a circle"
end

return reference
