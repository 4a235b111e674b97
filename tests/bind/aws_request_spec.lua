local aws_request = require "host.aws_request"
local loopback = dofile "tests/bind/loopback.lua"

local answer, serve = loopback.answer, loopback.serve

local function request_to(server, fields)
  local request = {
    credentials = {
      access_key_id = "AKIDEXAMPLE",
      secret_access_key = "secret-key",
      session_token = "secret-token",
      expiration = "2030-01-01T00:00:00Z", -- what a credential process may add
    },
    region = "eu-west-1",
    service = "cloudformation",
    url = server.url .. "/?secret=query",
  }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

describe("host.aws_request", function()
  it("signs, sends, and returns the answer", function()
    local server = serve { answer(200, "<ok/>", { "x-amzn-RequestId: r" }) }

    local response = assert(aws_request.send(request_to(server, {
      headers = { ["Content-Type"] = "application/x-www-form-urlencoded" },
      body = "Action=ListStacks",
    })))

    assert.equal(200, response.status)
    assert.equal("<ok/>", response.body)
    assert.equal(1, response.attempts)
    local sent = server.requests()[1]
    assert.matches("^POST /%?secret=query HTTP/1%.1\r\n", sent)
    assert.matches("\r\nX%-Amz%-Security%-Token: secret%-token\r\n", sent)
    assert.matches("Credential=AKIDEXAMPLE/%d+/eu%-west%-1/cloudformation/aws4_request", sent)
    assert.matches("SignedHeaders=content%-type;host;x%-amz%-date;x%-amz%-security%-token", sent)
    assert.not_matches("secret%-key", sent)
  end)

  it("tries again what may succeed later", function()
    local server = serve { answer(500), answer(200, "done") }

    local response = assert(aws_request.send(request_to(server)))

    assert.equal("done", response.body)
    assert.equal(2, response.attempts)
    server.requests()
  end)

  it("tries nothing again once its sink has had a byte", function()
    local cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    local server = serve { { cut, "close" }, { cut .. "four", "close" } }
    local given = ""

    local response, err = aws_request.send(request_to(server, {
      attempts = 3,
      sink = function(bytes)
        given = given .. bytes
      end,
    }))

    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.equal("closed", err.code)
    assert.equal("four", given)
    assert.equal(2, #server.requests()) -- the first broke off before its first byte
  end)

  it("returns nil and an error of kind service for a refusal", function()
    local body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not you.</Message>"
      .. "</Error><RequestId>r-1</RequestId></ErrorResponse>"
    local server = serve { answer(403, body) }

    local response, err = aws_request.send(request_to(server))

    assert.is_nil(response)
    assert.equal("service", err.kind)
    assert.equal(403, err.status)
    assert.equal("AccessDenied", err.code)
    assert.equal("Not you.", tostring(err))
    assert.equal("r-1", err.request_id)
    assert.equal(body, err.body)
    assert.is_nil(err.retryable)
    server.requests()
  end)

  it("keeps to itself what a signature error quotes", function()
    local server = serve {
      answer(403, '{"__type":"InvalidSignatureException","message":"Wrong. The Canonical String '
        .. 'for this request should have been x-amz-security-token:secret-token"}'),
    }

    local response, err = aws_request.send(request_to(server))

    assert.is_nil(response)
    assert.equal("InvalidSignatureException", err.code)
    assert.equal("Wrong.", tostring(err))
    assert.is_nil(err.body)
    server.requests()
  end)

  it("returns nil and an error of kind network when there is no answer", function()
    local server = serve {}
    server.requests() -- it has gone

    local response, err = aws_request.send(request_to(server, { attempts = 1 }))

    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.equal("connect", err.code)
    assert.not_matches("secret", tostring(err))
  end)

  it("raises for misuse, naming the field", function()
    local function misuse(message, fields)
      local ok, raised = pcall(aws_request.send, request_to({ url = "http://127.0.0.1:1" }, fields))
      assert.is_false(ok)
      assert.equal("bad argument #1 to 'host.aws_request.send' (" .. message .. ")", raised)
    end

    misuse("unknown field 'regoin'", { regoin = "x" })
    misuse("field 'region': string expected, got number", { region = 1 })
    misuse("field 'credentials': table expected, got string", { credentials = "AKID" })
    misuse("field 'secret_access_key': string expected, got nil",
      { credentials = { access_key_id = "AKID" } })
    misuse("field 'payload': 'signed' or 'unsigned' expected", { payload = "none" })
    misuse("field 'attempts': 21 is not between 1 and 20", { attempts = 21 })
    misuse("field 'timeout': must be above 0", { timeout = -1 })
    misuse("field 'total_timeout': must be above 0", { total_timeout = 0 })
  end)

  it("waits for no attempt that would come too late", function()
    local server = serve { answer(503, "", { "Retry-After: 5" }) }

    local response, err = aws_request.send(request_to(server, { total_timeout = 2 }))

    assert.is_nil(response)
    assert.equal(503, err.status)
    assert.equal(1, #server.requests())
  end)

  it("sends several, and keeps their order and their failures apart", function()
    local server = serve { answer(200, "same"), answer(200, "same") }

    local results = aws_request.send_all({
      request_to(server),
      request_to({ url = "nonsense" }),
      request_to(server),
    }, { parallel = 2 })

    assert.equal(3, #results)
    assert.equal("same", results[1].response.body)
    assert.equal("input", results[2].err.kind)
    assert.equal("same", results[3].response.body)
    assert.equal(1, results[3].response.attempts)
    server.requests()
  end)
end)
