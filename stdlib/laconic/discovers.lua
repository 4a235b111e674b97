--- What a function can say that it `discovers`. Its handler reads it with laconic.discovery.
---@module "laconic.discovers"
local check = require "engine.check"
local handle = require "laconic.handle"

local discovers = {}

local function test_attribute(name)
  if not name:match "^[%w_.]+$" then
    return ("'%s' is not an attribute such as 'Arn'"):format(name)
  end
end

local ATTRIBUTE = { type = "string", test = test_attribute }

local ENTRY = {
  resource = { type = { "string", "table" }, required = true },
  attributes = { each = ATTRIBUTE },
}

--- What a function discovers: as it was said → a list of { id, attributes }.
---@param value true|table
---@return { id: string, attributes: string[] }[]
function discovers.read(value)
  if value == true then
    return {}
  end
  check.value("lambda.discovers", value, { each = { type = { "string", "table" } } })
  local list = {}
  for i, item in ipairs(value) do
    local name = ("lambda.discovers[%d]"):format(i)
    if type(item) == "string" or handle.kind(item) then
      item = { resource = item }
    end
    check.fields(name, item, ENTRY)
    local ids = handle.ids(name .. ".resource", { item.resource })
    table.insert(list, { id = ids[1], attributes = item.attributes or {} })
  end
  return list
end

return discovers
