-- What holds a handler to its time, in a program of its own: a timer and a debug hook are a process's.
local file = require "host.file"
local process = require "host.process"

-- Runs the script with `guard` and `clock` at hand, started by the words, if any; what it printed.
local function run(script, ...)
  local folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/script.lua", [[
    local clock, guard, poll = require "host.clock", require "host.guard", require "host.poll"
    local function on_error(raised) return raised end
  ]] .. script))
  local options = { ... }
  local words = { os.getenv "LACONIC" or assert(file.program()), "run", folder .. "/script.lua" }
  table.move(words, 1, 3, #options + 1, options)
  options.timeout = 60
  options.env = {
    ASAN_OPTIONS = os.getenv "ASAN_OPTIONS", LACONIC_LUA = os.getenv "LACONIC_LUA",
    PATH = os.getenv "PATH",
  }
  local result = assert(process.run(options))
  assert(file.remove_tree(folder))
  assert.equal(0, result.status, result.output)
  return result.output
end

describe("host.guard", function()
  it("calls as xpcall does, when time is no matter", function()
    assert.same({ true, 1, nil, 3 }, { require("host.guard").call(0, 0, print, function(...)
      return ...
    end, 1, nil, 3) })
    assert.equal("true\t1\nfalse\toops!\tfalse\n", run [[
      print(guard.call(clock.now() + 60, 1, on_error, function(n) return n end, 1))
      print(guard.call(0, 0, function(raised) return raised .. "!" end, error, "oops", 0))
    ]])
  end)

  it("stops a loop, and says where it was", function()
    assert.matches("^false\ttimeout\tRuntime.Timeout\ttrue\ttrue\n$", run [[
      local ok, raised, late = guard.call(clock.now() + 0.3, 0.2, on_error, function()
        while true do end
      end)
      print(ok, raised.kind, raised.type, raised.trace:find("script.lua:4", 1, true) ~= nil, late)
    ]])
  end)

  it("stops a loop in a coroutine, and what waits", function()
    assert.equal("timeout\ttrue\ntimeout\ttrue\n", run [[
      local function looped()
        coroutine.wrap(function() while true do end end)()
      end
      local function waited()
        poll.wait({}, 30)
      end
      for _, fn in ipairs { looped, waited } do
        local _, raised = guard.call(clock.now() + 0.3, 0.2, on_error, fn)
        print(raised.kind, raised.trace:find("script.lua", 1, true) ~= nil)
      end
    ]])
  end)

  it("stops what is closed with a coroutine", function()
    assert.equal("timeout\ttrue\ntimeout\ttrue\n", run [[
      local function open_and(fn)
        return function()
          local _ <close> = setmetatable({}, { __close = function() while true do end end })
          fn()
        end
      end
      local function closed()
        local thread = coroutine.create(open_and(coroutine.yield))
        assert(coroutine.resume(thread))
        error(select(2, coroutine.close(thread)), 0)
      end
      for _, fn in ipairs { coroutine.wrap(open_and(error)), closed } do
        local _, raised, late = guard.call(clock.now() + 0.3, 0.2, on_error, fn)
        print(raised.kind, late)
      end
    ]])
  end)

  it("lets no call outlast the one around it", function()
    assert.equal("false\ttimeout\ttrue\n", run [[
      local ok, raised, late = guard.call(clock.now() + 0.3, 0.2, on_error, function()
        guard.call(clock.now() + 3600, 1, on_error, function() while true do end end)
        while true do end
      end)
      print(ok, raised.kind, late)
    ]])
  end)

  it("goes on with the outer call's time when an inner one's is over", function()
    assert.equal("timeout\ttrue\nfalse\ttimeout\ttrue\n", run [[
      local began = clock.now()
      local ok, raised, late = guard.call(began + 1, 0.1, on_error, function()
        local _, inner, inner_late = guard.call(clock.now() + 0.1, 0.1, on_error, function()
          while true do end
        end)
        print(inner.kind, inner_late)
        assert(poll.wait({}, 0.01))
        while true do end
      end)
      print(ok, raised.kind, late and clock.now() >= began + 0.9)
    ]])
  end)

  it("finds a deadline that has passed over at once", function()
    assert.equal("timeout\ttrue\n", run [[
      local _, raised, late = guard.call(clock.now() - 100, 1, on_error, function()
        while true do end
      end)
      print(raised.kind, late)
    ]])
  end)

  it("hears the timer where its signal was blocked", function()
    assert.equal("timeout\n", run([[
      local _, raised = guard.call(clock.now() + 0.1, 1, on_error, poll.wait, {}, 30)
      print(raised.kind)
    ]], "env", "--block-signal=ALRM"))
  end)

  it("tells one that goes on again and again, and nobody afterwards", function()
    assert.equal("3\tdone\ntrue\ttrue\n", run [[
      local caught = 0 -- and 20 ms after each time: on a busy machine, too, that is a while
      local ok, result = guard.call(clock.now() + 2, 0.2, on_error, function()
        local function go_on()
          while caught < 3 do
            pcall(function() while true do end end)
            caught = caught + 1
          end
        end
        repeat until pcall(go_on) -- it may be told between two of them
        return "done"
      end)
      print(caught, result)
      local ends = clock.monotonic() + 0.2
      while clock.monotonic() < ends do end
      local function wait() return poll.wait({}, 0.01) end
      print(ok, (guard.call(clock.now() + 60, 1, on_error, wait)))
    ]])
  end)

  it("ends one that catches it in a loop, also in coroutines", function()
    assert.equal(("timeout\ttrue\n"):rep(3) .. "true\n", run [[
      local function once() pcall(function() while true do end end) end
      local loops = {
        function() while true do once() end end,
        function() while true do coroutine.wrap(function() while true do once() end end)() end end,
        function()
          coroutine.wrap(function()
            while true do pcall(coroutine.wrap(function() while true do end end)) end
          end)()
        end,
      }
      for _, fn in ipairs(loops) do
        local deadline = clock.now() + 1
        local _, raised, late = guard.call(deadline, 0.5, on_error, fn)
        print(raised.kind, late and clock.now() < deadline)
      end
      print((guard.call(clock.now() + 60, 1, on_error, coroutine.wrap(function()
        for _ = 1, 1e5 do pcall(error) end
      end))))
    ]])
  end)

  it("tells what is kept of the memory", function()
    assert.equal("0.0\ttrue\ttrue\n", run [[
      local before = guard.memory_kept()
      guard.limit_memory(32 * 2^20 // 1 | 0, 1 << 34)
      local little, kept = guard.memory_kept(), ("x"):rep(8 * 2^20 // 1 | 0)
      local much = guard.memory_kept()
      print(before, little < 0.4, much - little >= #kept / 32 / 2^20)
    ]])
  end)

  it("bounds memory, and goes on", function()
    local said = run [[
      guard.limit_memory(32 * 2^20 // 1 | 0, 1 << 34)
      for _ = 1, 3 do
        local ok, raised = guard.call(0, 0, on_error, function()
          local t = {}
          for i = 1, math.huge do t[i] = ("x"):rep(1000) .. i end
        end)
        print(ok, raised.kind, raised.type, raised.trace:find("script.lua:7", 1, true) ~= nil)
        print((select(2, guard.call(0, 0, on_error, function() return #("x"):rep(1 << 30) end))))
        print((select(2, guard.call(0, 0, on_error, function() return #("x"):rep(1000) end))))
      end
    ]]
    assert.equal(("false\tmemory\tRuntime.OutOfMemory\ttrue\nnot enough memory\n1000\n"):rep(3),
      said)
  end)

  it("says how much is kept", function()
    assert.equal("0\ntrue\ntrue\ntrue\n", run [[
      print(math.tointeger(guard.memory_kept()))
      guard.limit_memory(32 * 2^20 // 1 | 0, 1 << 34)
      print(guard.memory_kept() < 0.2)
      local kept = ("x"):rep(16 << 20)
      print(guard.memory_kept() > 0.5 and #kept > 0)
      kept = nil
      print(guard.memory_kept() < 0.2)
    ]])
  end)

  it("raises for misuse", function()
    local guard = require "host.guard"
    local misuses = {
      { "bad argument #1 to 'call'", function() guard.call "soon" end },
      { "bad argument #4 to 'call'", function() guard.call(0, 0, print) end },
      { "at least 4 MiB expected", function() guard.limit_memory(1, 1) end },
    }
    for _, case in ipairs(misuses) do
      assert.error_matches(case[1], case[2])
    end
  end)
end)
