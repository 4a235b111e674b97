local poll = require "host.poll"
local process = require "host.process"

describe("host.process", function()
  it("runs a program to its end and collects what it says", function()
    local result = assert(process.run {
      "sh",
      "-c",
      "cat; echo $GREETING >&2; exit 3",
      stdin = "a\0b\n",
      env = { GREETING = "hello", PATH = os.getenv "PATH" },
      error = "pipe",
      timeout = 20,
    })

    assert.truthy(result.max_memory > 0)
    result.max_memory = nil
    assert.same({ status = 3, output = "a\0b\n", error = "hello\n" }, result)
    assert.equal(9, process.run({ "sh", "-c", "kill -9 $$" }).signal)
    assert.equal("/usr\n", process.run({ "pwd", cwd = "/usr" }).output)
    assert.equal("", process.run({ "echo", "x", output = "discard" }).output)
  end)

  it("hands out output as it comes", function()
    local child <close> = assert(process.spawn { "sh", "-c", "echo one; read x; echo two",
      stdin = "go\n", error = "pipe" })
    local said = {}
    repeat
      assert(#poll.wait({ child:fd() }, 20) > 0)
      local bytes = child:read()
      table.insert(said, bytes)
    until not bytes

    assert.equal("one\ntwo\n", table.concat(said))
    assert.same({ status = 0 }, child:wait(20))
    assert.same({ status = 0 }, child:poll())
    assert.is_nil(child:memory())
    assert.is_nil(child:read_error())
  end)

  it("kills, measures and tells whether it lives", function()
    local child <close> = assert(process.spawn { "sleep", "1000" })

    assert.is_true(process.alive(child:id()))
    assert.is_nil(child:poll())
    assert.is_true(child:memory() > 0)
    assert.equal("", child:read())
    child:kill(15)
    assert.same({ signal = 15 }, child:wait(20))
    assert.is_false(process.alive(child:id()))
    assert.is_true(process.alive(process.pid()))
    assert.is_false(process.alive(2 ^ 40 | 0))
  end)

  it("leaves nothing behind that is closed or collected", function()
    local pid
    do
      local child <close> = assert(process.spawn { "sleep", "1000" })
      pid = child:id()
    end
    assert.is_false(process.alive(pid))

    pid = assert(process.spawn { "sleep", "1000" }):id()
    collectgarbage()
    collectgarbage()
    assert.is_false(process.alive(pid))
  end)

  it("lets a program go, which then runs on", function()
    local child = assert(process.spawn { "sleep", "1000", die_with_parent = false })
    local pid = child:id()
    child:release()
    assert.equal("process (closed)", tostring(child))
    child:close()
    assert.is_true(process.alive(pid))
    assert.is_true(os.execute("kill -9 " .. pid))
    assert.error_matches("closed process", function()
      child:release()
    end)
  end)

  it("returns nil and an error for what cannot start, or passes its bounds", function()
    local child, err = process.spawn { "no-such-program" }
    assert.is_nil(child)
    assert.equal("ENOENT", err.code)
    assert.matches("cannot run no%-such%-program", tostring(err))

    local result, slow = process.run { "sleep", "1000", timeout = 0.01 }
    assert.is_nil(result)
    assert.equal("limit", slow.kind)
    assert.equal("timeout", slow.code)

    local _, loud = process.run { "yes", max_output = 10, timeout = 20 }
    assert.equal("limit", loud.kind)

    local sleeper <close> = assert(process.spawn { "sleep", "1000" })
    local ended, still = sleeper:wait(0.001)
    assert.is_nil(ended)
    assert.equal("limit", still.kind)
  end)

  it("raises for misuse, and names the field", function()
    local misuses = {
      { {}, "the program and its arguments expected as list items" },
      { { "a\0b" }, "an argument holds a NUL" },
      { { 7 }, "item 1: string expected, got number" },
      { { "true", evn = {} }, "unknown field 'evn'" },
      { { "true", env = 1 }, "field 'env': table expected" },
      { { "true", env = { "A=b" } }, "field 'env': names and strings expected" },
      { { "true", env = { ["A=b"] = "c" } }, "field 'env': a name with '='" },
      { { "true", output = "output" }, "field 'output': invalid choice 'output'" },
      { { "true", error = "pope" }, "field 'error': invalid choice 'pope'" },
      { { "true", memory = -1 }, "field 'memory': %-1 is not between" },
      { { "true", timeout = 1 }, "field 'timeout' is for 'run'" },
    }
    for _, misuse in ipairs(misuses) do
      assert.error_matches(misuse[2], function()
        process.spawn(misuse[1])
      end)
    end
    assert.error_matches("field 'timeout': not a time to wait", function()
      process.run { "true", timeout = 0 }
    end)
    local child = assert(process.spawn { "true", output = "discard" })
    assert.error_matches("the output of this process is not a pipe", function()
      child:fd()
    end)
    assert.error_matches("not a signal", function()
      child:kill(1000)
    end)
    child:close()
    child:close()
    assert.equal("process (closed)", tostring(child))
    assert.error_matches("closed process", function()
      child:poll()
    end)
  end)

  it("asks for short turns of a processor", function()
    assert.truthy(assert(process.slice(0.0001)))
    for _, seconds in ipairs { 0, 0.00009, 0.2, 0 / 0 } do
      assert.error_matches("not between 0.0001 and 0.1", function()
        process.slice(seconds)
      end)
    end
  end)
end)
