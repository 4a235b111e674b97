local arrived = dofile "tests/stdlib/arrived.lua"
local ses = require "laconic.event.ses"

describe("laconic.event.ses", function()
  it("reads a mail", function()
    local event = arrived("ses", { subject = "Hi", name = "shop@example.com" })
    local mail = ses.records(event)[1]
    assert.equal("o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1", mail.message_id)
    assert.equal("ada@example.org", mail.source)
    assert.same({ "shop@example.com" }, mail.destination)
    assert.same({ "shop@example.com" }, mail.recipients)
    assert.equal("Hi", mail.subject)
    assert.same({ "Ada <ada@example.org>" }, mail.from)
    assert.equal("Subject", mail.headers[3].name)
    assert.is_false(mail.headers_truncated)
    assert.same({ spam = "PASS", virus = "PASS", spf = "PASS", dkim = "PASS", dmarc = "GRAY" },
      mail.verdicts)
    assert.equal("Event", mail.action.invocationType)
    assert.equal(event.Records[1], mail.raw)
  end)

  it("answers what shall become of it", function()
    assert.same({ disposition = "STOP_RULE_SET" }, ses.response "STOP_RULE_SET")
    assert.error_matches("event_ses_spec%.lua:%d+: ses%.response: string \"STOP\" is not one of",
      function()
        ses.response "STOP"
      end)
  end)

  it("refuses what is none", function()
    local event = arrived "ses"
    event.Records[1].ses.receipt.spamVerdict = { status = 1 }
    assert.has_error(function()
      ses.records(event)
    end, "ses event: Records[1].ses.receipt.spamVerdict.status: string expected, got integer")
  end)
end)
