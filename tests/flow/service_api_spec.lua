-- The acceptance cases of service APIs over HTTP: the service of `service_api`, provisioned on a local
-- cloud, whose gateway renders the templates that were deployed. tests/lua/service_api_spec.lua has
-- them through the function alone.
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"
local process = require "host.process"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local SERVICE_ERROR <const> = '{"errorMessage":"Service Error: An internal service error has '
  .. 'occurred.","errorType":"ServiceError"}'

local folder, cloud, url

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return result.output
end

local function begin()
  folder = assert(file.temporary_folder())
  assert(process.run { "cp", "-R", "tests/flow/service_api/.", folder })
  cloud = served_cloud.start(folder .. "/.laconic/local")
  run("provision", "--local")
  url = run("outputs", "PlayersUrl", "--local"):gsub("%s+$", "")
end

local function finish()
  cloud:close()
  assert(file.remove_tree(folder))
end

local function ask(method, path, body, content_type)
  return assert(http.request {
    method = method,
    url = url .. path,
    body = body,
    headers = { { "Content-Type", content_type or "application/json" } },
    proxy = "",
  })
end

-- Asks, and compares status and JSON.
local function expect(status, want, method, path, body)
  local answer = ask(method, path, body)
  assert.equal(status, answer.status, path .. ": " .. answer.body)
  assert.equal("*", answer.headers["access-control-allow-origin"], path)
  assert.same(assert(json.decode(want)), assert(json.decode(answer.body)), path)
end

-- The event, as `laconic invoke` shows its outcome.
local function invoke(event)
  local result = program.run(folder, { "invoke", "players", event, "--local" })
  return assert(json.decode(result.output)), result.status
end

