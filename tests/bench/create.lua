-- A create, an update and a delete of examples/01-hello on the AWS endpoint that AWS_ENDPOINT_URL
-- names (tests/peers/with-moto starts one).
local figures = require "figures"
local file = require "host.file"

local laconic = file.program()
local work = assert(file.temporary_folder())
local cleanup <close> = setmetatable({}, {
  __close = function()
    assert(file.remove_tree(work))
  end,
})
assert(cleanup)

local text = assert(file.read "examples/01-hello/service.lua")
local created, updated = {}, {}
for i = 1, 9 do
  local name = "bench" .. i
  local folder = work .. "/" .. name
  assert(file.make_folder(folder))
  local service = text:gsub('name = "hello"', ('name = "%s"'):format(name), 1)
  assert(file.write(folder .. "/service.lua", service))
  created[i] = figures.time(function()
    figures.run { laconic, "provision", cwd = folder }
  end)
  assert(file.write(folder .. "/service.lua", service .. "-- edited\n"))
  updated[i] = figures.time(function()
    figures.run { laconic, "provision", cwd = folder }
  end)
  figures.run { laconic, "delete", cwd = folder }
end
table.sort(created)
table.sort(updated)
figures.print("create on moto", created)
figures.print("update on moto", updated)
