local workflow = require "engine.workflow"

local function new()
  local now = 0
  return workflow.new {
    clock = {
      monotonic = function()
        now = now + 1
        return now
      end,
    },
  }
end

local function callbacks(...)
  local list = {}
  for i, fn in ipairs { ... } do
    list[i] = { run = fn, where = "service.lua:" .. i }
  end
  return list
end

describe("engine.workflow", function()
  it("returns a step's result and notes how long it took", function()
    local flow = new()

    local sum = flow:step("add", function(a, b)
      return a + b
    end, 2, 3)

    assert.equal(5, sum)
    assert.same({ { name = "add", seconds = 1 } }, flow.stages)
  end)

  it("adds to a stage that goes on after its hooks", function()
    local flow = new()

    for _, name in ipairs { "one", "two", "two", "one" } do
      flow:step(name, print)
      flow:hook "between"
    end

    assert.same({
      { name = "one", seconds = 1 },
      { name = "two", seconds = 2 },
      { name = "one", seconds = 1 },
    }, flow.stages)
  end)

  it("undoes in reverse, after the rollback hooks, and raises the first error", function()
    local flow, log = new(), {}
    local function undoable(name)
      return function()
        return name, function()
          table.insert(log, "undo " .. name)
        end
      end
    end
    flow:listen({
      rollback = callbacks(function(build, err)
        table.insert(log, ("rollback %s: %s"):format(build.name, tostring(err)))
      end),
    }, { name = "b" })

    local raised = assert.has_error(function()
      flow:guarded(function()
        flow:step("one", undoable "one")
        flow:step("two", undoable "two")
        flow:step("three", error, "no", 0)
      end)
    end)

    assert.equal("no", raised.message)
    assert.same({ "rollback b: no", "undo two", "undo one" }, log)
  end)

  it("goes on taking back when something cannot be, and says so", function()
    local flow, undone = new(), false
    flow:listen({ rollback = callbacks(error) }, {})

    local raised = assert.has_error(function()
      flow:guarded(function()
        flow:step("one", function()
          return 1, function()
            undone = true
          end
        end)
        flow:step("two", function()
          return 2, function()
            error("stuck", 0)
          end
        end)
        error({ kind = "failed", message = "first" }, 0)
      end)
    end)

    assert.equal("first", raised.message)
    assert.is_true(undone)
    assert.equal(2, #raised.problems)
  end)

  it("takes nothing back while the stack goes on", function()
    local flow, undone = new(), false

    assert.has_error(function()
      flow:guarded(function()
        flow:step("one", function()
          return 1, function()
            undone = true
          end
        end)
        error({ kind = "interrupt", message = "stopped", still_running = true }, 0)
      end)
    end)

    assert.is_false(undone)
  end)

  it("takes nothing back that was committed", function()
    local flow, undone = new(), false

    assert.has_error(function()
      flow:guarded(function()
        flow:step("one", function()
          return 1, function()
            undone = true
          end
        end)
        flow:commit()
        error("late", 0)
      end)
    end)

    assert.is_false(undone)
  end)

  it("calls hooks in the order they were said, and blames the failing one", function()
    local flow, log = new(), {}
    flow:listen({
      post_build = callbacks(function(build)
        table.insert(log, build)
      end, function()
        error { kind = "invalid", message = "its own" }
      end),
      validate = callbacks(function()
        error("not so", 0)
      end),
    }, {})

    assert.equal("its own", assert.has_error(function()
      flow:hook("post_build", "b")
    end).message)
    local raised = assert.has_error(function()
      flow:hook("validate", "b")
    end)

    assert.same({ "b" }, log)
    assert.equal("service.lua:1: the validate hook failed: not so", tostring(raised))
    assert.equal("E111", raised.code)
  end)

  it("closes what it holds after the undos, whatever happens", function()
    local flow, log = new(), {}

    assert.has_error(function()
      flow:guarded(function()
        flow:hold {
          close = function()
            table.insert(log, "closed")
          end,
        }
        flow:step("one", function()
          return 1, function()
            table.insert(log, "undone")
          end
        end)
        error("no", 0)
      end)
    end)

    assert.same({ "undone", "closed" }, log)
  end)
end)
