local clock = require "host.clock"

describe("host.clock", function()
  after_each(function()
    clock.set(nil)
  end)

  it("tells the time, and lets a test set it", function()
    assert.is_true(clock.now() > 1.7e9)
    clock.set(1440938160.5)
    assert.equal(1440938160.5, clock.now())
    assert.equal(1440938160.5, clock.now())
    clock.set()
    assert.is_true(clock.now() > 1.7e9)
  end)

  it("measures durations with a clock that is not set", function()
    local before = clock.monotonic()
    clock.set(0)
    assert.is_true(clock.monotonic() >= before)
    assert.is_true(clock.sleep(0.001))
    assert.is_true(clock.monotonic() >= before + 0.001)
  end)

  it("writes AWS's three texts and reads them back", function()
    assert.equal("20150830T123600Z", clock.amz_date(1440938160.9))
    assert.equal("2015-08-30T12:36:00Z", clock.iso8601(1440938160))
    assert.equal("2015-08-30T12:36:00.123Z", clock.iso8601(1440938160.123, true))
    assert.equal("Sun, 30 Aug 2015 12:36:00 GMT", clock.http_date(1440938160))
    for _, write in ipairs { clock.amz_date, clock.iso8601, clock.http_date } do
      assert.equal(1440938160, clock.parse(write(1440938160)))
    end
  end)

  it("returns nil and an error for a text that is no time", function()
    local seconds, err = clock.parse "yesterday"
    assert.is_nil(seconds)
    assert.equal("input", err.kind)
    assert.matches("not a time", tostring(err))
  end)

  it("raises for what cannot be a time", function()
    assert.error_matches("#1 to 'amz_date' %(number expected, got string%)", function()
      clock.amz_date "0"
    end)
    assert.error_matches("#1 to 'iso8601' %(a time of years 1 to 9999 expected%)", function()
      clock.iso8601(1e15)
    end)
    assert.error_matches("#1 to 'set' %(a time of years 1 to 9999 expected%)", function()
      clock.set(0 / 0)
    end)
    assert.error_matches("#2 to 'iso8601' %(boolean expected, got number%)", function()
      clock.iso8601(0, 3)
    end)
    assert.error_matches("#1 to 'sleep' %(0 to 1e9 seconds expected%)", function()
      clock.sleep(-1)
    end)
  end)
end)
