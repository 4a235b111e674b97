-- What a build's stages take: the least of several runs in one process, modules loaded.
-- laconic run tests/bench/stages.lua [SERVICE.lua]; without one, services of 10, 100 and 1,000.
local clock = require "host.clock"
local failure = require "engine.failure"
local figures = require "figures"
local provision = require "engine.provision"
local services = require "services"

local RUNS <const> = 7

-- Begins a stopwatch that is told each stage's name as it begins.
local function new_watch(least, order)
  local name, began
  return function(next_name)
    local now = clock.monotonic()
    if name then
      if not least[name] then
        table.insert(order, name)
      end
      least[name] = math.min(least[name] or math.huge, now - began)
    end
    name, began = next_name, clock.monotonic()
  end
end

local function measure(what, path)
  local least, order = {}, {}
  for _ = 1, RUNS do
    collectgarbage()
    local watch = new_watch(least, order)
    local progress = {
      stage = function(_, name)
        watch(name)
      end,
    }
    local ok, problem = pcall(provision.build, path, {
      bucket = "b",
      params = {},
      tags = {},
      progress = progress,
    })
    watch(nil)
    if not ok and not failure.is(problem, "invalid") then -- too many resources: written, and told
      error(problem, 0)
    end
  end
  local parts = {}
  for i, name in ipairs(order) do
    parts[i] = ("%s %.1f"):format(name, least[name] * 1000)
  end
  print(("%-46s %s (ms)"):format("stages, " .. what, table.concat(parts, "  ")))
end

if arg[1] then
  measure(arg[1], arg[1])
  return
end
figures.with_folder(function(folder)
  for _, count in ipairs { 10, 100, 1000 } do
    measure(("%d functions"):format(count), services.write(folder .. "/" .. count, count))
  end
end)
