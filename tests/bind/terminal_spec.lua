local process = require "host.process"
local terminal = require "host.terminal"

local laconic = dofile("tests/program.lua").path

-- Runs a script that talks to the terminal, or to what stands in its place.
local function run(script, options)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(script)
  file:close()
  local words = { laconic, "run", path, timeout = 60 }
  for name, value in pairs(options or {}) do
    words[name] = value
  end
  local result = assert(process.run(words))
  os.remove(path)
  return result
end

describe("host.terminal", function()
  it("reads lines plainly where there is no terminal", function()
    local result = run([[
      local editor = assert(require("host.terminal").editor { history = "/nowhere/at/all" })
      print(editor:read "> ", editor:read(), editor:read "> ", editor:read "> ", editor)
      editor:add "x"
      editor:close()
      print(editor)]], { stdin = "one\n\nlast" })

    assert.equal(0, result.status)
    assert.equal("one\t\tlast\tnil\teditor (open)\neditor (closed)\n", result.output)
  end)

  it("completes through a function, and survives one that raises", function()
    local program = os.tmpname()
    local file = assert(io.open(program, "w"))
    file:write [[
      local editor = assert(require("host.terminal").editor {
        complete = function(line, cursor)
          if line == "bad" then error "boom" end
          return { line .. "-" .. cursor, 7 }
        end,
      })
      print("read " .. editor:read "> " .. " and " .. editor:read "> ")]]
    file:close()

    local words = ("%s run %s"):format(laconic, program)
    local result = assert(process.run {
      "script", "-qec", words, "/dev/null", stdin = "bad\t\nabc\t\n", timeout = 60,
    })

    os.remove(program)
    assert.equal(0, result.status, result.output)
    assert.matches("read bad and abc%-3", result.output)
  end)

  it("tells whether there is a terminal, and how large one is", function()
    local result = run([[
      local terminal = require "host.terminal"
      print(terminal.is_terminal "stdin", terminal.is_terminal "stdout", terminal.size())]],
      { env = { COLUMNS = "99", ASAN_OPTIONS = os.getenv "ASAN_OPTIONS" } })

    assert.equal("false\tfalse\t99\t24\n", result.output)
  end)

  it("raises for misuse, and names the field", function()
    assert.error_matches("invalid option 'stdon'", function()
      terminal.is_terminal "stdon"
    end)
    assert.error_matches("unknown field 'hist'", function()
      terminal.editor { hist = "" }
    end)
    assert.error_matches("field 'complete': function expected", function()
      terminal.editor { complete = {} }
    end)
    local editor = assert(terminal.editor())
    assert.error_matches("holds a NUL", function()
      editor:add "a\0"
    end)
    editor:close()
    editor:close()
    assert.error_matches("closed editor", function()
      editor:read "> "
    end)
  end)
end)
