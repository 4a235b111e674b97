--- Lists in pages, as Lambda gives them: Marker in, NextMarker out.
local fault = require "engine.local.fault"
local json = require "host.json"

local pages = {}

local LARGEST <const> = 50

--- One page of a list as an answer.
---@param name string   the field that holds the items
---@param list table[]
---@param params { Marker?: string, MaxItems?: string }
---@return table
function pages.answer(name, list, params)
  local from = params.Marker and math.tointeger(tonumber(params.Marker)) or 0
  local size = math.tointeger(tonumber(params.MaxItems or LARGEST))
  if params.Marker and from == 0 or from < 0 or not size or size < 1 then
    fault.raise("InvalidParameterValueException", "Marker or MaxItems is not valid")
  end
  size = math.min(size, LARGEST)
  local stop = math.min(from + size, #list)
  return {
    [name] = json.array(table.move(list, from + 1, stop, 1, {})),
    NextMarker = stop < #list and tostring(stop) or nil,
  }
end

return pages
