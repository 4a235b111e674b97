-- How long the program takes to start, and `provision --noop` for services of 1 to 1,000 functions.
local figures = require "figures"
local file = require "host.file"

local laconic = file.program()
local RUNS = 21

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

local function write_service(folder, count)
  local head = [[local laconic = require "laconic"
local service = laconic.service { name = "bench" }
]]
  local parts = { head }
  for i = 1, count do
    table.insert(parts, FUNCTION:format(i, i))
  end
  table.insert(parts, "return service\n")
  assert(file.make_folder(folder))
  assert(file.write(folder .. "/service.lua", table.concat(parts)))
end

local function run_noop(folder)
  -- 4: more than 500 resources, which is reported after the artifacts were written.
  return figures.run({ laconic, "provision", "--noop", "--bucket", "b", cwd = folder }, { 0, 4 })
end

figures.print("laconic version", figures.measure(RUNS, function()
  figures.run { laconic, "version" }
end))

local function measure_noop(what, folder, runs)
  local memory = 0
  local durations = figures.measure(runs, function()
    memory = math.max(memory, run_noop(folder).max_memory or 0)
  end)
  figures.print("provision --noop, " .. what, durations, ("peak %.1f MiB"):format(memory / 1048576))
end

figures.with_folder(function(folder)
  assert(file.copy("examples/01-hello/service.lua", folder .. "/service.lua"))
  measure_noop("01-hello", folder, RUNS)
  for _, count in ipairs { 1, 10, 100, 300, 1000 } do
    write_service(folder .. "/" .. count, count)
    measure_noop(("%d functions"):format(count), folder .. "/" .. count, RUNS)
  end
end)
