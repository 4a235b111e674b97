local arrived = dofile "tests/stdlib/arrived.lua"
local codecommit = require "laconic.event.codecommit"

describe("laconic.event.codecommit", function()
  it("reads a push", function()
    local event = arrived("codecommit", { name = "shop", key = "feature/cart" })
    local record = codecommit.records(event)[1]
    assert.equal("shop", record.repository)
    assert.equal("ReferenceChanges", record.event_name)
    assert.equal("build", record.trigger_name)
    assert.equal("from the trigger", record.custom_data)
    assert.equal("arn:aws:iam::123456789012:user/ada", record.user_identity_arn)
    assert.same({
      {
        ref = "refs/heads/feature/cart",
        branch = "feature/cart",
        commit = "5c4ef1049f1d27deadbeeff313e0730018be182b",
        created = true,
        deleted = false,
        raw = event.Records[1].codecommit.references[1],
      },
    }, record.references)
  end)

  it("reads a tag that is gone", function()
    local event = arrived "codecommit"
    event.Records[1].codecommit.references[1] =
      { ref = "refs/tags/v1", commit = "5", deleted = true }
    local reference = codecommit.records(event)[1].references[1]
    assert.equal("v1", reference.tag)
    assert.is_nil(reference.branch)
    assert.is_true(reference.deleted)
    assert.is_false(reference.created)
  end)

  it("refuses what is none", function()
    local event = arrived "codecommit"
    event.Records[1].codecommit.references[1].commit = 5
    assert.has_error(function()
      codecommit.records(event)
    end, "codecommit event: Records[1].codecommit.references[1].commit: string expected,"
      .. " got integer")
    assert.error_matches("it looks like an event of sqs", function()
      codecommit.records(arrived "sqs")
    end)
  end)
end)
