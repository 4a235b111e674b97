local arguments = require "engine.cli.arguments"

local FLAGS = {
  { name = "bucket", short = "b", value = "NAME", summary = "Where artifacts go" },
  { name = "noop", short = "n", type = "boolean" },
  { name = "inplace", short = "c", type = "boolean" },
  { name = "count", type = "integer", default = 3 },
  { name = "rate", type = "number" },
  { name = "param", short = "m", repeated = true },
  { name = "format", choices = { "text", "json" } },
  { name = "dry-run", type = "boolean" },
}

local function parse(...)
  return arguments.parse({ ... }, FLAGS)
end

describe("engine.cli.arguments", function()
  it("reads long, short, joined and repeated flags, and other words in order", function()
    local args = parse("a.lua", "--bucket", "one", "-n", "--count=7", "-mA=1", "-m", "B=x=y", "b")

    assert.equal("one", args.bucket)
    assert.is_true(args.noop)
    assert.equal(7, args.count)
    assert.same({ "A=1", "B=x=y" }, args.param)
    assert.same({ "a.lua", "b" }, { args[1], args[2] })
  end)

  it("takes short booleans together, and dashes in names become underscores", function()
    local args = parse("-nc", "--dry-run")

    assert.is_true(args.noop)
    assert.is_true(args.inplace)
    assert.is_true(args.dry_run)
  end)

  it("keeps an empty value, a lone dash, and everything after --", function()
    local args = parse("--bucket=", "-", "--", "--noop")

    assert.equal("", args.bucket)
    assert.same({ "-", "--noop" }, { args[1], args[2] })
    assert.is_nil(args.noop)
  end)

  it("turns a boolean off with --no-", function()
    assert.is_false(parse("--no-noop").noop)
  end)

  it("refuses what it does not know, with the nearest name", function()
    assert.has_error(function()
      parse "--buckt=x"
    end, "unknown flag --buckt=x (did you mean --bucket?)")
    assert.has_error(function()
      parse "-q"
    end, "unknown flag -q")
  end)

  it("refuses values of the wrong type, absent ones, and two that differ", function()
    assert.has_error(function()
      parse("--count", "3.5")
    end, "--count: an integer is wanted, got '3.5'")
    assert.has_error(function()
      parse("--rate", "fast")
    end, "--rate: a number is wanted, got 'fast'")
    assert.has_error(function()
      parse "--bucket"
    end, "--bucket needs a value: NAME")
    assert.has_error(function()
      parse "--noop=yes"
    end, "--noop takes no value")
    assert.has_error(function()
      parse("--bucket", "a", "--bucket", "b")
    end, "--bucket: said twice, with different values")
    assert.has_error(function()
      parse("--format", "yaml")
    end, "--format: one of text, json is wanted, got 'yaml'")
  end)

  it("completes defaults, and asks for what is required", function()
    assert.equal(3, arguments.complete(parse(), FLAGS).count)
    assert.has_error(function()
      arguments.complete({}, { { name = "table", required = true, summary = "Which one" } })
    end, "--table is required: Which one")
  end)

  it("describes flags in columns", function()
    local text = arguments.describe(FLAGS)

    assert.matches("  %-b, %-%-bucket NAME", text)
    assert.matches("%(default 3%)", text)
    assert.matches("%-%-format text|json", text)
  end)
end)
