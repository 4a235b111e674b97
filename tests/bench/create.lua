-- A create, an update and a delete of examples/01-hello on the AWS endpoint that AWS_ENDPOINT_URL
-- names (tests/peers/with-moto starts one).
local figures = require "figures"
local file = require "host.file"

local laconic = file.program()
local text = assert(file.read "examples/01-hello/service.lua")
local created, updated = {}, {}

local function provision(folder)
  return figures.time(function()
    figures.run { laconic, "provision", cwd = folder }
  end)
end

figures.with_folder(function(work)
  for i = 0, 9 do -- the first makes the bucket, and moto load itself, and is not counted
    local name = "bench" .. i
    local folder = work .. "/" .. name
    assert(file.make_folder(folder))
    local service = text:gsub('name = "hello"', ('name = "%s"'):format(name), 1)
    assert(file.write(folder .. "/service.lua", service))
    created[i] = provision(folder)
    assert(file.write(folder .. "/service.lua", service .. "-- edited\n"))
    updated[i] = provision(folder)
    figures.run { laconic, "delete", cwd = folder }
  end
end)
created[0], updated[0] = nil, nil
figures.print("create on moto", figures.sorted(created))
figures.print("update on moto", figures.sorted(updated))
