-- Ctrl-C, sent to a program of its own that says when it is ready for it.
local file = require "host.file"
local poll = require "host.poll"
local process = require "host.process"

local READY = [[io.write "ready\n" io.flush() ]]

-- Starts the script; what it wrote up to "ready", at least.
local function start(script)
  local folder = assert(file.temporary_folder())
  local path = folder .. "/script.lua"
  assert(file.write(path, script))
  local child = assert(process.spawn {
    os.getenv "LACONIC" or assert(file.program()),
    "run",
    path,
    error = "discard",
  })
  local out = ""
  while not out:find("ready\n", 1, true) do
    assert(#assert(poll.wait({ child:fd() }, 30)) > 0, "the script says nothing, and does not end")
    out = out .. assert(child:read(), "the script ended: " .. out)
  end
  assert(file.remove_tree(folder))
  return child, out
end

-- Runs the script, interrupts it once it is ready; what it wrote then, and how it ended.
local function interrupt(script)
  local child, out = start(script)
  local closing <close> = child
  assert(closing)
  child:kill(2)
  while true do
    assert(#assert(poll.wait({ child:fd() }, 30)) > 0, "the script says nothing, and does not end")
    local bytes = child:read()
    if not bytes then
      break
    end
    out = out .. bytes
  end
  return out:gsub("^ready\n", ""), assert(child:wait(30))
end

describe("Ctrl-C", function()
  it("ends a loop", function()
    local _, ended = interrupt(READY .. "while true do end")
    assert.same({ status = 130 }, ended)
  end)

  it("ends a loop inside a coroutine, and one inside a wrapped one inside that", function()
    local _, ended = interrupt(READY .. "coroutine.wrap(function() while true do end end)()")
    assert.same({ status = 130 }, ended)
    _, ended = interrupt([[
      local inner = coroutine.wrap(function() ]] .. READY .. [[ while true do end end)
      local ok, err = coroutine.resume(coroutine.create(inner))
      error(err)]])
    assert.same({ status = 130 }, ended)
  end)

  it("is raised once when a coroutine's failure brings it", function()
    local out, ended = interrupt([[
      local waiting = coroutine.wrap(function() coroutine.yield() return "not harmed" end)
      waiting()
      local ok, err = coroutine.resume(coroutine.create(function() ]] .. READY .. [[
        while true do end
      end))
      print(ok, err.kind, err)
      for _ = 1, 1000 do coroutine.wrap(function() end)() end
      print(waiting())]])
    assert.equal("false\tinterrupt\tinterrupted\nnot harmed\n", out)
    assert.same({ status = 0 }, ended)
  end)

  it("cannot be kept from the main thread by a coroutine that catches it", function()
    local out, ended = interrupt([[
      local caught = coroutine.wrap(function()
        ]] .. READY .. [[
        print(pcall(function() while true do end end))
      end)
      caught()
      print "never"]])
    assert.equal("false\tinterrupted\n", out)
    assert.same({ status = 130 }, ended)
  end)

  it("leaves a coroutine alone that yields in time", function()
    local out, ended = interrupt([[
      local calm = coroutine.wrap(function()
        ]] .. READY .. [[
        while true do coroutine.yield() end
      end)
      local ok, err = pcall(function() while true do calm() end end)
      print(ok, err, pcall(calm))]])
    assert.equal("false\tinterrupted\ttrue\n", out)
    assert.same({ status = 0 }, ended)
  end)
end)

describe("a script that reaches no safe point", function()
  -- Lua runs no hook while it runs a finalizer.
  local STUBBORN = "setmetatable({}, { __gc = function() " .. READY
    .. " while true do end end }) collectgarbage()"

  it("lets the same signal be that came twice at once, and is ended by a later one", function()
    local child <close> = start(STUBBORN)
    child:kill(15)
    child:kill(15)
    local ended = child:wait(0.1)
    assert.is_nil(ended)
    repeat
      child:kill(15)
      ended = child:wait(0.1)
    until ended
    assert.same({ signal = 15 }, ended)
  end)
end)

describe("a program that is started", function()
  it("ignores no signal because we did", function()
    assert.same({ n = 3, nil, "signal", 13 }, table.pack(os.execute "kill -PIPE $$"))
  end)
end)

describe("coroutines", function()
  it("pass on arguments, results and errors as Lua's own do", function()
    local thread = coroutine.create(function(a, b)
      local c, d = coroutine.yield(a + b, nil)
      error { c, d }
    end)
    assert.same({ n = 3, true, 3 }, table.pack(coroutine.resume(thread, 1, 2)))
    local ok, err = coroutine.resume(thread, "x", "y")
    assert.is_false(ok)
    assert.same({ "x", "y" }, err)
    assert.same({ false, "cannot resume dead coroutine" }, { coroutine.resume(thread) })
    assert.error_matches("#1 to 'resume' %(coroutine expected, got function%)", function()
      coroutine.resume(print)
    end)
  end)

  it("when wrapped close what they hold, and say where they were called", function()
    local closed = false
    local fails = coroutine.wrap(function()
      local _ <close> = setmetatable({}, {
        __close = function()
          closed = true
        end,
      })
      error("boom", 0)
    end)
    assert.error_matches("interrupt_spec%.lua:%d+: boom$", function()
      fails()
    end)
    assert.is_true(closed)
    assert.error_matches("cannot resume dead coroutine", function()
      fails()
    end)
    assert.error_matches("#1 to 'wrap' %(function expected, got nil%)", function()
      coroutine.wrap(nil)
    end)
  end)

  it("are closed as Lua's own are", function()
    local function holding(fn)
      local thread = coroutine.create(function()
        local _ <close> = setmetatable({}, { __close = fn })
        coroutine.yield()
      end)
      coroutine.resume(thread)
      return thread
    end
    assert.same({ n = 1, true }, table.pack(coroutine.close(coroutine.create(print))))
    assert.same({ n = 1, true }, table.pack(coroutine.close(holding(function() end))))
    local failing = holding(function()
      error("boom", 0)
    end)
    assert.same({ n = 2, false, "boom" }, table.pack(coroutine.close(failing)))
    assert.equal("dead", coroutine.status(failing))
    assert.error_matches("cannot close a running coroutine", function()
      coroutine.close(coroutine.running())
    end)
    local outer = coroutine.running()
    coroutine.wrap(function()
      assert.error_matches("cannot close a normal coroutine", function()
        coroutine.close(outer)
      end)
    end)()
    assert.error_matches("#1 to 'close' %(coroutine expected, got function%)", function()
      coroutine.close(print)
    end)
  end)

  it("that give more than the stack takes end in an error", function()
    local thread = coroutine.create(function()
      return table.unpack({}, 1, 600000)
    end)
    local function resume_above(_, ...) -- luacheck: ignore 212
      return coroutine.resume(thread)
    end
    local ok, err = resume_above(table.unpack({}, 1, 600000))
    assert.is_false(ok)
    assert.equal("too many results to resume", err)
  end)
end)
