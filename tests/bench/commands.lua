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

local work = assert(file.temporary_folder())
local cleanup <close> = setmetatable({}, {
  __close = function()
    assert(file.remove_tree(work))
  end,
})
assert(cleanup)

figures.print("laconic version", figures.measure(RUNS, function()
  figures.run { laconic, "version" }
end))

for _, count in ipairs { 1, 10, 100, 300, 1000 } do
  local folder = work .. "/" .. count
  write_service(folder, count)
  local memory = 0
  local durations = figures.measure(count > 100 and 7 or RUNS, function()
    memory = math.max(memory, run_noop(folder).max_memory or 0)
  end)
  figures.print(("provision --noop, %d functions"):format(count), durations,
    ("peak %.1f MiB"):format(memory / 1048576))
end
