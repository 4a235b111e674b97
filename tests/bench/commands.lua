-- How long the program takes to start, and `provision --noop` for services of 1 to 1,000 functions.
local figures = require "figures"
local file = require "host.file"
local services = require "services"

local laconic = file.program()
local RUNS = 21

local function run_noop(folder)
  -- 4: more than 500 resources, which is reported after the artifacts were written.
  return figures.run({ laconic, "provision", "--noop", "--bucket", "b", cwd = folder }, { 0, 4 })
end

figures.print("a process that does nothing, for comparison", figures.measure(RUNS, function()
  figures.run { "true" }
end))
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
    services.write(folder .. "/" .. count, count)
    measure_noop(("%d functions"):format(count), folder .. "/" .. count, RUNS)
  end
end)
