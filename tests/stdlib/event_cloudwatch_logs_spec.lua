local arrived = dofile "tests/stdlib/arrived.lua"
local cloudwatch_logs = require "laconic.event.cloudwatch_logs"
local digest = require "host.digest"

-- One event, deflated by gzip(1).
local DEFLATED = "H4sIAAAAAAACAzWOwQ6CMBBE/2XPHAQUlBuJwMkT3AwxlS6kSWlJW1BD+HeXGk87eTuzOyuMaC0bsPlM"
  .. "CBlc8yZ/3Iq6zqsCAtAvhYZwGMXHU5KeL4cwIiz1UBk9T7QZ/PSodgbZSMz+RAB2ftrOiMkJrUohHRoL"
  .. "2R2YlND6SLGgcjtbQfD9D4WcoEqOjXQ9TJM0juKD/x38q5KPYy+ZQ052fDvDOtKlQMnp1goSF5TkEqrX"
  .. "sG3t9gXgWjPN5gAAAA=="

-- A MiB of zeros, by gzip(1).
local ZEROS = digest.from_hex "1f8b0800000000000203edc13101000000c2a0f54f6d085fa0"
  .. ("\0"):rep(1016)
  .. digest.from_hex "3e031cea38a700001000"

describe("laconic.event.cloudwatch_logs", function()
  it("reads the lines that were sent", function()
    local logs = cloudwatch_logs.read(arrived("cloudwatch_logs", { body = "a line" }))
    assert.equal("DATA_MESSAGE", logs.message_type)
    assert.equal("123456789012", logs.owner)
    assert.equal("/aws/lambda/orders", logs.log_group)
    assert.matches("%[%$LATEST%]", logs.log_stream)
    assert.same({ "errors" }, logs.subscription_filters)
    assert.equal(2, #logs.log_events)
    assert.equal("a line", logs.log_events[2].message)
    assert.equal(1767323045680, logs.log_events[2].timestamp)
    assert.equal("integer", math.type(logs.log_events[1].timestamp))
    assert.equal("DATA_MESSAGE", logs.raw.messageType)
  end)

  it("reads what gzip deflated, and fields that a filter named", function()
    local logs = cloudwatch_logs.read { awslogs = { data = DEFLATED } }
    assert.equal("deflated", logs.log_events[1].message)
    assert.same({ level = "info" }, logs.log_events[1].extracted_fields)
    assert.same(logs, cloudwatch_logs.decode(digest.from_base64(DEFLATED)))
  end)

  it("does not open a bomb", function()
    assert.error_matches("^cloudwatch_logs event: data: the gzip opens to more bytes", function()
      cloudwatch_logs.decode(ZEROS:rep(33))
    end)
  end)

  it("refuses what is cut, no JSON, or none", function()
    local function refuses(pattern, event)
      assert.error_matches("^cloudwatch_logs event: " .. pattern, function()
        cloudwatch_logs.read(event)
      end)
    end
    refuses("awslogs%.data: base64", { awslogs = { data = "AAA" } })
    refuses("awslogs%.data: no gzip", { awslogs = { data = "AAAA" } })
    refuses("awslogs%.data: no gzip", { awslogs = { data = DEFLATED:sub(1, -5) } })
    refuses("awslogs: table expected, got nothing %(it looks like an event of sqs%)", arrived "sqs")
    refuses("awslogs%.data: string expected, got integer", { awslogs = { data = 5 } })
    refuses("table expected, got string", "text")
    assert.error_matches("^cloudwatch_logs event: data: no JSON: ", function()
      cloudwatch_logs.decode(digest.from_base64 "H4sIAAAAAAACA8tIzcnJV8hAJwHjUT2NFwAAAA==")
    end)
  end)
end)
