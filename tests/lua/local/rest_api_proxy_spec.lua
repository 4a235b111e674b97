-- REST APIs whose functions get the whole request.
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"

local create_function, deploy, permission = rest.create_function, rest.deploy, rest.permission
local proxy, send, template_of = rest.proxy, rest.send, rest.template_of

local function cloudy(name, body)
  it(name, function()
    rest.within(body)
  end)
end

local ECHO = "return { statusCode = 200, body = require('host.json').encode(event) }"

describe("a REST API with a proxy integration", function()
  cloudy("hands the whole request over, in format 1.0", function(folder)
    create_function(folder, "echo", ECHO)
    local url, id = deploy(template_of({ proxy("/pets/{id}/{rest+}", "ANY", "echo") }, {
      resources = { Permission = permission "echo" },
      stage = { Variables = { colour = "red" } },
    }))
    assert.matches("^http://127%.0%.0%.1:%d+/_apis/" .. id .. "/dev$", url)

    local answer = send(url .. "/pets/a%20b/c/d%2Fe?q=1&q=%C3%A9&w=a+b&empty=", {
      method = "POST",
      headers = { { "X-Two", "one" }, { "x-two", "two" }, { "Content-Type", "text/plain" } },
      body = "hello",
    })

    assert.equal(200, answer.status, answer.body)
    local event = answer.json
    assert.equal("/pets/{id}/{rest+}", event.resource)
    assert.equal("/pets/a%20b/c/d%2Fe", event.path)
    assert.equal("POST", event.httpMethod)
    assert.same({ id = "a%20b", rest = "c/d%2Fe" }, event.pathParameters)
    assert.same({ q = "é", w = "a b", empty = "" }, event.queryStringParameters)
    assert.same({ "1", "é" }, event.multiValueQueryStringParameters.q)
    assert.equal("two", event.headers["X-Two"])
    assert.same({ "one", "two" }, event.multiValueHeaders["X-Two"])
    assert.is_nil(event.headers["Content-Length"])
    assert.matches("^Root=1%-%x+%-%x+$", event.headers["X-Amzn-Trace-Id"])
    assert.same({ colour = "red" }, event.stageVariables)
    assert.equal("hello", event.body)
    assert.is_false(event.isBase64Encoded)
    local context = event.requestContext
    assert.equal(id, context.apiId)
    assert.equal("dev", context.stage)
    assert.equal("/dev/pets/a%20b/c/d%2Fe", context.path)
    assert.equal("/pets/{id}/{rest+}", context.resourcePath)
    assert.equal("POST", context.httpMethod)
    assert.equal(rest.cloud.account, context.accountId)
    assert.equal(id .. ".execute-api.us-east-1.amazonaws.com", context.domainName)
    assert.equal("127.0.0.1", context.identity.sourceIp)
    assert.matches("^curl/", context.identity.userAgent)
    assert.equal(json.null, context.identity.userArn)
    assert.equal("integer", math.type(context.requestTimeEpoch))
    assert.equal(answer.headers["x-amzn-requestid"], context.requestId)
    assert.equal(answer.headers["x-amz-apigw-id"], context.extendedRequestId)
  end)

  cloudy("says null where there is nothing", function(folder)
    create_function(folder, "echo", ECHO)
    local url = deploy(template_of({ proxy("/", "GET", "echo") }, {
      resources = { Permission = permission "echo" },
    }))
    for _, path in ipairs { "", "/" } do
      local event = send(url .. path).json
      assert.equal("/", event.path)
      assert.equal("/dev" .. path, event.requestContext.path)
      for _, name in ipairs { "body", "pathParameters", "queryStringParameters",
        "multiValueQueryStringParameters", "stageVariables" } do
        assert.equal(json.null, event[name], name)
      end
    end
  end)

  cloudy("passes the function's status, headers and body on", function(folder)
    create_function(folder, "f", [[
      return {
        statusCode = "201", body = "made",
        headers = { ["X-One"] = "1", ["X-Number"] = 7, ["X-True"] = true, Date = "never",
          ["X-Lines"] = "a\r\nSet-Cookie: b=c" },
        multiValueHeaders = { ["Set-Cookie"] = { "a=1", "b=2" }, ["x-one"] = { "many" } },
      }
    ]])
    local url = deploy(template_of({ proxy("/f", "GET", "f") }, {
      resources = { Permission = permission "f" },
    }))
    local answer = send(url .. "/f")
    assert.equal(201, answer.status)
    assert.equal("made", answer.body)
    assert.equal("many", answer.headers["x-one"])
    assert.equal("7", answer.headers["x-number"])
    assert.equal("true", answer.headers["x-true"])
    assert.equal("a=1, b=2", answer.headers["set-cookie"])
    assert.equal("never", answer.headers["x-amzn-remapped-date"])
    assert.equal("a Set-Cookie: b=c", answer.headers["x-lines"])
    assert.equal("application/json", answer.headers["content-type"])
  end)

  cloudy("answers 502 for what is no proxy's answer, and for a function that fails",
    function(folder)
      create_function(folder, "f", [[
        local which = event.queryStringParameters.answer
        if which == "error" then error "no" end
        return ({
          list = { "a" }, text = "text", unknown = { statusCode = 200, extra = 1 },
          status = { statusCode = "many" }, body = { body = { a = 1 } },
          headers = { headers = "x" }, none = false,
          name = { headers = { ["a\r\nb"] = "c" } }, empty = { headers = { [""] = "c" } },
          many = { multiValueHeaders = { a = many } },
        })[which] or nil
      ]], "local many = {} for i = 1, 200 do many[i] = 'x' end")
      local url = deploy(template_of({ proxy("/f", "GET", "f") }, {
        resources = { Permission = permission "f" },
      }))
      for _, which in ipairs {
        "list", "text", "unknown", "status", "body", "headers", "none", "error", "name", "empty",
        "many",
      } do
        local answer = send(url .. "/f?answer=" .. which)
        assert.equal(502, answer.status, which .. answer.body)
        assert.same({ message = "Internal server error" }, answer.json)
        assert.equal("InternalServerErrorException", answer.headers["x-amzn-errortype"])
      end
    end)

  cloudy("answers 500 without the function's permission, and 200 with it", function(folder)
    create_function(folder, "f", "return { statusCode = 200 }")
    local methods = { proxy("/f", "GET", "f"), proxy("/g", "GET", "f") }
    local url = deploy(template_of(methods))
    local answer = send(url .. "/f")
    assert.equal(500, answer.status)
    assert.same({ message = "Internal server error" }, answer.json)

    deploy(template_of(methods, {
      resources = {
        Permission = permission("f", { ["Fn::Sub"] =
          "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/dev/GET/f" }),
      },
    }), "UpdateStack")
    assert.equal(200, send(url .. "/f").status)
    assert.equal(500, send(url .. "/g").status)
  end)

  cloudy("takes bytes in and gives them out where the media type is binary", function(folder)
    create_function(folder, "f", [[
      return { statusCode = 200, isBase64Encoded = true, body = event.body,
        headers = { ["Content-Type"] = "image/png",
          ["X-Encoded"] = tostring(event.isBase64Encoded) } }
    ]])
    local url = deploy(template_of({ proxy("/f", "POST", "f") }, {
      api = { BinaryMediaTypes = { "image/*" } }, resources = { Permission = permission "f" },
    }))
    local bytes = "\0\1\255\254 bytes"
    local answer = send(url .. "/f", {
      method = "POST", body = bytes,
      headers = { { "Content-Type", "image/png" }, { "Accept", "image/png,*/*" } },
    })
    assert.equal("true", answer.headers["x-encoded"])
    assert.equal(bytes, answer.body)
    answer = send(url .. "/f", {
      method = "POST", body = bytes,
      headers = { { "Content-Type", "image/png" }, { "Accept", "text/html" } },
    })
    assert.equal("AAH//iBieXRlcw==", answer.body)
    answer = send(url .. "/f", {
      method = "POST", body = "caf\xe9",
      headers = { { "Content-Type", "text/plain" }, { "Accept", "text/html" } },
    })
    assert.equal("false", answer.headers["x-encoded"])
    assert.equal("caf\u{FFFD}", answer.body)
  end)

  cloudy("waits no longer than the integration says", function(folder)
    create_function(folder, "f", "os.execute 'sleep 2' return { statusCode = 200 }")
    local slow = proxy("/f", "GET", "f")
    slow.Integration.TimeoutInMillis = 300
    local url = deploy(template_of({ slow }, { resources = { Permission = permission "f" } }))
    local answer = send(url .. "/f")
    assert.equal(504, answer.status)
    assert.same({ message = "Endpoint request timed out" }, answer.json)
  end)

  cloudy("finds its function by a stage variable", function(folder)
    create_function(folder, "one", "return { statusCode = 200, body = 'one' }")
    local method = proxy("/f", "GET", "${stageVariables.which}")
    local url = deploy(template_of({ method }, {
      resources = { Permission = permission "one" }, stage = { Variables = { which = "one" } },
    }))
    assert.equal("one", send(url .. "/f").body)
  end)

  cloudy("refuses bodies that are too long", function(folder)
    create_function(folder, "f", "return { statusCode = 200, body = tostring(#event.body) }")
    local url = deploy(template_of({ proxy("/f", "POST", "f") }, {
      resources = { Permission = permission "f" },
    }))
    local function size(bytes)
      return send(url .. "/f", { method = "POST", body = ("x"):rep(bytes) })
    end
    assert.equal("5000000", size(5000000).body)
    assert.equal(413, size(6300000).status)
    local answer = size(10485761)
    assert.equal(413, answer.status)
    assert.same({ message = "HTTP content length exceeded 10485760 bytes." }, answer.json)
    assert.equal("RequestEntityTooLargeException", answer.headers["x-amzn-errortype"])

    local function with_header(bytes)
      return send(url .. "/f", {
        method = "POST", body = "x", headers = { { "X-Long", ("x"):rep(bytes) } },
      })
    end
    assert.equal("1", with_header(10000).body)
    assert.same({ message = "HTTP header is larger than 10240 bytes." }, with_header(10240).json)
  end)
end)

