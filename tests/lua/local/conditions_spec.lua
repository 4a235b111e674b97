local conditions = require "engine.local.services.s3.conditions"

describe("engine.local.services.s3.conditions", function()
  it("reads the three forms of a range", function()
    assert.same({ first = 0, length = 5 }, conditions.parse_range("bytes=0-4", 10))
    assert.same({ first = 4, length = 6 }, conditions.parse_range("bytes=4-", 10))
    assert.same({ first = 7, length = 3 }, conditions.parse_range("bytes=-3", 10))
    assert.same({ first = 0, length = 10 }, conditions.parse_range("bytes=-30", 10))
    assert.same({ first = 9, length = 1 }, conditions.parse_range("bytes=9-9999", 10))
  end)

  it("means the whole object by what is no such range", function()
    for _, text in ipairs { "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b" } do
      assert.is_nil(conditions.parse_range(text, 10), text)
    end
  end)

  it("refuses a range behind the end", function()
    for _, case in ipairs { { "bytes=10-", 10 }, { "bytes=-0", 10 }, { "bytes=0-", 0 } } do
      local raised = assert.has_error(function()
        conditions.parse_range(case[1], case[2])
      end)
      assert.equal(416, raised.status)
    end
  end)
end)
