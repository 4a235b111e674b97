--- Where in a document something stands: "paths./player.get.parameters[0]". A place is a link to the
--- one above it, so that walking a document makes no texts; one is made when there is a problem.
local place = {}

---@class engine.swagger.Place
---@field up? engine.swagger.Place
---@field key? string|integer  of a list: from 1, as Lua counts

--- The document itself.
---@type engine.swagger.Place
place.ROOT = {}

--- The place of what `key` leads to.
---@param up engine.swagger.Place
---@param key string|integer
---@return engine.swagger.Place
function place.below(up, key)
  return { up = up, key = key }
end

--- The place at the end of several keys.
---@param ... string|integer
---@return engine.swagger.Place
function place.of(...)
  local here = place.ROOT
  for _, key in ipairs { ... } do
    here = { up = here, key = key }
  end
  return here
end

-- At most 200 bytes, whole characters.
local function cut(name)
  return #name > 200 and name:sub(1, utf8.offset(name, 0, 198) - 1) .. "..." or name
end

-- Lists are counted from 0, as JSON's pointers and other tools do.
local function shown(key, is_first)
  if math.type(key) then
    return ("[%d]"):format(key - 1)
  end
  local name = cut(key)
  return is_first and name or "." .. name
end

--- As people read it; "the document" for the document itself.
---@param here engine.swagger.Place
---@return string
function place.text(here)
  local parts = {}
  while here.up do
    table.insert(parts, 1, shown(here.key, here.up.up == nil))
    here = here.up
  end
  return #parts > 0 and table.concat(parts) or "the document"
end

return place
