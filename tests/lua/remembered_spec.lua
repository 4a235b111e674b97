local clock = require "host.clock"
local current = require "engine.runtime.current"
local remembered = require "engine.runtime.remembered"

describe("engine.runtime.remembered", function()
  local store, calls

  local function fetch()
    calls = calls + 1
    return "value " .. calls
  end

  local function fail()
    calls = calls + 1
    error "no answer"
  end

  before_each(function()
    store, calls = remembered.new(), 0
    clock.set(1000)
  end)

  after_each(function()
    clock.set(nil)
    current.finish()
  end)

  it("fetches a value once for its time, and then again", function()
    assert.equal("value 1", store:get("a", 60, fetch))
    clock.set(1059)
    assert.equal("value 1", store:get("a", 60, fetch))
    clock.set(1060)
    assert.equal("value 2", store:get("a", 60, fetch))
  end)

  it("gives the old value when fetching fails, tries again later, and tells the log", function()
    local told = {}
    current.begin { log = { warn = function(message, fields)
      table.insert(told, { message, fields.name, fields.error:match "no answer" })
    end } }
    store:get("a", 60, fetch)
    clock.set(1100)

    assert.equal("value 1", store:get("a", 60, fail))
    assert.equal("value 1", store:get("a", 60, fail))
    assert.equal(2, calls)
    assert.same({ { "an old value is used: it cannot be fetched again", "a", "no answer" } }, told)

    clock.set(1130)
    assert.equal("value 3", store:get("a", 60, fetch))
  end)

  it("raises when there is no old value", function()
    assert.error_matches("no answer", function()
      store:get("a", 60, fail)
    end)
    assert.equal("value 2", store:get("a", 60, fetch))
  end)

  it("forgets", function()
    store:get("a", 60, fetch)
    store:get("b", 60, fetch)
    store:forget "a"
    store:forget "absent"
    assert.equal("value 3", store:get("a", 60, fetch))
    store:forget()
    assert.equal("value 4", store:get("b", 60, fetch))
  end)

  it("keeps no more than 256", function()
    for i = 1, 257 do
      store:get("n" .. i, 60, fetch)
    end
    assert.equal("value 257", store:get("n257", 60, fetch))
    assert.equal("value 258", store:get("n1", 60, fetch))
  end)
end)
