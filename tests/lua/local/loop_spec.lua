local clock = require "host.clock"
local loop = require "engine.local.loop"
local process = require "host.process"

describe("engine.local.loop", function()
  it("runs tasks side by side, each until it waits", function()
    local log = {}
    loop.run(function()
      local task = loop.spawn(function()
        table.insert(log, "b1")
        loop.sleep(0)
        table.insert(log, "b2")
      end)
      table.insert(log, "a1")
      loop.sleep(0)
      table.insert(log, "a2")
      task:wait()
    end)
    assert.equal("a1 b1 a2 b2", table.concat(log, " "))
  end)

  it("returns what the main task returns, and raises what it raises", function()
    assert.equal(7, loop.run(function()
      return 7
    end))
    local problem = { kind = "invalid" }
    local ok, raised = pcall(loop.run, function()
      error(problem)
    end)
    assert.is_false(ok)
    assert.equal(problem, raised)
  end)

  it("sleeps in the order of the times, whatever the order of the calls", function()
    local log, monotonic, now = {}, clock.monotonic, clock.monotonic()
    clock.monotonic = function() -- the clock stands until all sleep
      return now
    end
    loop.run(function()
      local tasks = {}
      for _, seconds in ipairs { 0.03, 0.01, 0.02, 0.005 } do
        table.insert(tasks, loop.spawn(function()
          loop.sleep(seconds)
          table.insert(log, seconds)
        end))
      end
      loop.sleep(0)
      clock.monotonic = monotonic
      for _, task in ipairs(tasks) do
        task:wait()
      end
    end)
    assert.same({ 0.005, 0.01, 0.02, 0.03 }, log)
  end)

  it("wakes everyone who waits for an event, and hands out its value", function()
    local got = {}
    loop.run(function()
      local event = loop.event()
      for i = 1, 3 do
        loop.spawn(function()
          local happened, value = event:wait(5)
          got[i] = happened and value
        end)
      end
      loop.sleep(0)
      event:set "now"
      loop.sleep(0)
      assert.is_true((event:wait()))
    end)
    assert.same({ "now", "now", "now" }, got)
  end)

  it("ends a wait at its time-out", function()
    loop.run(function()
      local event = loop.event()
      assert.is_false((event:wait(0.005)))
      event:set()
      assert.is_true((event:wait(0.005)))
      local slow = loop.spawn(loop.sleep, 5)
      assert.is_false(slow:wait(0.005))
    end)
  end)

  it("goes on when a task fails", function()
    local reached
    loop.run(function()
      local task = loop.spawn(function()
        error({ kind = "invalid", message = "on purpose" }, 0)
      end)
      task:wait()
      assert.is_false(task.ok)
      assert.equal("on purpose", task.result.message)
      reached = true
    end)
    assert.is_true(reached)
  end)

  it("closes what a cancelled task holds", function()
    local closed = 0
    local function hold()
      local _ <close> = setmetatable({}, {
        __close = function()
          closed = closed + 1
        end,
      })
      loop.sleep(60)
    end
    loop.run(function()
      local task = loop.spawn(hold)
      loop.spawn(hold) -- the end of the run cancels this one
      loop.sleep(0)
      task:cancel()
      assert.equal(1, closed)
    end)
    assert.equal(2, closed)
  end)

  it("ends when Ctrl-C strikes a watcher", function()
    local child <close> = assert(process.spawn { "true" })
    local raised = assert.error_matches("stop", function()
      loop.run(function()
        loop.watch(child:fd(), function()
          loop.unwatch(child:fd())
          error(setmetatable({ kind = "interrupt" }, {
            __tostring = function()
              return "stop"
            end,
          }), 0)
        end)
        loop.sleep(20)
      end)
    end)
    assert.equal("interrupt", raised.kind)
  end)

  it("says so when nothing can ever wake it", function()
    assert.error_matches("nobody can set", function()
      loop.run(function()
        loop.event():wait()
      end)
    end)
  end)

  it("refuses to wait outside a task, and to run twice", function()
    assert.error_matches("loop_spec%.lua:%d+: only a task can wait", function()
      loop.sleep(1)
    end)
    loop.run(function()
      assert.error_matches("runs already", function()
        loop.run(print)
      end)
    end)
  end)
end)
