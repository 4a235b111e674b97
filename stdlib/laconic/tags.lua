--- What can be said of tags, which functions and services have alike.
---@module "laconic.tags"
local check = require "engine.check"

local tags = {}

local MOST = 50

--- Checks tags: the keys as AWS takes them, the values texts or intrinsics.
---@param name string
---@param said table<string, any>
function tags.check(name, said)
  local count = 0
  for key, value in pairs(said) do
    local field = ("%s.%s"):format(name, tostring(key))
    check.value(field .. " (the key)", key, { type = "string", least = 1, most = 128 })
    if key:match "^[aA][wW][sS]:" then
      check.fail("E105", field .. ": 'aws:' is AWS's own")
    end
    check.value(field, value, { type = "text", most = 256 })
    count = count + 1
  end
  if count > MOST then
    check.fail("E104", ("%s: must be at most %d, got %d"):format(name, MOST, count))
  end
end

return tags
