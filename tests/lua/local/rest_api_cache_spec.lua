-- Caches of REST APIs' stages, made by stacks and asked over HTTP. The clock is the test's.
local clock = require "host.clock"
local digest = require "host.digest"
local json = require "host.json"
local rest = dofile "tests/lua/local/rest_stack.lua"
local sigv4 = require "host.sigv4"

local deploy, send, template_of = rest.deploy, rest.send, rest.template_of

local BEGIN <const> = 1900000000
local FRESH <const> = { { "Cache-Control", "max-age=0" } }

local function cloudy(name, body)
  it(name, function()
    rest.within(function(folder)
      clock.set(BEGIN)
      local ok, problem = pcall(function()
        rest.create_function(folder, "count", [[
          count = count + 1
          return { statusCode = event.httpMethod == "PUT" and 500 or 200, body = tostring(count) }
        ]], "local count = 0")
        body()
      end)
      clock.set(nil)
      assert(ok, problem)
    end)
  end)
end

local function counted(path, verb, keys, more)
  local method = rest.proxy(path, verb, "count")
  method.Integration.CacheKeyParameters = keys
  method.RequestParameters = {}
  for _, key in ipairs(keys or {}) do
    method.RequestParameters[key] = false
  end
  for name, value in pairs(more or {}) do
    method[name] = value
  end
  return method
end

local function setting(path, verb, more)
  local said = { ResourcePath = path, HttpMethod = verb, CachingEnabled = true }
  for name, value in pairs(more or {}) do
    said[name] = value
  end
  return said
end

local function deploy_cached(methods, settings)
  local template = template_of(methods, {
    stage = { CacheClusterEnabled = true, CacheClusterSize = "0.5", MethodSettings = settings },
    resources = { Permission = rest.permission "count" },
  })
  local url, id = deploy(template)
  return url, id, template
end

local function body(url, options)
  return send(url, options).body
end

