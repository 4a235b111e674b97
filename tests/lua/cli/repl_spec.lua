local repl = require "engine.cli.repl"

-- A prompt whose lines are given: { interrupt = true } stands for Ctrl-C.
local function session(lines, environment, commands)
  local out, prompts, i = {}, {}, 0
  local editor = {
    read = function(_, prompt)
      i = i + 1
      table.insert(prompts, prompt)
      if type(lines[i]) == "table" then
        return nil, { kind = "interrupt" }
      end
      return lines[i]
    end,
    add = function() end,
  }
  repl.run(editor, environment or setmetatable({}, { __index = _G }), {
    write = function(text)
      table.insert(out, text)
    end,
    commands = commands,
  })
  return table.concat(out), prompts
end

describe("engine.cli.repl", function()
  it("prints the value of an expression, and nothing for a statement", function()
    assert.equal("3\n", (session { "1 + 2" }))
    assert.equal("4\n", (session { "x = 4", "x" }))
  end)

  it("goes on in the next line while a chunk is unfinished", function()
    local out, prompts = session { "for i = 1, 2 do", "y = i", "end", "y" }

    assert.equal("2\n", out)
    assert.same({ "> ", ">> ", ">> ", "> ", "> " }, prompts)
  end)

  it("goes on in the next line while an expression is unfinished", function()
    assert.equal("3\n", (session { "1 +", "2" }))
    assert.equal("{ 1, 2 }\n", (session { "{ 1,", "2 }" }))
  end)

  it("survives errors, of syntax and of running", function()
    local out = session { "x x", "error 'boom'", "error { kind = 'k' }", "'alive'" }

    assert.matches("syntax error near 'x'", out)
    assert.matches("boom", out)
    assert.matches('"alive"\n$', out)
  end)

  it("drops what was begun on Ctrl-C", function()
    local out = session { "for i = 1, 2 do", { interrupt = true }, "7" }

    assert.equal("7\n", out)
  end)

  it("keeps the last value in _", function()
    assert.equal("5\n6\n", (session { "5", "_ + 1" }))
  end)

  it("keeps locals for the lines that follow, as a service file has them", function()
    assert.equal("3\n", (session { "local a, b = 1, 2", "a + b" }))
    local lines = { "local function double(n)", "return 2 * n", "end", "double(4)" }
    assert.equal("8\n", (session(lines)))
    assert.equal("nil\n", (session { "local c <const> = 1", "c" }))
    assert.equal("true\n", (session { "locality = true", "locality" }))
  end)

  it("shows tables sorted, bounded, and cycles as such", function()
    assert.equal('{ 1, 2, a = "x", b = {} }\n', (session { "{ b = {}, a = 'x', 1, 2 }" }))
    assert.matches("<cycle>", (session { "t = {}", "t.t = t", "t" }))
  end)

  it("runs :commands, and says when there is none", function()
    local seen
    local out = session({ ":reload now", ":nope" }, nil, {
      reload = function(rest)
        seen = rest
      end,
    })

    assert.equal("now", seen)
    assert.matches("no such command: :nope", out)
  end)

  it("ends at the end of the input, and at :quit", function()
    assert.equal("", (session {}))
    assert.equal("", (session { ":quit", "1" }))
  end)

  it("completes names and fields", function()
    local names = { service = { name = "x", number = 1 } }

    assert.same({ "service" }, repl.complete("ser", names))
    assert.same({ "p(service.name", "p(service.number" }, repl.complete("p(service.n", names))
    assert.same({}, repl.complete("nothing.n", names))
  end)
end)
