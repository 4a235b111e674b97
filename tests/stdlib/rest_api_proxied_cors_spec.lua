local proxied_cors = require "laconic.rest_api.proxied_cors"

local ALLOW = "access-control-allow-origin"

local function asked(origin)
  return { httpMethod = "GET", requestContext = {}, headers = { ORIGIN = origin } }
end

local function answered(cors, text, event, result)
  return proxied_cors.interceptor(cors, text).after_dispatch({}, event, result) or result
end

describe("laconic.rest_api.proxied_cors", function()
  it("names the only origin, whoever asks", function()
    local answer = answered({}, "*", asked(nil), { statusCode = 200 })

    assert.equal("*", answer.headers[ALLOW])
    assert.is_nil(answer.headers.vary)
  end)

  it("names one of several to that one", function()
    local cors = { credentials = true }
    local origins = "https://a.example,https://b.example"
    local answer = answered(cors, origins, asked "https://b.example", { statusCode = 200 })
    local other = answered(cors, origins, asked "https://b.example.org", { statusCode = 200 })

    assert.equal("https://b.example", answer.headers[ALLOW])
    assert.equal("true", answer.headers["access-control-allow-credentials"])
    assert.is_nil(other.headers[ALLOW])
    assert.is_nil(other.headers["access-control-allow-credentials"])
    assert.equal("Origin", other.headers.vary)
  end)

  it("keeps what the function says, and changes no table of its", function()
    local said = { ["x-a"] = "b", Vary = "Accept" }
    local result = { statusCode = 200, headers = said, body = "c" }
    local answer = answered({ expose_headers = { "x-a" } }, "*", asked(nil), result)

    assert.same({ ["x-a"] = "b", Vary = "Accept" }, said)
    assert.equal(said, result.headers)
    assert.equal("Accept", answer.headers.Vary)
    assert.equal("x-a", answer.headers["access-control-expose-headers"])
    assert.equal("c", answer.body)
    for _, field in ipairs { "headers", "multiValueHeaders" } do
      local own = { statusCode = 200, [field] = { ["Access-Control-Allow-Origin"] = "x" } }
      assert.equal(own, answered({}, "*", asked(nil), own))
    end
  end)

  it("leaves alone what is no answer to a proxied request", function()
    local null = require("host.json").null
    for _, case in ipairs {
      { asked(nil), { code = 200 } },
      { asked(nil), "text" },
      { asked(nil), nil },
      { { Records = {} }, { statusCode = 200 } },
      { { requestContext = null, httpMethod = "GET" }, { statusCode = 200 } },
      { "event", { statusCode = 200 } },
      { { version = "1.0", httpMethod = "GET", requestContext = {} }, { statusCode = 200 } },
      { { httpMethod = "GET", requestContext = { elb = {} } }, { statusCode = 200 } },
    } do
      assert.equal(case[2], answered({}, "*", case[1], case[2]))
    end
    local answer = answered({}, "*", { httpMethod = "GET", requestContext = {}, headers = null },
      { statusCode = 200, headers = null })
    assert.equal("*", answer.headers[ALLOW])
  end)
end)
