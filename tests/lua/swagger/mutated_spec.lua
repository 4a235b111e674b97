-- Spoilt descriptions, the same ones each time; ./dev fuzz swagger goes on for as long as it is let.
local json = require "host.json"

local mutations = dofile "tests/fuzz/swagger_mutations.lua"

local COUNT <const> = 300

describe("a spoilt description", function()
  it("is refused by its place, or becomes a valid one whose events hold nothing else", function()
    local processed = 0
    for seed = 1, COUNT do
      math.randomseed(seed)
      local bytes = seed % 5 == 0 and mutations.bytes()
        or assert(json.encode(mutations.document()))
      local ok, result = pcall(mutations.check, bytes)
      assert.is_true(ok, ("seed %d: %s"):format(seed, tostring(result)))
      processed = processed + (result and 1 or 0)
    end
    assert.truthy(processed > COUNT // 50 and processed < COUNT // 2, processed)
  end)
end)
