local progress = require "engine.cli.progress"

local function new(options)
  local out = {}
  options = options or {}
  options.write = function(text)
    table.insert(out, text)
  end
  return progress.new(options), function()
    return table.concat(out)
  end
end

local function event(id, status, reason)
  return {
    StackId = "arn",
    PhysicalResourceId = id == "hello" and "arn" or id,
    LogicalResourceId = id,
    ResourceType = "AWS::SQS::Queue",
    ResourceStatus = status,
    ResourceStatusReason = reason,
  }
end

describe("engine.cli.progress", function()
  it("writes a line for each resource that is done or failed, without a terminal", function()
    local shown, text = new()

    shown:stage "wait"
    shown:event(event("Queue", "CREATE_IN_PROGRESS"))
    shown:waiting({ status = "CREATE_IN_PROGRESS" }, 10)
    shown:event(event("Queue", "CREATE_COMPLETE"))
    shown:event(event("Table", "CREATE_FAILED", "no\27[2J room"))
    shown:finish()

    assert.equal(
      "  CREATE_COMPLETE      Queue\n  CREATE_FAILED        Table: no [2J room\n",
      text()
    )
  end)

  it("says what AWS says of a resource that is done", function()
    local shown, text = new()

    shown:event(event("Queue", "CREATE_COMPLETE", "recorded only"))
    shown:finish()

    assert.equal("  CREATE_COMPLETE      Queue: recorded only\n", text())
  end)

  it("says now and then what is waited for, without a terminal", function()
    local shown, text = new()

    for _, seconds in ipairs { 1, 31, 35, 62 } do
      shown:waiting({ status = "CREATE_IN_PROGRESS" }, seconds)
    end

    assert.equal(
      "  CREATE_IN_PROGRESS  31 s  0 done\n  CREATE_IN_PROGRESS  62 s  0 done\n",
      text()
    )
  end)

  it("keeps one live line on a terminal, which names the slow resource", function()
    local shown, text = new { terminal = true, columns = 60 }

    shown:stage "wait"
    shown:event(event("Slow", "CREATE_IN_PROGRESS"))
    shown:event(event("Fast", "CREATE_IN_PROGRESS"))
    shown:event(event("Fast", "CREATE_COMPLETE"))
    shown:waiting({ status = "CREATE_IN_PROGRESS" }, 12.7)
    shown:finish()

    assert.matches("\r\27%[KCREATE_IN_PROGRESS  12 s  1 done  Slow 0 s\r\27%[K$", text())
  end)

  it("never lets the live line wrap", function()
    local shown, text = new { terminal = true, columns = 20 }

    shown:waiting({ status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" }, 12)

    assert.equal("\r\27[KUPDATE_COMPLETE_CL…", text())
  end)

  it("writes JSON lines with --format json", function()
    local shown, text = new { format = "json", terminal = true }

    shown:stage "wait"
    shown:event(event("Queue", "CREATE_COMPLETE"))

    assert.equal('{"id":"Queue","status":"CREATE_COMPLETE","type":"AWS::SQS::Queue"}\n', text())
  end)

  it("lays out stages and outputs as tables", function()
    local stages = { { name = "load", seconds = 0.001 }, { name = "generate", seconds = 0.02 } }
    assert.equal(
      "  load         0.001 s\n  generate     0.020 s\n  total        0.021 s",
      progress.stage_table(stages)
    )
    assert.equal("", progress.output_table {})
    assert.equal(
      "  Arn      a\n  BaseUrl  u",
      progress.output_table { { key = "Arn", value = "a" }, { key = "BaseUrl", value = "u" } }
    )
  end)
end)