describe("the cache of a REST API's stage", function()
  cloudy("answers GET for its time, by the keys that the integration names", function()
    local url = deploy_cached({
      counted("/one", "GET"),
      counted("/pets/{id}", "GET", {
        "method.request.path.id", "method.request.querystring.q", "method.request.header.X-Lang",
      }),
      counted("/pets", "POST"), counted("/any", "ANY"),
    }, { setting("/*", "*") })

    local first = send(url .. "/one?x=1")
    assert.equal("1", first.body)
    local second = send(url .. "/one?x=2")
    assert.equal("1", second.body)
    assert.equal(first.headers["content-type"], second.headers["content-type"])
    assert.is_false(first.headers["x-amzn-requestid"] == second.headers["x-amzn-requestid"])
    assert.is_false(first.headers["x-amz-apigw-id"] == second.headers["x-amz-apigw-id"])
    assert.equal("2", body(url .. "/pets/a"))
    assert.equal("3", body(url .. "/pets/b"))
    assert.equal("4", body(url .. "/pets/a?q=1"))
    assert.equal("4", body(url .. "/pets/a?q=1&other=2"))
    assert.equal("5", body(url .. "/pets/a?q="))
    assert.equal("6", body(url .. "/pets/a", { headers = { { "X-Lang", "de" } } }))
    assert.equal("2", body(url .. "/pets/a"))
    assert.equal("7", body(url .. "/pets", { method = "POST" }))
    assert.equal("8", body(url .. "/pets", { method = "POST" }))
    assert.equal("9", body(url .. "/any"))
    assert.equal("9", body(url .. "/any"))
    assert.equal("10", body(url .. "/any", { method = "PATCH" }))
    clock.set(BEGIN + 299)
    assert.equal("1", body(url .. "/one"))
    clock.set(BEGIN + 300)
    assert.equal("11", body(url .. "/one"))
  end)

  cloudy("obeys the settings of single methods", function()
    local url = deploy_cached({
      counted("/a/b", "GET"), counted("/off", "GET"), counted("/never", "GET"),
      counted("/put", "PUT"), counted("/", "GET"),
    }, {
      setting("/*", "*", { CacheTtlInSeconds = 10 }),
      setting("/~1a~1b", "GET", { CacheTtlInSeconds = "3600" }),
      setting("/~1off", "GET", { CachingEnabled = false }),
      setting("/~1never", "GET", { CacheTtlInSeconds = 0 }),
      setting("/~1put", "PUT"),
    })
    assert.equal("1", body(url .. "/a/b"))
    assert.equal("2", body(url .. "/"))
    assert.equal("3", body(url .. "/off"))
    assert.equal("4", body(url .. "/off"))
    assert.equal("5", body(url .. "/never"))
    assert.equal("6", body(url .. "/never"))
    local failed = send(url .. "/put", { method = "PUT" }) -- what fails is kept, too
    assert.equal(500, failed.status)
    assert.equal("7", failed.body)
    assert.equal("7", body(url .. "/put", { method = "PUT" }))
    clock.set(BEGIN + 3599)
    assert.equal("1", body(url .. "/a/b"))
    assert.equal("8", body(url .. "/"))
  end)

  cloudy("keeps nothing of what the API itself refuses, and asks authorizers every time", function()
    local guarded = counted("/guarded", "GET")
    guarded.AuthorizationType = "AWS_IAM"
    local url = deploy_cached({ guarded, counted("/open", "GET") }, { setting("/*", "*") })
    local function signed()
      local host = url:match "//([^/]+)"
      return assert(sigv4.sign({
        access_key_id = "local", secret_access_key = "local-secret", region = "us-east-1",
        service = "execute-api", amz_date = clock.amz_date(clock.now()),
      }, {
        method = "GET", path = url:match "//[^/]+(/.*)" .. "/guarded", query = "", body = "",
        headers = { { "Host", host } }, payload_sha256 = digest.sha256 "",
      })).headers
    end

    assert.equal(403, send(url .. "/guarded").status)
    assert.equal("1", body(url .. "/guarded", { headers = signed() }))
    assert.equal(403, send(url .. "/guarded").status)
    assert.equal("1", body(url .. "/guarded", { headers = signed() }))
    local headers = signed() -- whoever can sign may have it made anew
    table.insert(headers, FRESH[1])
    assert.equal("2", body(url .. "/guarded", { headers = headers }))
    assert.equal("2", body(url .. "/guarded", { headers = signed() }))
  end)

  cloudy("is made anew for clients that ask for it and may", function()
    local strategies = {
      "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER", "FAIL_WITH_403",
    }
    local methods = { counted("/open", "GET"), counted("/usual", "GET") }
    local settings = {
      setting("/*", "*"),
      setting("/~1open", "GET", { RequireAuthorizationForCacheControl = "false" }),
    }
    for i, strategy in ipairs(strategies) do
      table.insert(methods, counted("/" .. i, "GET"))
      table.insert(settings, setting("/~1" .. i, "GET", {
        UnauthorizedCacheControlHeaderStrategy = strategy,
      }))
    end
    local url = deploy_cached(methods, settings)
    assert.equal("1", body(url .. "/open"))
    assert.equal("2", body(url .. "/open", { headers = FRESH }))
    assert.equal("2", body(url .. "/open"))
    assert.equal("2", body(url .. "/open", { headers = { { "Cache-Control", "max-age=05" } } }))
    assert.equal("2", body(url .. "/open", { headers = { { "Cache-Control", "no-cache" } } }))
    assert.equal("3", body(url .. "/open", {
      headers = { { "Cache-Control", "no-cache, Max-Age=0" } },
    }))
    for _, path in ipairs { "/usual", "/1" } do
      local before = body(url .. path)
      local ignored = send(url .. path, { headers = FRESH })
      assert.equal(before, ignored.body)
      assert.matches("^199 .*ignored", ignored.headers.warning)
      assert.is_nil(send(url .. path).headers.warning)
    end
    local before = body(url .. "/2")
    local ignored = send(url .. "/2", { headers = FRESH })
    assert.equal(before, ignored.body)
    assert.is_nil(ignored.headers.warning)
    assert.equal(200, send(url .. "/3").status)
    local refused = send(url .. "/3", { headers = FRESH })
    assert.equal(403, refused.status)
    assert.equal("AccessDeniedException", refused.headers["x-amzn-errortype"])
  end)

  cloudy("is forgotten with its deployment, and when it is told to be", function()
    local url, id, template = deploy_cached({ counted("/a", "GET") }, { setting("/*", "*") })
    local function stage()
      return rest.cloud:call("apigateway", "GetStage", { restApiId = id, stageName = "dev" })
    end
    assert.equal("AVAILABLE", stage().cacheClusterStatus)
    assert.equal("1", body(url .. "/a"))
    template.Resources.Stage.Properties.Description = "the same deployment"
    deploy(template, "UpdateStack")
    assert.equal("1", body(url .. "/a"))
    rest.cloud:call("apigateway", "FlushStageCache", { restApiId = id, stageName = "dev" })
    assert.equal("2", body(url .. "/a"))
    template.Resources.DeploymentTwo = template.Resources.Deployment
    template.Resources.Deployment = nil
    template.Resources.Stage.Properties.DeploymentId = { Ref = "DeploymentTwo" }
    deploy(template, "UpdateStack")
    assert.equal("3", body(url .. "/a"))
    assert.equal("3", body(url .. "/a"))
    template.Resources.Stage.Properties.CacheClusterEnabled = false
    deploy(template, "UpdateStack")
    assert.equal("4", body(url .. "/a"))
    assert.equal("5", body(url .. "/a"))
    assert.equal("NOT_AVAILABLE", stage().cacheClusterStatus)
  end)

  cloudy("shares answers of one namespace, and keeps those of templates", function()
    local first, second = counted("/a", "GET"), counted("/b", "GET")
    first.Integration.CacheNamespace, second.Integration.CacheNamespace = "both", "both"
    local mapped = rest.reply("/mapped", "GET", "$context.requestTimeEpoch")
    local url = deploy_cached({ first, second, mapped }, { setting("/*", "*") })
    assert.equal("1", body(url .. "/a"))
    assert.equal("1", body(url .. "/b"))
    local before = send(url .. "/mapped")
    clock.set(BEGIN + 1)
    local after = send(url .. "/mapped")
    assert.equal(("%d000"):format(BEGIN), after.body)
    assert.equal(json.encode { before.headers["content-type"], before.body },
      json.encode { after.headers["content-type"], after.body })
  end)
end)
