--- What a resource waits for by its name alone.
local depends_on = {}

--- Lets a resource wait for others, too. What was said of that before comes first.
---@param resource table
---@param ids string[]
function depends_on.add(resource, ids)
  local said = resource.DependsOn
  local list, listed = {}, {}
  for _, id in ipairs(type(said) == "table" and said or { said }) do
    table.insert(list, id)
    listed[id] = true
  end
  for _, id in ipairs(ids) do
    table.insert(list, not listed[id] and id or nil)
  end
  resource.DependsOn = #list > 0 and list or nil
end

return depends_on
