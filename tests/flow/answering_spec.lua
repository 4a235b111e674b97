-- Words for APIs, from the service file to the answer: provisioned on a local cloud that runs beside,
-- and asked over HTTP.
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

-- What stands for all cases: the cloud is slow to make, and no case changes it.
local folder, cloud, outputs

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return result.output, result.error
end

local function begin()
  folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/service.lua",
    assert(file.read "tests/flow/answering/service.lua")))
  cloud = served_cloud.start(folder .. "/.laconic/local")
  run("provision", "--local")
  outputs = assert(json.decode((run("outputs", "--local", "--format", "json"))))
end

local function finish()
  cloud:close()
  assert(file.remove_tree(folder))
end

local function ask(options)
  options.proxy = ""
  local answer = assert(http.request(options))
  local body = (answer.headers["content-type"] or ""):find "json" and json.decode(answer.body)
  return answer, body or answer.body
end

-- Signs a request for one of the outputs' URLs, as the cloud's own account.
local function ask_signed(url, service)
  return (cloud:send { path = url:match "^http://[^/]+(/.*)$", service = service })
end

describe("what answers over HTTP", function()
  it("begins", begin)

  it("is a route of an HTTP API, whose handler reads the request and answers it", function()
    local answer, body = ask { url = outputs.FrontUrl .. "/hello/ada%20b?x=1" }

    assert.equal(200, answer.status)
    assert.equal("yes", answer.headers["x-echo"])
    assert.equal("api_gateway_v2", body.source)
    assert.equal("GET /hello/{name}", body.route)
    assert.same({ name = "ada b" }, body.parameters)
  end)

  it("is whatever a greedy parameter takes, with any method and body", function()
    local answer, body = ask {
      url = outputs.FrontUrl .. "/files/a/b?status=201",
      method = "PUT",
      body = "tea",
    }

    assert.equal(201, answer.status)
    assert.same({ proxy = "a/b" }, body.parameters)
    assert.equal("tea", body.body)
    assert.equal(404, ask({ url = outputs.FrontUrl .. "/nowhere" }).status)
  end)

  it("gets events of payload format 1.0 where a route wants them", function()
    local _, body = ask { url = outputs.FrontUrl .. "/old", method = "POST", body = "x" }
    assert.equal("api_gateway_v1", body.source)
  end)

  it("is a stage of its own with its variables", function()
    local _, body = ask { url = outputs.FrontUrl .. "/beta/hello/ada" }
    assert.same({ mood = "bold" }, body.variables)
  end)

  it("is changed on its way to the function and back, where a route says so", function()
    local answer, body = ask {
      url = outputs.FrontUrl .. "/beta/changed/ada?a=1&b=2&status=201",
      headers = { { "x-said", "hi" }, { "x-gone", "1" }, { "x-tea", "green & black" } },
    }

    assert.equal("hi,ada", body.headers["x-said"])
    assert.equal("1 and bold", body.headers["x-both"])
    assert.is_nil(body.headers["x-gone"])
    assert.same({ b = { "2", "green & black" }, status = { "201" } }, body.query)
    assert.equal("/elsewhere", body.path)
    assert.same({ name = "ada" }, body.parameters)
    assert.equal(202, answer.status)
    assert.equal("GET", answer.headers["x-echo"])
    assert.equal("ANY /changed/{name}", answer.headers["x-route"])

    local other = ask { url = outputs.FrontUrl .. "/beta/changed/ada?status=200" }
    assert.equal(200, other.status)
    assert.equal("yes", other.headers["x-echo"])
  end)

  it("is told of what a body says, but not of headers that a client hides in it", function()
    local function first_of(order)
      local text = assert(json.encode { order = order })
      local _, body = ask {
        url = outputs.FrontUrl .. "/changed/ada",
        method = "POST",
        body = text,
      }
      assert.equal(text, body.body)
      return body.headers["x-first"]
    end
    assert.equal("green", first_of { tea = "green" })
    assert.equal("[1,2]", first_of { tea = { 1, 2 } })
    assert.is_nil(first_of { tea = "a\r\nx-both: mine" })
    assert.is_nil(first_of { coffee = "black" })
  end)

  it("asks the authorizer's function, and needs what it is asked by", function()
    local function secret(token)
      local answer, body = ask {
        url = outputs.FrontUrl .. "/secret",
        headers = token and { { "Authorization", token } } or {},
      }
      return answer.status, body
    end
    local status, body = secret "tea"

    assert.equal(200, status)
    assert.equal("full", body.authorizer.lambda.cup)
    assert.equal(403, (secret "coffee"))
    assert.equal(401, (secret(nil)))
  end)

  it("wants a signature where IAM decides", function()
    assert.equal(403, ask({ url = outputs.FrontUrl .. "/inside" }).status)
    assert.equal(200, ask_signed(outputs.FrontUrl .. "/inside", "execute-api").status)
    assert.equal(403, ask({ url = outputs.SignedUrl }).status)
    assert.equal(200, ask_signed(outputs.SignedUrl, "lambda").status)
  end)

  it("lets pages of the origins that were said call, and no others", function()
    local function allowed(origin)
      local answer = ask {
        url = outputs.FrontUrl .. "/hello/ada",
        method = "OPTIONS",
        headers = { { "Origin", origin }, { "Access-Control-Request-Method", "GET" } },
      }
      return answer.headers["access-control-allow-origin"]
    end
    assert.equal("https://example.com", allowed "https://example.com")
    assert.is_nil(allowed "https://example.org")
  end)

  it("is a function's own URL", function()
    local answer, body = ask { url = outputs.OpenUrl .. "any/path?x=1", method = "DELETE" }

    assert.equal(200, answer.status)
    assert.equal("DELETE", body.method)
    assert.equal("/any/path", body.path)
  end)

  it("is an API at its author's own domain, and nowhere else when that is said", function()
    local answer, body = ask { url = outputs.OwnUrl .. "/hello/ada" }

    assert.equal(cloud.url .. "/_domains/api.example.org/v1/teas", outputs.OwnUrl)
    assert.equal(200, answer.status)
    assert.equal("GET /hello/{name}", body.route)
    assert.equal("/v1/teas/hello/ada", body.path)
    assert.equal("api.example.org", body.domain)
    assert.equal(404,
      ask({ url = cloud.url .. "/_apis/" .. outputs.OwnId .. "/hello/ada" }).status)
  end)

  it("is the API of the longest path that fits", function()
    local function route_of(path)
      local answer, body = ask {
        url = cloud.url .. path,
        headers = { { "Host", "api.example.org" } },
      }
      return answer.status == 200 and body.route or answer.status
    end
    assert.equal("GET /hello/{name}", route_of "/v1/teas/hello/ada")
    assert.equal("$default", route_of "/v1/teasing")
    assert.equal("$default", route_of "/v1")
    assert.equal(403, route_of "/v2")
  end)

  it("is a target of a load balancer, for what its rule says and for all that is left", function()
    local function asked(path, tea)
      local answer, body = ask {
        url = outputs.BalancedUrl .. path,
        headers = { { "x-tea", tea } },
      }
      assert.equal(200, answer.status)
      assert.equal("alb", body.source)
      return body.query.cups, body.path
    end
    local cups, path = asked("/lists/a?cups=2&cups=3", "green")

    assert.same({ "2", "3" }, cups) -- lists are for the target that wants them
    assert.equal("/lists/a", path)
    assert.same({ "3" }, (asked("/lists/a?cups=2&cups=3", "white")))
    assert.same({ "3" }, (asked("/lists/a?cups=3", "green")))
  end)

  it("is known to other functions by its address", function()
    local said = assert(json.decode((run("invoke", "address", "--local"))))
    assert.same({ front = outputs.FrontUrl, open = outputs.OpenUrl }, said)
  end)

  it("is the same after an update without a change", function()
    local _, messages = run("provision", "--local")
    assert.matches("No changes", messages)
  end)

  it("ends", finish)
end)
