--- Values → the XML that AWS answers with.
---
--- A table with named fields becomes child elements, in byte order of their names; a list under the
--- name `Stacks` becomes `<Stacks><member>…</member></Stacks>`, unless `markup.flat` marks it: then
--- the element itself is repeated, as S3 does. nil is left out, "" is an empty element.
---
---     markup.document("R", nil, { Tags = { { Key = "a" } }, Part = markup.flat { 1, 2 } })
---     --> <R><Part>1</Part><Part>2</Part><Tags><member><Key>a</Key></member></Tags></R>
local order = require "engine.order"
local xml = require "host.xml"

local markup = {}

local FLAT = {}

--- Marks a list as repeated elements without a `member` around each.
---@generic T: table
---@param list T
---@return T
function markup.flat(list)
  return setmetatable(list, FLAT)
end

local add

local function add_fields(out, value)
  for _, name in ipairs(order.keys(value)) do
    add(out, name, value[name])
  end
end

local function add_content(out, value)
  if type(value) ~= "table" then
    table.insert(out, xml.escape(tostring(value)))
  elseif #value > 0 then
    for _, item in ipairs(value) do
      add(out, "member", item)
    end
  else
    add_fields(out, value)
  end
end

function add(out, name, value, attributes)
  if getmetatable(value) == FLAT then
    for _, item in ipairs(value) do
      add(out, name, item)
    end
    return
  end
  table.insert(out, "<" .. name .. (attributes or "") .. ">")
  add_content(out, value)
  table.insert(out, "</" .. name .. ">")
end

--- One whole document, with its declaration.
---@param name string
---@param namespace? string
---@param value any
---@return string
function markup.document(name, namespace, value)
  local out = { '<?xml version="1.0" encoding="UTF-8"?>\n' }
  add(out, name, value, namespace and ' xmlns="' .. namespace .. '"')
  return table.concat(out)
end

return markup
