-- A REST API, from the service file to the answer: provisioned on a local cloud that runs beside,
-- and asked over HTTP.
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local SERVICE = "tests/flow/rest_answering/served.lua"

-- What stands for all cases: the cloud is slow to make, and only the last case changes it.
local folder, cloud, url

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return result.output, result.error
end

local function begin()
  folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/service.lua", assert(file.read(SERVICE))))
  cloud = served_cloud.start(folder .. "/.laconic/local")
  run("provision", "--local")
  url = run("outputs", "FrontUrl", "--local"):gsub("\n$", "")
end

local function finish()
  cloud:close()
  assert(file.remove_tree(folder))
end

-- Asks for a path; answers with what came, and the body as a value when it is JSON.
local function ask(path, options)
  options = options or {}
  options.url, options.proxy = url .. path, ""
  local answer = assert(http.request(options))
  return answer, json.decode(answer.body)
end

local function post(path, content_type, body, headers)
  headers = headers or {}
  table.insert(headers, { "Content-Type", content_type })
  return ask(path, { method = "POST", body = body, headers = headers })
end

describe("a REST API that was provisioned", function()
  it("begins", begin)

  it("tells the function all of a request", function()
    local answer, event = ask("/echo/a%20b?x=1&y=%22", {
      method = "PUT",
      body = '{"n":[1,null]}',
      headers = { { "Content-Type", "application/json; charset=utf-8" }, { "X-Odd", 'q"\\' } },
    })

    assert.equal(200, answer.status)
    assert.equal("PUT", event.method)
    assert.equal(1, event.body.n[1])
    assert.same({ id = "a b" }, event.pathParams)
    assert.same({ x = "1", y = '"' }, event.queryParams)
    assert.equal('q"\\', event.headers["X-Odd"])
    assert.same({ mood = "bold" }, event.stageVariables)
    assert.equal("/echo/{id}", event.context.resourcePath)
    assert.equal("127.0.0.1", event.context.identity.sourceIp)
    local _, below = ask "/files/a/b.txt"
    assert.same({ path = "a/b.txt" }, below.pathParams)
  end)

  it("reads forms and texts, and refuses other types", function()
    local _, form = post("/echo/1", "application/x-www-form-urlencoded", "a=x=y&b=%26&c=&")
    assert.same({ a = "x=y", b = "&", c = "" }, form.body)
    local _, text = post("/echo/1", "text/plain", '","admin":"yes')
    assert.equal('","admin":"yes', text.body)
    assert.is_nil(text.admin)
    assert.equal(415, post("/echo/1", "image/png", "x").status)
  end)

  it("answers as the function says, or by the method's own status", function()
    local answer, body = post("/things", "application/json", "[]")
    assert.equal(201, answer.status)
    assert.equal("/x", answer.headers.location)
    assert.equal("[]", json.encode(body))
    local other = ask "/things"
    assert.equal(203, other.status)
    assert.equal('{"plain":true}', other.body)
  end)

  it("answers in other types than JSON, and with nothing", function()
    local html = ask "/kinds/html"
    assert.equal("<p>", html.body)
    assert.equal("text/html", html.headers["content-type"])
    assert.equal("a { }", ask("/kinds/text").body)
    local none = ask "/kinds/none"
    assert.equal(204, none.status)
    assert.equal("", none.body)
  end)

  it("passes a proxy's request and answer on as they are", function()
    local answer, body = ask "/proxied/7"

    assert.equal(418, answer.status)
    assert.equal("y", answer.headers.x)
    assert.same({ path = "/proxied/7", id = "7" }, body)
  end)

  it("tells nothing of a function that failed, unless a pattern says what", function()
    local answer, body = ask "/failing"
    assert.equal(500, answer.status)
    assert.same({ message = "Internal server error" }, body)
    local gone, said = ask "/failing?why=Gone:%20long%20ago"
    assert.equal(410, gone.status)
    assert.equal("gone", gone.headers["x-why"])
    assert.same({ gone = true }, said)
    local taken, told = ask "/failing?why=Taken:%20%22it%22"
    assert.equal(409, taken.status)
    assert.matches('Taken: "it"$', told.message)
    told.message = nil
    assert.same({}, told)
  end)

  it("checks parameters and bodies before a function runs", function()
    local reason = { "X-Reason", "why not" }
    local function status(path, body, ...)
      return post(path, "application/json", body, { ... }).status
    end

    assert.equal(201, status("/checked?page=1", '{"n":1}', reason))
    assert.equal(400, status("/checked?page=1", '{"n":"1"}', reason))
    assert.equal(400, status("/checked?page=1", "{}", reason))
    assert.equal(400, status("/checked?page=1", "{", reason))
    assert.equal(400, status("/checked", '{"n":1}', reason))
    assert.equal(400, status("/checked?page=1", '{"n":1}'))
  end)

  it("asks its authorizer, signatures and keys", function()
    local function status(path, name, value)
      local answer, body = ask(path, { headers = name and { { name, value } } or {} })
      return answer.status, body
    end
    local allowed, event = status("/guarded/1", "Authorization", "tea")

    assert.equal(200, allowed)
    assert.equal("ada", event.authorizer.principalId)
    assert.equal('fu"ll', event.authorizer.cup)
    assert.equal(403, (status("/guarded/1", "Authorization", "coffee")))
    assert.equal(401, (status "/guarded/1"))
    assert.equal(403, (status "/signed/1"))
    assert.equal(200, cloud:send({
      path = (url .. "/signed/1"):match "^http://[^/]+(/.*)$",
      service = "execute-api",
    }).status)
    assert.equal(403, (status "/keyed/1"))
    assert.equal(200, (status("/keyed/1", "X-Api-Key", "a-key-that-everybody-knows")))
  end)

  it("names the origin that asks, of those that were said, in every answer", function()
    local function allowed(path, origin, method)
      local headers = ask(path, { method = method, headers = { { "Origin", origin } } }).headers
      return headers["access-control-allow-origin"], headers
    end
    local origin, headers = allowed("/things", "https://b.example")

    assert.equal("https://b.example", origin)
    assert.equal("true", headers["access-control-allow-credentials"])
    assert.equal("Location", headers["access-control-expose-headers"])
    assert.equal("Origin", headers.vary)
    assert.equal("https://a.example", (allowed("/failing", "https://a.example")))
    assert.is_nil((allowed("/things", "https://c.example")))
    assert.equal("https://a.example", (allowed("/things", "https://a.example", "OPTIONS")))
    assert.is_nil((allowed("/things", "https://c.example", "OPTIONS")))
    assert.equal("*", (allowed("/nowhere", "https://a.example"))) -- by API Gateway itself
  end)

  it("names it in the answers of proxies, too, unless they do", function()
    local function headers(path, origin)
      return ask(path, { headers = { { "Origin", origin } } }).headers
    end
    local first = headers("/kept", "https://a.example")

    assert.equal("https://a.example", first["access-control-allow-origin"])
    assert.equal("true", first["access-control-allow-credentials"])
    assert.equal("Location", first["access-control-expose-headers"])
    assert.equal("Origin", first.vary)
    assert.equal("https://b.example",
      headers("/kept", "https://b.example")["access-control-allow-origin"])
    local other = headers("/kept", "https://c.example")
    assert.is_nil(other["access-control-allow-origin"])
    assert.is_nil(other["access-control-allow-credentials"])
    assert.equal("https://c.example",
      headers("/kept?own=1", "https://a.example")["access-control-allow-origin"])
  end)

  it("shows a change by another deployment, and makes none without one", function()
    local function deployments()
      local template = assert(json.decode((run "template")))
      for id, resource in pairs(template.Resources) do
        if resource.Type == "AWS::ApiGateway::Deployment" then
          return id
        end
      end
    end
    local first = deployments()
    local _, messages = run("provision", "--local")
    assert.matches("No changes", messages)

    local text = assert(file.read(folder .. "/service.lua"))
    assert(file.write(folder .. "/service.lua", (text:gsub("status = 203", "status = 202"))))
    local _, changed = run("provision", "--local")

    assert.matches("Updated rest", changed)
    assert.truthy(first ~= deployments())
    assert.equal(202, ask("/things").status)
  end)

  it("shows what a hook has changed, at its next provision", function()
    local text = assert(file.read(folder .. "/service.lua"))
    assert(file.write(folder .. "/service.lua", (text:gsub("return service\n$", [[
service:hook("post_marshal", function(build)
  local resources = build.template.Resources
  resources.FrontApiGetThingsMethod.Properties.ApiKeyRequired = true
  resources.Nowhere = {
    Type = "AWS::ApiGateway::GatewayResponse",
    Properties = {
      ResponseType = "MISSING_AUTHENTICATION_TOKEN",
      RestApiId = { Ref = "FrontApi" },
      StatusCode = "404",
    },
  }
end)

%0]]))))
    assert.equal(403, ask("/nowhere").status)

    run("provision", "--local")

    assert.equal(403, ask("/things").status)
    assert.equal(201, post("/things", "application/json", "[]").status)
    assert.equal(404, ask("/nowhere").status)
    assert.matches("No changes", select(2, run("provision", "--local")))
  end)

  it("shows no method any more that was taken away", function()
    assert.equal(410, ask("/failing?why=Gone:%20long%20ago").status)
    local text = assert(file.read(folder .. "/service.lua"))
    text = text:gsub('path = "/failing"', 'path = "/failed"')
    assert(file.write(folder .. "/service.lua", text))

    run("provision", "--local")

    assert.equal(404, ask("/failing?why=Gone:%20long%20ago").status)
    assert.equal(410, ask("/failed?why=Gone:%20long%20ago").status)
    assert.matches("No changes", select(2, run("provision", "--local")))
  end)

  it("ends", finish)
end)
