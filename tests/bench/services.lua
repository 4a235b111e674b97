-- Services to measure with: as many functions as one wants, each with a role and a log group.
local file = require "host.file"

local services = {}

local HEAD = [[
local laconic = require "laconic"
local service = laconic.service { name = "bench" }
]]

local FUNCTION = [[
service:lambda {
  name = "f%d",
  memory = 256,
  environment = { INDEX = "%d" },
  handler = function(event)
    return event
  end,
}
]]

--- Writes a service of `count` functions and returns its path.
function services.write(folder, count)
  local parts = { HEAD }
  for i = 1, count do
    table.insert(parts, FUNCTION:format(i, i))
  end
  table.insert(parts, "return service\n")
  local path = folder .. "/service.lua"
  assert(file.make_folder(folder))
  assert(file.write(path, table.concat(parts)))
  return path
end

return services
