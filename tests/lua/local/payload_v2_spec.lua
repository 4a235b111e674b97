local json = require "host.json"
local payload_v2 = require "engine.local.http.payload_v2"

local function answer_of(result)
  return payload_v2.answer(assert(json.encode(result)), "text/plain")
end

local function with_headers(count)
  local headers = json.object {}
  for i = 1, count do
    headers["x-" .. i] = "y"
  end
  return { statusCode = 200, headers = headers }
end

describe("an answer of payload format 2.0", function()
  it("has as many headers as can be sent, or is malformed", function()
    assert.equal(121, #answer_of(with_headers(120)).headers) -- its type, too
    assert.is_nil(answer_of(with_headers(121)))
  end)

  it("is malformed by a header that is none", function()
    assert.is_nil(answer_of { statusCode = 200, headers = { ["a b"] = "c" } })
    assert.is_nil(answer_of { statusCode = 200, headers = { a = "b\r\nc: d" } })
    assert.is_nil(answer_of { statusCode = 200, headers = { a = { "b" } } })
  end)
end)