describe("a service API", function()
  it("is provisioned", begin)

  it("decodes paths, and fills in defaults (case 1)", function()
    expect(200, '{"result":{"id":"a b","n":10}}', "GET", "/player/a%20b")
  end)

  it("hands over numbers and texts of the query (case 2)", function()
    expect(200, [[{"result":{"id":"7","n":3,"q":"it's \"x\""}}]], "GET",
      "/player/7?n=3&q=it's%20%22x%22")
  end)

  it("answers a path without parameters, with an empty list (case 3)", function()
    expect(200, '{"result":[]}', "GET", "/")
  end)

  it("tells a client error (case 4)", function()
    expect(400, '{"errorMessage":"Client Error: name taken","errorType":"ClientError"}', "POST",
      "/player", '{"name":"Zo\\u00eb"}')
    expect(200, '{"result":{"name":"Ada","deep":[1,{"a":null}]}}', "POST", "/player",
      '{"name":"Ada","deep":[1,{"a":null}]}')
  end)

  it("tells that a body is missing (case 5)", function()
    for _, body in ipairs { "{}", "" } do
      local answer = ask("POST", "/player", body)
      assert.equal(400, answer.status)
      assert.matches("^Client Error: Expected the following parameters: b%.",
        json.decode(answer.body).errorMessage)
    end
    expect(200, '{"result":{}}', "POST", "/player", "{ }")
  end)

  it("tells what is not found (case 6)", function()
    expect(404, '{"errorMessage":"Not Found: no player gone","errorType":"NotFoundError"}', "GET",
      "/player/gone")
  end)

  it("tells what is forbidden, and its type (case 7)", function()
    expect(403, '{"errorMessage":"Forbidden: Access to the requested resource is not allowed.",'
      .. '"errorType":"Banned"}', "GET", "/player/banned")
  end)

  it("says nothing of faults (cases 8 and 9), nor of texts that look told (case 16)", function()
    for _, how in ipairs {
      "fault", "silence", "nothing", "lines", "sneaky", "object", "nan", "no_such_way",
    } do
      local answer = ask("GET", "/raise/" .. how)
      assert.equal(500, answer.status, how)
      assert.equal(SERVICE_ERROR, answer.body, how)
    end
  end)

  it("reaches nothing that is not marked (case 10)", function()
    for _, name in ipairs { "unmarked", "number", "absent" } do
      expect(500, SERVICE_ERROR, "GET", "/wrong/" .. name)
    end
    assert.matches("'unmarked' of the module 'wrong' is not marked", run("logs", "players",
      "--local"))
  end)

  it("refuses what is no number, and lets nothing be injected (cases 11 and 12)", function()
    for _, n in ipairs {
      "abc", "1,%22inj%22:2", "", "null", "1.5", "01", "+1", "%241", "1e2", "0x10",
      "9999999999999999999", "%22", "1%0A",
    } do
      local answer = ask("GET", "/player/x?n=" .. n)
      assert.equal(400, answer.status, n .. ": " .. answer.body)
      assert.matches("^Client Error: .*: n %(integer%)%.", json.decode(answer.body).errorMessage, n)
      assert.not_matches("inj", answer.body)
    end
  end)

  it("keeps a newline in what it tells (case 13)", function()
    expect(400, '{"errorMessage":"Client Error: a\\nb","errorType":"ClientError"}', "GET",
      "/raise/told_lines")
  end)

  it("answers a browser beforehand, without the function (case 14)", function()
    local answer = ask("OPTIONS", "/player")

    assert.equal(200, answer.status)
    assert.equal("*", answer.headers["access-control-allow-origin"])
    assert.equal("POST,GET,DELETE,PUT,HEAD,PATCH,OPTIONS",
      answer.headers["access-control-allow-methods"])
    assert.equal("Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token",
      answer.headers["access-control-allow-headers"])
  end)

  it("takes JSON alone (case 15)", function()
    assert.equal(415, ask("POST", "/player", "<a/>", "text/xml").status)
  end)

  it("takes a body that is an object alone", function()
    for _, body in ipairs { "[1]", "7", '"x"', "nonsense", '{"a":' } do
      local answer = ask("POST", "/player", body)
      assert.equal(400, answer.status, body)
    end
  end)

  it("returns what looks like an error, and nothing at all", function()
    expect(200, '{"result":{"errorMessage":"","errorType":"not one"}}', "GET", "/raise/result")
    expect(200, '{"result":null}', "GET", "/raise/null")
  end)

  it("hands over every type, and its default", function()
    local function got(path)
      local answer = ask("GET", path)
      assert.equal(200, answer.status, answer.body)
      return json.decode(answer.body).result
    end
    local defaults = got "/typed/a%2Fb/1"
    assert.same({
      kind = "string", number = "integer", flag = "boolean", list = "table", text = "string",
    }, setmetatable(defaults.types, nil))
    assert.equal("a/b", defaults.values.kind)
    assert.equal([[it's "$context.stage" #end \ 100%]], defaults.values.text)
    assert.equal("[7]", json.encode(defaults.values.list))
    assert.is_false(defaults.values.flag)

    local said = got "/typed/100%25/-1.5e3?flag=true&list=1|2&text=%24%7B1%7D%5C%23end%2F%C3%AB"
    assert.equal("100%", said.values.kind)
    assert.equal(-1500.0, said.values.number)
    assert.is_true(said.values.flag)
    assert.equal("[1,2]", json.encode(said.values.list))
    assert.equal("${1}\\#end/ë", said.values.text)
    assert.equal(400, ask("GET", "/typed/a/1?list=1|x").status)
    assert.equal(400, ask("GET", "/typed/a/1?flag=True").status)
  end)

  -- Of the API that is described by OpenAPI.
  local function answer_of(method, path, body)
    local modern = run("outputs", "ModernUrl", "--local"):gsub("%s+$", "")
    assert.matches("/v3$", modern)
    local answer = assert(http.request {
      method = method, url = modern .. path, body = body, proxy = "",
      headers = { { "Content-Type", "application/json" } },
    })
    assert.is_nil(answer.headers["access-control-allow-origin"])
    return answer.status, json.decode(answer.body)
  end

  it("is described by OpenAPI 3.0 as well, beside another", function()
    local status, body = answer_of("GET", "/player/a")
    assert.equal(200, status)
    assert.same({ id = "a", n = 3 }, body.result)
    assert.equal(400, (answer_of("GET", "/player/a?n=x")))
    status, body = answer_of("POST", "/player/a", '{"b":1}')
    assert.equal(200, status)
    assert.same({ a = { b = 1 } }, body.result)
    assert.equal(400, (answer_of("POST", "/player/a", "{}")))
  end)

  it("takes any JSON where a body's schema says nothing, and what is none for no body", function()
    for _, body in ipairs {
      "{ }", "[]", "[1]", '"x"', '""', ' "a" ', "7", "-1.5e3", "true", "false",
    } do
      local status, answer = answer_of("PUT", "/player/a", body)
      assert.equal(200, status, body)
      assert.same(json.decode(body), answer.result.body, body)
    end
    for _, body in ipairs { "", "{}", "null", " null\n", "  " } do
      local status, answer = answer_of("PUT", "/player/a", body)
      assert.equal(200, status, body)
      assert.same({ id = "a" }, setmetatable(answer.result, nil), body)
    end
    for _, body in ipairs { "nonsense", '{"a":', '"a', "[", "01", "1e999", "nul", "{'a':1}" } do
      local status, answer = answer_of("PUT", "/player/a", body)
      assert.equal(400, status, body)
      assert.matches("not of their type: body %(", answer.errorMessage, body)
    end
  end)

  it("takes an object in the query that is JSON", function()
    local status, answer = answer_of("PUT", "/player/a?filter=%7B%22n%22:9007199254740993%7D")
    assert.equal(200, status)
    assert.same({ n = 9007199254740993 }, setmetatable(answer.result.filter, nil))
    assert.equal(400, (answer_of("PUT", "/player/a?filter=%5B%5D")))
    assert.equal(400, (answer_of("PUT", "/player/a?filter=%7B")))
  end)

  it("takes integers of 64 bits", function()
    expect(200, '{"result":{"id":"x","n":-9223372036854775808}}', "GET",
      "/player/x?n=-9223372036854775808")
  end)

  it("lets only callers in who sign, where the description says nothing else", function()
    assert.equal(403, ask("DELETE", "/").status)
  end)

  it("is a function that can be asked by itself", function()
    local event = '{"module":"player","function":"get","parameters":{"id":%q,"n":10,"q":null}}'
    local result, status = invoke(event:format "a b")
    assert.same({ id = "a b", n = 10 }, setmetatable(result, nil))
    assert.equal(0, status)

    local failed, failure_status = invoke(event:format "gone")
    assert.equal("Not Found: no player gone", failed.errorMessage)
    assert.equal("NotFoundError", failed.errorType)
    assert.equal(1, failure_status)

    local near = program.run(folder .. "/api",
      { "invoke", "players", event:format "7", "--in-process", "../service.lua" })
    assert.equal('{"id":"7","n":10}\n', near.output, near.error)

    local absent = invoke '{"module":"../service","function":"get"}'
    assert.equal("ImportError", absent.errorType)
  end)

  it("is called by the client that is made of it", function()
    run("client", "--name", "players", "-o", "players_client.lua")
    assert(file.write(folder .. "/ask.lua", ([[
      local api = require("players_client").new { url = %q }
      print(api:player({ id = "a b/c", n = 3 }).id)
      print(#api:get())
      print(api:clear())
      local ok, err = pcall(api.player, api, { id = "gone" })
      print(ok, err.status, err.type, err.message)
    ]]):format(url)))
    local result = assert(process.run {
      program.path, "run", "ask.lua",
      cwd = folder,
      env = program.environment(folder, program.keys_for(cloud.url)),
      error = "pipe",
      timeout = 60,
    })

    assert.equal("a b/c\n0\ncleared\nfalse\t404\tNotFoundError\tNot Found: no player gone\n",
      result.output, result.error)
  end)

  it("is refused when a module is missing, by its place", function()
    assert(file.remove(folder .. "/api/root.lua"))
    local result = program.run(folder, { "check" })
    assert.equal(4, result.status)
    assert.matches("swagger%.json: paths%./%.delete: there is no api/root%.lua; write it",
      result.error)
  end)

  it("is gone in the end", finish)
end)
