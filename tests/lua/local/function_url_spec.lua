local deployed = dofile "tests/lua/local/deployed.lua"
local json = require "host.json"

local SERVICE <const> = [[
local laconic = require "laconic"
local json = require "host.json"
local service = laconic.service { name = "s" }

service:lambda { name = "echo", handler = function(event)
  local say = event.queryStringParameters and event.queryStringParameters.say
  if say == "plain" then
    return "tea"
  elseif say == "fail" then
    error("no tea", 0)
  elseif say == "structured" then
    return { statusCode = 201, headers = { ["X-Tea"] = "green", vary = "Accept",
      ["access-control-allow-origin"] = "https://own.example" },
      cookies = { "a=1; Path=/", "b=2" }, body = "dGVh", isBase64Encoded = true }
  elseif say == "status" then
    return { statusCode = "many" }
  elseif say == "large" then
    return { body = ("x"):rep(7 * 1024 * 1024), statusCode = 200 }
  end
  return { event = event }
end }

service:lambda { name = "stream", handler = function(event, context)
  local say = event.queryStringParameters and event.queryStringParameters.say
  if say == "return" then
    return { statusCode = 201, body = "tea" }
  end
  local stream = context:stream(say == "bare" and { content_type = "text/plain" } or {
    status = 202, headers = { ["x-tea"] = "green" }, cookies = { "a=1", "b=2" },
    content_type = "text/plain" })
  stream:write "one "
  if say == "break" then
    error("no tea", 0)
  end
  stream:write "two"
end }

return service
]]

