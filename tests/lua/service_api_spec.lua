-- The dispatcher of service APIs: an event → what Lambda shows of its outcome. The acceptance cases of
-- the whole, through the function alone; tests/flow/service_api_spec.lua has them over HTTP.
local errors = require "engine.runtime.service_api.errors"
local file = require "host.file"
local json = require "host.json"
local report = require "engine.runtime.report"
local service_api = require "engine.runtime.service_api"

local root

local function write(name, text)
  local path = root .. "/api/" .. name .. ".lua"
  assert(file.make_folder(path:match "^(.*)/"))
  assert(file.write(path, text))
end

local HEAD = [[
local errors = require "laconic.errors"
local service = require "laconic.service_api"
local module = {}
]]

-- A module whose `get` has that body.
local function module_of(body, options)
  return ("%smodule.get = service.api(function(request, params)\n%s\nend%s)\nreturn module"):format(
    HEAD, body, options and ", " .. options or "")
end

-- The result, or Lambda's error object without its trace.
local function outcome(event)
  if type(event) == "string" then
    event = assert(json.decode(event))
  end
  local ok, result = xpcall(service_api.dispatch, report.handler(root), event, {}, nil, root)
  if ok then
    return result
  end
  local failed = report.describe(result)
  return { errorMessage = failed.errorMessage, errorType = failed.errorType }
end

local function request(parameters, more)
  return ('{"module":"player","function":"get","parameters":%s%s}'):format(parameters, more or "")
end

