--- What every operation on a stack is made of: a run with its aim, a way through its resources, and an
--- end.
local branches = require "engine.local.services.cloudformation.branches"
local json = require "host.json"
local live = require "engine.local.services.cloudformation.live"
local loop = require "engine.local.loop"
local order = require "engine.order"
local references = require "engine.local.services.cloudformation.references"
local scope = require "engine.local.services.cloudformation.scope"
local steps = require "engine.local.services.cloudformation.steps"
local store = require "engine.local.services.cloudformation.store"

local flow = {}

local running = setmetatable({}, { __mode = "k" }) -- stack → its run in this process

--- Begins the account of an operation in this process.
function flow.new(cloud, stack, resumed)
  local run = {
    cloud = cloud,
    stack = stack,
    resumed = resumed,
    halted = false,
    waits = {},
    over = loop.event(),
  }
  running[stack] = run
  return run
end

--- The operation of a stack that runs in this process.
function flow.of(stack)
  return running[stack]
end

--- Says that it is over.
function flow.close(run)
  running[run.stack] = nil
  run.over:set()
end

--- Gives the run the template that it is to bring about.
function flow.aim(run)
  local stack = run.stack
  run.body, run.values = json.decode(stack.template), stack.parameters
  stack.imports = json.object {}
  run.scope = live.scope(run.cloud, stack, run.body, run.values, stack.imports)
  run.live = scope.live(run.body, run.scope)
  run.needs = {}
  for id, resource in pairs(run.live) do
    run.needs[id] = references.needs(resource, function(name)
      return run.live[name]
    end, run.scope.condition)
  end
end

--- Nothing new is begun; who waits for the world outside is woken.
function flow.halt(run)
  run.halted = true
  for event in pairs(run.waits) do
    event:set()
  end
end

--- Moves the operation to another phase, and the stack to another status.
function flow.set_phase(run, phase, status, reason)
  run.stack.operation.phase = phase
  run.halted = false
  store.set_status(run.cloud, run.stack, status, reason)
end

--- AWS's sentence for what failed.
function flow.failed_text(verb, failures)
  return ("The following resource(s) failed to %s: [%s]. "):format(verb,
    table.concat(order.keys(failures), ", "))
end

--- The run's resources in the order of their needs, `work` on each; nil when all went well, else why
--- not. `verb_of` tells what failed, for the words.
function flow.go_through(run, work, verb_of)
  local failures = branches.run(run.needs, function(id)
    if not run.halted then
      work(run, id)
    end
  end, function()
    flow.halt(run)
  end)
  if run.halt_reason then
    return run.halt_reason
  elseif next(failures) == nil then
    return nil
  end
  local by_verb = {}
  for id, problem in pairs(failures) do
    local verb = verb_of(id)
    by_verb[verb] = by_verb[verb] or {}
    by_verb[verb][id] = problem
  end
  local text = ""
  for _, verb in ipairs(order.keys(by_verb)) do
    text = text .. flow.failed_text(verb, by_verb[verb])
  end
  return text
end

--- For each record, those that need it.
function flow.reversed_needs(records)
  local needs = {}
  for id, record in pairs(records) do
    needs[id] = {}
    for _, other in ipairs(record.needs or {}) do
      if records[other] then
        needs[id][other] = true
      end
    end
  end
  return references.reversed(needs)
end

--- Takes records away, each after those that need it; what failed, by id.
function flow.delete_all(run, records, options_of)
  return branches.run(flow.reversed_needs(records), function(id)
    local record = records[id]
    steps.delete(run, record.logical_id or id, record, options_of(id))
  end)
end

--- Drops the records of resources that are gone.
function flow.forget_deleted(stack)
  for id, record in pairs(stack.resources) do
    if record.status == "DELETE_COMPLETE" or record.status == "DELETE_SKIPPED" then
      stack.resources[id] = nil
    end
  end
end

--- Ends the operation; the stack's document is written.
function flow.finish(run, status, reason)
  local stack = run.stack
  store.set_status(run.cloud, stack, status, reason)
  stack.operation = nil
  store.save(run.cloud, stack)
  store.note_end(run.cloud, stack)
end

--- Evaluates the outputs, and checks those who import them; as pcall gives it.
function flow.settle_outputs(run)
  return pcall(function()
    local outputs = live.outputs(run.cloud, run.stack, run.body, run.scope)
    live.check_importers(run.cloud, run.stack, outputs)
    return outputs
  end)
end

return flow
