--- Runs work over a graph: each id as soon as all it needs are done, independent ones side by side.
local loop = require "engine.local.loop"
local order = require "engine.order"
local references = require "engine.local.services.cloudformation.references"

local branches = {}

--- Calls `work(id)` in a task of its own for every id, and waits until no more can be done.
---
--- When one raises, its error is kept. With `halt`, nothing further is begun and `halt(id)` is called
--- once; without, only what needs the failed one is left out.
---@param needs table<string, table<string, true>>
---@param work fun(id: string)
---@param halt? fun(id: string)
---@return table<string, any> failures  id → what it raised; empty when all went well
function branches.run(needs, work, halt)
  local needed_by = references.reversed(needs)
  local missing, failures, active, halted = {}, {}, 0, false
  local over = loop.event()
  local begin

  local function finish(id, ok, problem)
    active = active - 1
    if not ok then
      failures[id] = problem
      if halt and not halted then
        halted = true
        halt(id)
      end
    elseif not halted then
      for _, other in ipairs(order.keys(needed_by[id])) do
        missing[other] = missing[other] - 1
        if missing[other] == 0 then
          begin(other)
        end
      end
    end
    if active == 0 then
      over:set()
    end
  end

  function begin(id)
    active = active + 1
    loop.spawn(function()
      finish(id, pcall(work, id))
    end)
  end

  local ready = {}
  for id, others in pairs(needs) do
    missing[id] = 0
    for other in pairs(others) do
      if needs[other] then
        missing[id] = missing[id] + 1
      end
    end
    if missing[id] == 0 then
      ready[id] = true
    end
  end
  for _, id in ipairs(order.keys(ready)) do
    begin(id)
  end
  if active > 0 then
    over:wait()
  end
  return failures
end

return branches