-- What of a failure clients would be told: its status.
local function status_of(failed)
  local statuses = { ["Client Error:"] = 400, ["Forbidden:"] = 403, ["Not Found:"] = 404 }
  for _, prefix in ipairs(errors.PREFIXES) do
    if failed.errorMessage:sub(1, #prefix) == prefix then
      return statuses[prefix]
    end
  end
  assert.truthy(#failed.errorMessage > 0, "an empty message would be answered with 200")
  return 500
end

local ECHO = "return { id = params.id, n = params.n, q = params.q }"

describe("the dispatcher of service APIs", function()
  before_each(function()
    root = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(root))
    for name in pairs(package.loaded) do
      if name:match "^api%." then
        package.loaded[name] = nil
      end
    end
  end)

  it("hands over parameters, without those that are null (case 1)", function()
    write("player", module_of(ECHO))

    assert.same({ id = "a b", n = 10 },
      outcome(request('{"id":"a b","n":10,"q":null}', ',"types":{"n":"integer"}')))
  end)

  it("hands over texts as they are (case 2)", function()
    write("player", module_of(ECHO))

    assert.same({ id = "7", n = 3, q = [[it's "x"]] },
      outcome(request([[{"id":"7","n":3,"q":"it's \"x\""}]], ',"types":{"n":"integer"}')))
  end)

  it("takes a request without parameters (case 3)", function()
    write("root", module_of "assert(next(params) == nil) return service.array {}")

    assert.equal("[]", json.encode(outcome '{"module":"root","function":"get"}'))
  end)

  it("tells client errors (case 4)", function()
    write("player", module_of [[assert(params.b.name == "Zoë") errors.client "name taken"]])

    assert.same({ errorMessage = "Client Error: name taken", errorType = "ClientError" },
      outcome(request('{"b":{"name":"Zo\\u00eb"}}', ',"required":["b"],"types":{"b":"object"}')))
  end)

  it("names what is missing, as the description has it (case 5)", function()
    write("player", module_of "error 'called'")

    local failed = outcome(request('{"b":null}', ',"required":["b"]'))

    assert.equal("ClientError", failed.errorType)
    assert.matches("^Client Error: Expected the following parameters: b%.", failed.errorMessage)
  end)

  it("tells what is not found (case 6)", function()
    write("player", module_of [[errors.not_found("no player " .. params.id)]])

    assert.same({ errorMessage = "Not Found: no player x", errorType = "NotFoundError" },
      outcome(request '{"id":"x"}'))
  end)

  it("tells what is forbidden, by a type of the author's own (case 7)", function()
    write("player", module_of [[errors.forbidden(nil, "Banned")]])

    assert.same({
      errorMessage = "Forbidden: Access to the requested resource is not allowed.",
      errorType = "Banned",
    }, outcome(request '{"id":"x"}'))
  end)

  it("lets a fault of the handler be a service error (case 8)", function()
    write("player", module_of "local nothing return nothing.field")

    local failed = outcome(request '{"id":"x"}')

    assert.equal(500, status_of(failed))
    assert.matches("^api/player%.lua:5: attempt to index a nil value", failed.errorMessage)
  end)

  for name, raise in pairs {
    ["nil"] = "error()",
    ["an empty text"] = "error('', 0)",
    ["a table without a message"] = "error {}",
    ["a text of two lines"] = "error 'a\\nb'",
    ["a table with an empty message"] = "error { message = '' }",
  } do
    it("lets " .. name .. " be a service error (case 9)", function()
      write("root", module_of(raise))

      assert.equal(500, status_of(outcome '{"module":"root","function":"get"}'))
    end)
  end

  it("reaches marked functions of modules that are there, and no others (case 10)", function()
    local absent = outcome(request "{}")
    assert.equal("ImportError", absent.errorType)
    assert.matches("no module 'player': .*api/player%.lua", absent.errorMessage)

    for body, message in pairs {
      ["function module.get() end"] = "'get' of the module 'player' is not marked",
      ["module.get = 7"] = "'get' of the module 'player' is no function",
      ["module.get = setmetatable({}, { __name = 'laconic.api_function' })"] = "is no function",
      [""] = "the module 'player' has no 'get'",
      ["setmetatable(module, { __index = { get = service.api(print) } })"] = "has no 'get'",
    } do
      package.loaded["api.player"] = nil
      write("player", HEAD .. body .. "\nreturn module")
      local failed = outcome(request "{}")
      assert.equal("ValueError", failed.errorType, body)
      assert.matches(message, failed.errorMessage, body)
      assert.equal(500, status_of(failed), body)
    end
  end)

  it("refuses a value that is not of its type, naming it (cases 11 and 12)", function()
    write("player", module_of "error 'called'")
    for _, value in ipairs { [["abc"]], [["1,\"inj\":2"]], [["3"]], "3.5", "true", "{}", [[""]] } do
      local failed = outcome(request(('{"id":"x","n":%s}'):format(value),
        ',"types":{"n":"integer"}'))
      assert.equal("ClientError", failed.errorType, value)
      assert.equal("Client Error: The following parameters are not of their type: n (integer). "
        .. "The API's description names the parameters of this operation.", failed.errorMessage)
    end
  end)

  it("keeps a newline in a client error (case 13)", function()
    write("player", module_of [[errors.client "a\nb"]])

    assert.equal("Client Error: a\nb", outcome(request "{}").errorMessage)
  end)

  it("tells clients what errors made, and no text that happens to begin so (case 16)", function()
    for _, raise in ipairs {
      "error('Client Error: sneaky', 0)",
      "error { message = 'Not Found: sneaky' }",
      "error(setmetatable({}, { __tostring = function() return 'Forbidden: sneaky' end }))",
    } do
      package.loaded["api.player"] = nil
      write("player", module_of(raise))
      local failed = outcome(request "{}")
      assert.equal(500, status_of(failed), raise)
      assert.matches("^raised as a text: [%a ]+: sneaky$", failed.errorMessage)
    end
  end)

  it("refuses events that no description makes", function()
    for event, failed in pairs {
      ["{}"] = "ValueError: the event has no 'module'",
      ['{"module":"","function":"get"}'] = "ValueError: the event has no 'module'",
      ['{"module":7,"function":"get"}'] = "ValueError: the event has no 'module'",
      ['{"module":"player"}'] = "ValueError: the event has no 'function'",
      ["[]"] = "ValueError: the event has no 'module'",
      ["7"] = "ValueError: the event has no 'module'",
    } do
      local got = outcome(event)
      assert.equal(failed, (got.errorType .. ": " .. got.errorMessage):sub(1, #failed), event)
    end
    write("player", module_of "return 1")
    assert.equal("AttributeError", outcome(request "null").errorType)
  end)

  it("looks for no file whose name could lead elsewhere", function()
    assert(file.write(root .. "/secret.lua", "return {}"))
    for _, name in ipairs {
      "../secret", "..secret", ".", "a..b", "a/b", "/etc/passwd", "a\\0b", "player.", "a b", "é",
    } do
      local failed = outcome(('{"module":"%s","function":"get"}'):format(
        name:gsub("\\0", "\\u0000")))
      assert.equal("ImportError", failed.errorType, name)
      assert.matches("is no module of a service API", failed.errorMessage, name)
    end
  end)

  it("finds modules in folders by dots", function()
    write("a-b_c/d", module_of "return 'deep'")

    assert.equal("deep", outcome '{"module":"a-b_c.d","function":"get"}')
  end)

  it("loads a module once", function()
    write("root", HEAD .. "local count = 0\nmodule.get = service.api(function()\n"
      .. "count = count + 1 return count end)\nreturn module")

    assert.equal(1, outcome '{"module":"root","function":"get"}')
    assert.equal(2, outcome '{"module":"root","function":"get"}')
  end)

  it("says what is wrong with a module", function()
    for text, message in pairs {
      ["return 7"] = "api/player%.lua returns a number instead of a table of functions",
      ["return {"] = "the module 'player' is not valid Lua: api/player%.lua:1:",
      ["undeclared = 1 return {}"] = "assignment to unknown global 'undeclared'",
    } do
      write("player", text)
      local failed = outcome(request "{}")
      assert.matches(message, failed.errorMessage)
      assert.equal(500, status_of(failed))
    end
  end)

  it("holds parameters against the function's own lists", function()
    local options = "{ required = { 'a', 'b' }, optional = { 'c' } }"
    write("player", module_of("return params", options))

    assert.same({ a = 0, b = false }, outcome(request '{"a":0,"b":false,"c":null}'))
    assert.same({ a = "", b = 1, c = 2 }, outcome(request '{"a":"","b":1,"c":2}'))
    assert.equal("Client Error: Expected the following parameters: a, b. "
      .. "The following parameters are unexpected: d, e. "
      .. "The API's description names the parameters of this operation.",
      outcome(request '{"e":null,"d":1,"b":null}').errorMessage)
  end)

  it("lets rest take what is not in the lists", function()
    write("player", module_of("return params", "{ required = { 'a' }, rest = true }"))

    assert.same({ a = 1, z = 2 }, outcome(request '{"a":1,"z":2}'))
  end)

  it("takes lists of URLs apart", function()
    write("player", module_of "return params.a")
    local function list(value, items, separator)
      return json.encode(outcome(request(('{"a":%s}'):format(json.encode(value)),
        (',"types":{"a":{"items":"%s","separator":"%s"}}'):format(items, separator or ","))))
    end

    assert.equal('["x","y"]', list("x,y", "string"))
    assert.equal('["x"]', list('["x"]', "string"))
    assert.equal("[1,2]", list("1|2", "integer", "|"))
    assert.equal("[]", list("", "integer"))
    assert.equal('["$"]', list("$", "string"))
    assert.matches("a %(a list of integer%)", list("1,b", "integer"))
    assert.matches("a %(a list of integer%)", list('["1"]', "integer"))
  end)

  it("holds a body against its type", function()
    write("player", module_of "return params")
    local types = ',"types":{"b":"object"}'

    assert.same({ b = {} }, outcome(request('{"b":{}}', types)))
    for _, value in ipairs { "[]", '"{"', "1", "[1]" } do
      assert.matches("not of their type: b %(object%)",
        outcome(request(('{"b":%s}'):format(value), types)).errorMessage)
    end
  end)

  it("never takes what was no JSON for a body", function()
    write("player", module_of "error 'called'")
    assert.equal("Client Error: The following parameters are not of their type: b (JSON). "
      .. "The API's description names the parameters of this operation.",
      outcome(request('{"b":""}', ',"types":{"b":"JSON"},"required":["b"]')).errorMessage)
  end)

  it("reads the numbers that a template passes on as texts, for their length", function()
    write("player", module_of "return params")
    local function read(text, type)
      local result = outcome(request(('{"a":"%s"}'):format(text),
        (',"types":{"a":"%s"}'):format(type)))
      return result.a or result.errorMessage
    end

    assert.equal(math.maxinteger, read("9223372036854775807", "integer"))
    assert.equal(math.mininteger, read("-9223372036854775808", "integer"))
    assert.equal(1.2345678901234568e-05, read("0.000012345678901234568", "number"))
    assert.equal(1e300, read("1e300", "number"))
    for _, text in ipairs { "9223372036854775808", "0009223372036854775807", "1e300", "7" } do
      assert.matches("not of their type: a %(integer%)", read(text, "integer"), text)
    end
    assert.matches("not of their type: a %(number%)", read("1e999", "number"))
    assert.matches("not of their type: a %(number%)", read("1e300 ", "number"))
  end)

  it("reads a parameter that is JSON", function()
    write("player", module_of "return params")
    local types = ',"types":{"a":{"json":"object"},"b":{"json":"any"}}'

    assert.same({ a = { x = 1 }, b = false }, outcome(request(
      [[{"a":"{\"x\":1}","b":"false"}]], types)))
    assert.same({}, outcome(request('{"a":"null","b":null}', types)))
    assert.matches("Expected the following parameters: a%.",
      outcome(request('{"a":"null"}', types .. ',"required":["a"]')).errorMessage)
    for _, text in ipairs { '"[]"', '"{"', '""', '"7"' } do
      assert.matches("not of their type: a %(JSON of type object%)",
        outcome(request('{"a":' .. text .. "}", types .. ',"required":["a"]')).errorMessage, text)
    end
  end)

  it("gives functions a request that cannot be changed", function()
    write("player", module_of [[
      assert(request.event.sourceIp == "1.2.3.4" and request.context and request.more == nil)
      request.event = nil
    ]])

    assert.matches("a request is not changed %(field 'event'%)",
      outcome(request("{}", ',"sourceIp":"1.2.3.4"')).errorMessage)
  end)

  it("passes any result on", function()
    for text in pairs { ["nil"] = 1, ["false"] = 1, ["7"] = 1, ["'x'"] = 1, ["{ 1, 2 }"] = 1 } do
      package.loaded["api.player"] = nil
      write("player", module_of("return " .. text))
      assert.same(load("return " .. text)(), outcome(request "{}"))
    end
  end)

  it("marks functions that tests can call", function()
    local service = require "laconic.service_api"
    local get = service.api(function(_, params)
      return params.id
    end)

    assert.equal("7", get({}, { id = "7" }))
  end)

  it("refuses nonsense at its author's line", function()
    local service, told = require "laconic.service_api", require "laconic.errors"
    assert.error_matches("service_api_spec%.lua:%d+: service%.api: function expected", function()
      service.api "get"
    end)
    assert.error_matches("service%.api: unknown field 'optinal' %(did you mean 'optional'%?%)",
      function()
        service.api(print, { optinal = {} })
      end)
    assert.error_matches("errors%.client: message: string expected, got nothing", function()
      told.client()
    end)
  end)
end)