local function url_of(id, more)
  local properties = {
    TargetFunctionArn = { ["Fn::GetAtt"] = { id, "Arn" } }, AuthType = "NONE",
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return { Type = "AWS::Lambda::Url", Properties = properties }
end

local function let_all(id)
  return deployed.permission(id, {
    Action = "lambda:InvokeFunctionUrl", Principal = "*", FunctionUrlAuthType = "NONE",
  })
end

local function let_through(id)
  return deployed.permission(id, { Principal = "*", InvokedViaFunctionUrl = true })
end

local CORS <const> = {
  AllowOrigins = { "https://*.example" }, AllowMethods = { "GET", "POST" },
  AllowHeaders = { "x-tea" }, ExposeHeaders = { "x-tea" }, MaxAge = 60, AllowCredentials = true,
}

describe("a function's URL", function()
  local function attribute(id, name)
    return { ["Fn::GetAtt"] = { id, name } }
  end
  local stack = deployed.start(SERVICE, {
    Echo = deployed.lambda "echo",
    EchoUrl = url_of "Echo",
    EchoPermission = let_all "Echo",
    EchoThrough = let_through "Echo",
    Signed = deployed.lambda "echo",
    SignedUrl = url_of("Signed", { AuthType = "AWS_IAM" }),
    Closed = deployed.lambda "echo",
    ClosedUrl = url_of "Closed",
    Half = deployed.lambda "echo",
    HalfUrl = url_of "Half",
    HalfPermission = let_all "Half",
    Crossed = deployed.lambda "echo",
    CrossedUrl = url_of("Crossed", { Cors = CORS }),
    CrossedPermission = let_all "Crossed",
    CrossedThrough = let_through "Crossed",
    Stream = deployed.lambda "stream",
    StreamUrl = url_of("Stream", { InvokeMode = "RESPONSE_STREAM" }),
    StreamPermission = let_all "Stream",
    StreamThrough = let_through "Stream",
    Gathered = deployed.lambda "stream",
    GatheredUrl = url_of "Gathered",
    GatheredPermission = let_all "Gathered",
    GatheredThrough = let_through "Gathered",
  }, {
    Echo = attribute("EchoUrl", "FunctionUrl"),
    EchoArn = { Ref = "EchoUrl" },
    Signed = attribute("SignedUrl", "FunctionUrl"),
    Closed = attribute("ClosedUrl", "FunctionUrl"),
    Half = attribute("HalfUrl", "FunctionUrl"),
    Crossed = attribute("CrossedUrl", "FunctionUrl"),
    Stream = attribute("StreamUrl", "FunctionUrl"),
    Gathered = attribute("GatheredUrl", "FunctionUrl"),
  })

  local function get(name, path, more)
    local options = more or {}
    options.url = stack.outputs[name] .. path
    return deployed.send(options)
  end

  it("is one of this cloud's addresses", function()
    assert.matches("^" .. stack.cloud.url:gsub("%p", "%%%0") .. "/_urls/" .. ("%w"):rep(32) .. "/$",
      stack.outputs.Echo)
    assert.matches("^arn:aws:lambda:us%-east%-1:123456789012:function:s%-Echo%-",
      stack.outputs.EchoArn)
  end)

  it("hands the request over in payload format 2.0", function()
    local answer = get("Echo", "caf%C3%A9/a%2Fb?x=1&y=a+b&x=%26&empty", {
      method = "POST",
      headers = {
        { "X-One", "1" }, { "x-one", "2" }, { "Cookie", "a=1; b=2" }, { "User-Agent", "kettle" },
        { "cookie", "c=3" },
        { "Content-Type", "application/json" },
      },
      body = '{"tea":true}',
    })
    assert.equal(200, answer.status)
    assert.equal("application/json", answer.headers["content-type"])
    local event = assert(json.decode(answer.body)).event

    assert.equal("2.0", event.version)
    assert.equal("$default", event.routeKey)
    assert.equal("/caf%C3%A9/a%2Fb", event.rawPath)
    assert.equal("x=1&y=a+b&x=%26&empty", event.rawQueryString)
    assert.same({ x = "1,&", y = "a b", empty = "" }, event.queryStringParameters)
    assert.same({ "a=1", "b=2", "c=3" }, event.cookies)
    assert.equal("1,2", event.headers["x-one"])
    assert.is_nil(event.headers.cookie)
    assert.equal("127.0.0.1", event.headers["x-forwarded-for"])
    assert.equal("http", event.headers["x-forwarded-proto"])
    assert.matches("^Root=1%-%x+%-%x+$", event.headers["x-amzn-trace-id"])
    assert.equal('{"tea":true}', event.body)
    assert.is_false(event.isBase64Encoded)
    assert.is_nil(event.pathParameters)

    local context, id = event.requestContext, stack.outputs.Echo:match "_urls/(%w+)/"
    assert.equal("anonymous", context.accountId)
    assert.equal(id, context.apiId)
    assert.equal(id .. ".lambda-url.us-east-1.on.aws", context.domainName)
    assert.equal(id, context.domainPrefix)
    assert.equal("$default", context.stage)
    assert.is_nil(context.authorizer)
    assert.same({
      method = "POST", path = "/caf%C3%A9/a%2Fb", protocol = "HTTP/1.1", sourceIp = "127.0.0.1",
      userAgent = "kettle",
    }, context.http)
    assert.matches("^%d%d/%a%a%a/%d%d%d%d:%d%d:%d%d:%d%d %+0000$", context.time)
    assert.is_true(context.timeEpoch > 1700000000000)
    assert.equal(context.requestId, answer.headers["x-amzn-requestid"])
  end)

  it("encodes what is no text", function()
    local function body_of(kind, bytes, encoding)
      local headers = { { "Content-Type", kind } }
      if encoding then
        table.insert(headers, { "Content-Encoding", encoding })
      end
      local answer = get("Echo", "", { method = "POST", headers = headers, body = bytes })
      local event = assert(json.decode(answer.body)).event
      return { event.body, event.isBase64Encoded }
    end
    assert.same({ "tea", false }, body_of("text/plain; charset=utf-8", "tea"))
    assert.same({ "dGVh", true }, body_of("application/x-www-form-urlencoded", "tea"))
    assert.same({ "dGVh", true }, body_of("application/octet-stream", "tea"))
    assert.same({ "dGVh", true }, body_of("text/plain", "tea", "gzip"))
    assert.same({ "/w==", true }, body_of("text/plain", "\255"))
    local answer = get("Echo", "?q=%FF", { headers = { { "x-bytes", "\233" } } })
    local event = assert(json.decode(answer.body)).event
    assert.equal("é", event.headers["x-bytes"])
    assert.equal("ÿ", event.queryStringParameters.q)
  end)

  it("answers what the function says", function()
    local answer = get("Echo", "?say=structured")
    assert.equal(201, answer.status)
    assert.equal("tea", answer.body)
    assert.equal("green", answer.headers["x-tea"])
    assert.equal("a=1; Path=/, b=2", answer.headers["set-cookie"])
    assert.equal("application/json", answer.headers["content-type"])
    assert.equal("https://own.example", answer.headers["access-control-allow-origin"])
    assert.equal('"tea"', get("Echo", "?say=plain").body)
  end)

  it("is 502 when the function fails, and when its answer is none", function()
    for _, say in ipairs { "fail", "status", "large" } do
      local answer = get("Echo", "?say=" .. say)
      assert.equal(502, answer.status)
      assert.equal("Internal Server Error", answer.body)
    end
  end)

  it("takes six megabytes at most", function()
    local answer = get("Echo", "", { method = "POST", body = ("x"):rep(6291457) })
    assert.equal(413, answer.status)
    answer = get("Echo", "", { method = "POST", body = ("x"):rep(6291400) })
    assert.equal(413, answer.status) -- the event around it counts
  end)

  it("is closed to those whom the function's policy does not let in", function()
    local answer = get("Closed", "")
    assert.equal(403, answer.status)
    assert.equal('{"Message":"Forbidden"}', answer.body)
    assert.equal(403, get("Half", "").status)
    answer = deployed.send { url = stack.cloud.url .. "/_urls/none/" }
    assert.equal(403, answer.status)
  end)

  it("of the type AWS_IAM wants a signature for lambda", function()
    assert.equal(403, get("Signed", "").status)
    local path = stack.outputs.Signed:match "http://[^/]+(/.*)$"
    local function signed(options)
      options.path, options.service = path .. "x", options.service or "lambda"
      return stack.cloud:send(options)
    end
    local answer = signed { query = "a=1", method = "POST", body = "tea" }
    assert.equal(200, answer.status)
    local event = assert(json.decode(answer.body)).event
    assert.equal("123456789012", event.requestContext.accountId)
    assert.equal("local", event.requestContext.authorizer.iam.accessKey)
    assert.equal("arn:aws:iam::123456789012:root", event.requestContext.authorizer.iam.userArn)
    assert.equal(403, signed({ service = "s3" }).status)
    assert.equal(403, signed({ secret = "wrong" }).status)
    assert.matches("signature we calculated does not match", signed({ secret = "wrong" }).body)
  end)

  it("answers for its CORS rules by itself", function()
    local answer = get("Crossed", "", {
      method = "OPTIONS",
      headers = { { "Origin", "https://a.example" }, { "Access-Control-Request-Method", "POST" } },
    })
    assert.equal(200, answer.status)
    assert.equal("", answer.body)
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.equal("GET,POST", answer.headers["access-control-allow-methods"])
    assert.equal("x-tea", answer.headers["access-control-allow-headers"])
    assert.equal("60", answer.headers["access-control-max-age"])
    assert.equal("true", answer.headers["access-control-allow-credentials"])

    answer = get("Crossed", "?say=structured", { headers = { { "Origin", "https://a.example" } } })
    assert.equal(201, answer.status)
    assert.equal("https://a.example", answer.headers["access-control-allow-origin"])
    assert.equal("x-tea", answer.headers["access-control-expose-headers"])
    answer = get("Crossed", "?say=structured", { headers = { { "Origin", "https://evil.test" } } })
    assert.is_nil(answer.headers["access-control-allow-origin"])
  end)

  it("streams what the function streams, with its head", function()
    local answer = get("Stream", "")
    assert.equal(202, answer.status)
    assert.equal("one two", answer.body)
    assert.equal("green", answer.headers["x-tea"])
    assert.equal("a=1, b=2", answer.headers["set-cookie"])
    assert.equal("text/plain", answer.headers["content-type"])

    answer = get("Stream", "?say=bare")
    assert.equal(200, answer.status)
    assert.equal("one two", answer.body)
    assert.equal("text/plain", answer.headers["content-type"])

    answer = get("Stream", "?say=return")
    assert.equal(200, answer.status)
    assert.equal('{"body":"tea","statusCode":201}', answer.body)
  end)

  it("breaks a stream off that fails in its middle", function()
    local answer, err = require("host.http").request {
      url = stack.outputs.Stream .. "?say=break", timeout = 30, proxy = "",
    }
    assert.is_nil(answer)
    assert.equal("network", err.kind)
  end)

  it("gathers what is streamed where the URL does not stream", function()
    local answer = get("Gathered", "")
    assert.equal(202, answer.status)
    assert.equal("one two", answer.body)
    assert.equal("one two", get("Gathered", "?say=bare").body)
  end)

  it("is told, changed and removed by Lambda's actions", function()
    local name = stack.outputs.EchoArn:match "function:(.*)$"
    local function call(method, suffix, body)
      return stack.cloud:send {
        method = method, path = "/2021-10-31/functions/" .. name .. suffix, service = "lambda",
        body = body and json.encode(body),
      }
    end
    local told = assert(json.decode(call("GET", "/url").body))
    assert.equal(stack.outputs.Echo, told.FunctionUrl)
    assert.equal("NONE", told.AuthType)
    assert.equal("BUFFERED", told.InvokeMode)
    local listed = assert(json.decode(call("GET", "/urls").body))
    assert.equal(stack.outputs.Echo, listed.FunctionUrlConfigs[1].FunctionUrl)

    assert.equal(409, call("POST", "/url", { AuthType = "NONE" }).status)
    assert.equal(400, call("PUT", "/url", { AuthType = "SOME" }).status)
    assert.equal(200, call("PUT", "/url", { AuthType = "AWS_IAM" }).status)
    assert.equal(403, get("Echo", "").status)
    assert.equal(204, call("DELETE", "/url").status)
    assert.equal(404, call("GET", "/url").status)
    assert.equal(403, get("Echo", "").status)
  end)

  it("ends with its cloud", function()
    assert.equal(0, stack:close())
  end)
end)