describe("a request that is not as it should be", function()
  cloudy("reaches the function as text all the same", function(folder)
    create_function(folder, "echo", ECHO)
    local url = deploy(template_of({ proxy("/{any+}", "ANY", "echo") }, {
      resources = { Permission = permission "echo" },
    }))
    local event = send(url .. "/%zz/%ff?a=%zz&b=%ff&=&c&%c3%28=1&&a=\xfe", {
      headers = {
        { "X-Bytes", "\xff\xfe" }, { "X-Forwarded-For", "10.0.0.1" }, { "X-Forwarded-Port", "1" },
        { "X-Forwarded-Proto", "gopher" },
      },
    }).json
    assert.equal("/%zz/%ff", event.path)
    assert.equal("%zz/%ff", event.pathParameters.any)
    assert.same({ "%zz", "\u{FE}" }, event.multiValueQueryStringParameters.a)
    assert.equal("\u{FF}", event.queryStringParameters.b)
    assert.equal("", event.queryStringParameters.c)
    assert.equal("\u{FFFD}\u{FFFD}", event.headers["X-Bytes"])
    assert.equal("10.0.0.1, 127.0.0.1", event.headers["X-Forwarded-For"])
    assert.equal("http", event.headers["X-Forwarded-Proto"])
    assert.equal(rest.cloud.url:match "%d+$", event.headers["X-Forwarded-Port"])

    local long = ("a"):rep(4000)
    assert.equal(long, send(url .. "/" .. long).json.pathParameters.any)
    local deep = ("/a"):rep(1000)
    assert.equal(deep, send(url .. deep).json.path)
    assert.equal("MANY", send(url .. "/a", { method = "MANY" }).json.httpMethod)
  end)
end)
