-- Bodies of REST APIs that are compressed on their way, by APIs that stacks made.
local content_coding = require "host.content_coding"
local digest = require "host.digest"
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"

local deploy, send, template_of = rest.deploy, rest.send, rest.template_of

local ECHO <const> = [[return { statusCode = 200, headers = event.headers.Packed and
  { ["content-ENCODING"] = "x" } or nil, body = require("host.json").encode {
    body = event.body, base64 = event.isBase64Encoded,
    encoding = event.headers["Content-Encoding"] or "none",
    all = event.multiValueHeaders["Content-Encoding"] and "some" or "none" } }]]

local function cloudy(name, body)
  it(name, function()
    rest.within(function(folder)
      rest.create_function(folder, "echo", ECHO)
      body()
    end)
  end)
end

local function deploy_with(api, more)
  local methods = {
    rest.proxy("/echo", "ANY", "echo"),
    rest.reply("/long", "GET", ("tea "):rep(250)), rest.reply("/none", "GET", ""),
  }
  for _, method in ipairs(more or {}) do
    table.insert(methods, method)
  end
  local template = template_of(methods, {
    api = api, resources = { Permission = rest.permission "echo" },
  })
  local url, id = deploy(template)
  return url, id, template
end

local function post(url, body, encoding, more)
  local headers = { { "Content-Encoding", encoding }, { "Content-Type", "application/json" } }
  table.insert(headers, more)
  return send(url, { method = "POST", body = body, headers = headers })
end

local function get(url, accepted, more)
  return send(url, { headers = { accepted and { "Accept-Encoding", accepted } or nil, more } })
end

describe("a REST API's answers", function()
  cloudy("are packed from a size on, as the client wants most", function()
    local url, id = deploy_with { MinimumCompressionSize = "1000" }
    local long = ("tea "):rep(250)
    for accepted, name in pairs {
      ["gzip"] = "gzip", ["deflate"] = "deflate", ["gzip, deflate, br"] = "gzip",
      ["deflate;q=0.9, gzip;q=1.0, br;q=0.1"] = "gzip", ["GZIP;Q=0.5,identity;q=0.1"] = "gzip",
    } do
      local answer = get(url .. "/long", accepted)
      assert.equal(name, answer.headers["content-encoding"], accepted)
      assert.equal(tostring(#answer.body), answer.headers["content-length"])
      assert.is_true(#answer.body < 100)
      assert.equal(long, content_coding.open(answer.body, name))
    end
    for _, accepted in ipairs {
      "", "*", "identity", "br", "br, gzip", "br;q=1, gzip;q=0.9", "gzip;q=0", ";", "gzip;q=x",
    } do
      local answer = get(url .. "/long", accepted)
      assert.is_nil(answer.headers["content-encoding"], accepted)
      assert.equal(long, answer.body)
    end
    assert.is_nil(get(url .. "/long").headers["content-encoding"])
    assert.is_nil(get(url .. "/echo", "gzip").headers["content-encoding"])
    local found = rest.cloud:call("apigateway", "GetRestApi", { restApiId = id })
    assert.equal(1000, found.minimumCompressionSize)
  end)

  cloudy("are packed at 0 whatever their size, but for what is empty, packed or refused", function()
    local url = deploy_with { MinimumCompressionSize = 0 }
    local echoed = get(url .. "/echo", "gzip")
    assert.equal("gzip", echoed.headers["content-encoding"])
    assert.equal("none", json.decode(content_coding.open(echoed.body, "gzip")).encoding)
    assert.is_nil(get(url .. "/none", "gzip").headers["content-encoding"])
    local packed = get(url .. "/echo", "gzip", { "Packed", "yes" })
    assert.equal("x", packed.headers["content-encoding"])
    assert.equal("none", packed.json.encoding)
    local refused = get(url .. "/nothing", "gzip")
    assert.is_nil(refused.headers["content-encoding"])
    assert.equal("Missing Authentication Token", refused.json.message)
  end)

  cloudy("are sent as they are without the setting, and follow a deployment", function()
    local url, _, template = deploy_with {}
    assert.is_nil(get(url .. "/long", "gzip").headers["content-encoding"])
    template.Resources.Api.Properties.MinimumCompressionSize = 1
    deploy(template, "UpdateStack")
    assert.is_nil(get(url .. "/long", "gzip").headers["content-encoding"])
    template.Resources.Next, template.Resources.Deployment = template.Resources.Deployment, nil
    template.Resources.Stage.Properties.DeploymentId = { Ref = "Next" }
    deploy(template, "UpdateStack")
    assert.equal("gzip", get(url .. "/long", "gzip").headers["content-encoding"])
    template.Resources.Api.Properties.MinimumCompressionSize = 10485761
    local ok, problem = pcall(deploy, template, "UpdateStack")
    assert.is_false(ok)
    assert.matches("between 0 and 10485760", tostring(problem))
  end)

  cloudy("are kept in a stage's cache as they were before", function()
    local counted = rest.reply("/time", "GET", "$context.requestId")
    local template = template_of({ counted }, {
      api = { MinimumCompressionSize = 0 },
      stage = {
        CacheClusterEnabled = true,
        MethodSettings = { { ResourcePath = "/*", HttpMethod = "*", CachingEnabled = true } },
      },
    })
    local url = deploy(template)
    local id = get(url .. "/time").body
    assert.equal(id, content_coding.open(get(url .. "/time", "gzip").body, "gzip"))
    assert.equal(id, content_coding.open(get(url .. "/time", "deflate").body, "deflate"))
    assert.equal(id, get(url .. "/time").body)
  end)
end)

describe("a REST API's requests", function()
  cloudy("are opened before a function or a template sees them", function()
    local mapped = rest.mock("/mapped", "POST", 200)
    mapped.Integration.RequestTemplates["application/json"] =
      '{"statusCode": $input.json("$.status")}'
    local url = deploy_with({}, { mapped })
    for _, name in ipairs { "gzip", "deflate", "GZIP" } do
      local body = content_coding.pack('{"status": 200}', name:lower())
      local echoed = post(url .. "/echo", body, name).json
      assert.same({ body = '{"status": 200}', base64 = false, encoding = "none", all = "none" },
        echoed)
      assert.equal(200, post(url .. "/mapped", body, name).status)
    end
    assert.equal("x", post(url .. "/echo", "x", "identity").json.body)
  end)

  cloudy("are 415 when they are not of their coding, and 413 when they hold too much", function()
    local url = deploy_with {}
    local packed = content_coding.pack("tea", "gzip")
    for _, case in ipairs {
      { "tea", "gzip" }, { packed, "deflate" }, { packed:sub(1, -2), "gzip" }, { packed, "br" },
      { packed, "gzip, gzip" },
    } do
      local answer = post(url .. "/echo", case[1], case[2])
      assert.equal(415, answer.status)
      assert.equal("Unsupported Media Type", answer.json.message)
    end
    local bomb = content_coding.pack(("\0"):rep(10485761), "gzip", { level = 12 })
    assert.is_true(#bomb < 20000)
    assert.equal(413, post(url .. "/echo", bomb, "gzip").status)
  end)

  cloudy("are bytes to functions where their type is binary", function()
    local url = deploy_with { BinaryMediaTypes = { "application/json" } }
    local echoed = post(url .. "/echo", content_coding.pack("\0\255", "gzip"), "gzip",
      { "Accept", "text/plain" }).json
    assert.equal("\0\255", digest.from_base64(echoed.body))
    assert.is_true(echoed.base64)
  end)
end)
