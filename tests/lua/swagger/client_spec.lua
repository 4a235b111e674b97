-- The module that `laconic client` makes: what it sends, and what it makes of answers.
local described = dofile "tests/lua/swagger/described.lua"
local client = require "engine.swagger.client"
local json = require "host.json"
local process = require "engine.swagger.process"

local sent, answer

local http = require "host.http"

local function document()
  local body = described.body "report"
  body.required, body.schema = true, { ["$ref"] = "#/definitions/Report" }
  return described.document({
    ["/"] = {
      get = described.operation({
        described.in_query("count", "integer"),
        described.in_query("tags", "array", { items = { type = "string" },
          collectionFormat = "pipes" }),
      }, { operationId = "top", summary = "The\n best" }),
    },
    ["/tell"] = {
      post = described.operation({
        described.in_query("n", "number"),
        {
          name = "list", ["in"] = "body",
          schema = { type = "array", items = { type = "string" } },
        },
      }, { operationId = "tell" }),
    },
    ["/player/{player name}"] = {
      parameters = json.array { described.in_path "player name" },
      post = described.operation({ body }, { operationId = "end" }),
      delete = described.operation(nil, {
        ["x-amazon-cloud-canvas-lambda-dispatch"] = { enable_iam = true },
      }),
    },
  }, {
    ["x-amazon-cloud-canvas-lambda-dispatch"] = { enable_iam = false },
    definitions = {
      Report = {
        type = "object",
        description = "What\nis told",
        required = { "score" },
        properties = {
          score = { type = "integer" },
          ["a b"] = { type = "array", items = { ["$ref"] = "#/definitions/Kind" } },
        },
      },
      Kind = { type = "string", enum = { "a", "b" } },
    },
  })
end

-- Path parameters of such names API Gateway would not take: said once the document is checked.
local function text_of()
  local value = document()
  local text = json.encode(value):gsub("player name", "name")
  return client.text(process.run(assert(json.decode(text)), "x.json"), "board_client")
end

local function new(options)
  local module = assert(load(text_of(), "@board_client.lua", "t"))()
  options = options or {}
  options.url = options.url or "http://127.0.0.1:1/_apis/x/api/"
  return module.new(options)
end

describe("a generated client", function()
  before_each(function()
    sent = {}
    answer = { status = 200, headers = {}, body = '{"result":[1]}' }
    package.loaded["host.http"] = {
      request = function(request)
        table.insert(sent, request)
        return answer.status and answer or nil, answer
      end,
    }
  end)

  after_each(function()
    package.loaded["host.http"] = http
  end)

  it("is the same text each time, and tells types", function()
    local text = text_of()

    assert.equal(text, text_of())
    for _, line in ipairs {
      "--- The best",
      "---@param params? { count?: integer, tags?: string[] }",
      "---@param params { name: string, report: board.Report }",
      "function methods:top(params)",
      "function methods:_end(params)",
      "function methods:delete_player_name(params)",
      "--- What is told",
      "---@class board.Report",
      '---@field ["a b"]? board.Kind[]',
      "---@field score integer",
      '---@alias board.Kind "a"|"b"',
    } do
      assert.truthy(("\n" .. text):find("\n" .. line .. "\n", 1, true), line)
    end
  end)

  it("names types after definitions of any name", function()
    local value = document()
    value.paths["/player/{player name}"] = nil
    for _, name in ipairs { "", "a/", "b~c", "9" } do
      value.definitions[name] = { type = "string" }
    end
    value.definitions.Kind = { ["$ref"] = "#/definitions/a~1" }
    local made = process.run(value, "x.json")
    made.document.definitions.Any = true

    local text = client.text(made, "board_client")

    assert.matches("%-%-%-@alias board%.Any any\n", text)
    assert.matches("%-%-%-@alias board%._ string\n", text)
    assert.matches("%-%-%-@alias board%.a string\n", text)
    assert.matches("%-%-%-@alias board%.b_c string\n", text)
    assert.matches("%-%-%-@alias board%.Kind board%.a\n", text)
    assert.truthy(load(text))
  end)

  it("tells the fields that a definition has by its parts, and each definition by its own name",
    function()
      local value = document()
      value.paths["/player/{player name}"] = nil
      value.definitions = assert(json.decode [[{
        "Client": { "type": "object", "properties": { "x": { "type": "string" } } },
        "a-b": { "type": "string" },
        "a_b": { "type": "integer" },
        "Pet": { "allOf": [
          { "$ref": "#/definitions/Client" },
          { "required": ["name"], "properties": {
            "name": { "type": "string" },
            "one": { "allOf": [{ "$ref": "#/definitions/a_b" }] },
            "deep": { "$ref": "#/definitions/Client/properties/x" } } } ] } }]])

      local text = client.text(process.run(value, "x.json"), "board_client")

      for _, lines in ipairs {
        "---@class board.Client_2\n---@field x? string\n",
        "---@alias board.a_b string\n",
        "---@alias board.a_b_2 integer\n",
        "---@class board.Pet: board.Client_2\n---@field deep? any\n---@field name string\n"
          .. "---@field one? board.a_b_2\n",
      } do
        assert.truthy(text:find(lines, 1, true), lines .. text)
      end
    end)

  it("sends what is given", function()
    assert.same({ 1 }, setmetatable(new():top { count = 3, tags = { "a", "b c" } }, nil))
    assert.equal("GET", sent[1].method)
    assert.equal("http://127.0.0.1:1/_apis/x/api/?count=3&tags=a%7Cb%20c", sent[1].url)

    new():_end { name = "a/b c", report = { score = 1 } }
    assert.equal("POST", sent[2].method)
    assert.equal("http://127.0.0.1:1/_apis/x/api/player/a%2Fb%20c", sent[2].url)
    assert.equal('{"score":1}', sent[2].body)
  end)

  it("sends every number to its last digit, and lists that keep their items apart", function()
    local api, kinds = new(), {}
    for i, value in ipairs { 0.1 + 0.2, 1e300, math.mininteger, 3 } do
      api:tell { n = value }
      kinds[i] = sent[i].url:match "%?n=(.*)$"
    end
    assert.same({ "0.30000000000000004", "1e%2B300", "-9223372036854775808", "3" }, kinds)

    for text, list in pairs {
      ["a%7Cb"] = { "a", "b" },
      ["%5B%22a%7Cb%22%2C%22c%22%5D"] = { "a|b", "c" },
      ["%5B%22%5B1%5D%22%5D"] = { "[1]" },
      ["%5B%22%22%5D"] = { "" },
      ["%7C"] = { "", "" },
      [""] = {},
    } do
      api:top { tags = list }
      assert.equal("tags=" .. text, sent[#sent].url:match "%?(.*)$")
    end
  end)

  it("sends an empty table as what the description says", function()
    new():_end { name = "x", report = {} }
    assert.equal("{ }", sent[1].body) -- "{}" would count as none
    new():tell { list = {} }
    assert.equal("[]", sent[2].body)
  end)

  it("sends what is JSON in a query", function()
    local value = document()
    value.swagger, value.openapi, value.definitions = nil, "3.0.3", nil
    value.paths = assert(json.decode [[{ "/j": { "get": {
      "parameters": [{ "name": "j", "in": "query", "required": true, "content": {
        "application/json": { "schema": { "$ref": "#/components/schemas/J" } } } }],
      "responses": { "200": { "description": "ok" } } } } }]])
    value.components = assert(json.decode [[{ "schemas": { "J": { "properties": { "a": {} } } } }]])
    local text = client.text(process.run(value, "x.json"), "board_client")
    assert.matches("%-%-%-@param params { j: board%.J }\n", text)

    local api = assert(load(text, "@board_client.lua", "t"))().new { url = "http://127.0.0.1:1/x" }
    api:get_j { j = { a = { 1 } } }
    assert.equal("http://127.0.0.1:1/x/j?j=%7B%22a%22%3A%5B1%5D%7D", sent[1].url)
  end)

  it("signs what takes signed requests", function()
    new({
      region = "eu-west-1",
      credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret" },
    }):delete_player_name { name = "x" }

    local authorization
    for _, header in ipairs(sent[1].headers) do
      authorization = header[1] == "Authorization" and header[2] or authorization
    end
    assert.matches("^AWS4%-HMAC%-SHA256 Credential=AKIDEXAMPLE/%d+/eu%-west%-1/execute%-api/",
      authorization)
  end)

  it("raises what the API tells, as an object", function()
    answer = {
      status = 404, headers = {},
      body = '{"errorMessage":"Not Found: no player x","errorType":"NoPlayer"}',
    }
    local api = new()
    local ok, err = pcall(api.top, api)

    assert.is_false(ok)
    assert.equal(404, err.status)
    assert.equal("NoPlayer", err.type)
    assert.equal("Not Found: no player x", err.message)
    assert.matches("client_spec%.lua:%d+: Not Found: no player x$", tostring(err))
  end)

  it("raises what is no answer of an API", function()
    for body, status in pairs { ["<html>"] = 502, ["[]"] = 500, [""] = 500, ["7"] = 200 } do
      answer = { status = status, headers = {}, body = body }
      local api = new()
      local ok, err = pcall(api.top, api)
      assert.is_false(ok, body)
      assert.equal(status, err.status, body)
      assert.equal("HttpError", err.type, body)
    end
  end)

  it("sends a GET again when nobody answers, and nothing else", function()
    answer = setmetatable({ kind = "network", message = "nobody" }, {
      __tostring = function()
        return "nobody"
      end,
    })
    local api = new()

    assert.has_error(function()
      api:top()
    end, "nobody")
    assert.equal(2, #sent)
    assert.has_error(function()
      api:_end { name = "x", report = {} }
    end, "nobody")
    assert.equal(3, #sent)
  end)

  it("gives nil for null", function()
    answer.body = '{"result":null}'
    assert.is_nil(new():top())
  end)

  it("refuses what the operation does not take, at the caller's line", function()
    local api = new()
    for message, params in pairs {
      ["client_spec%.lua:%d+: top: unknown field 'cuont' %(did you mean 'count'%?%)"] =
        { cuont = 1 },
      ["top%.count: integer expected, got string"] = { count = "1" },
      ["top%.tags: table expected, got string"] = { tags = "a" },
    } do
      assert.error_matches(message, function()
        api:top(params)
      end)
    end
    for message, params in pairs {
      ["_end: field 'report' is missing"] = { name = "x" },
      ["_end%.name: "] = { name = "", report = {} }, -- its path would be another operation's
    } do
      assert.error_matches(message, function()
        api:_end(params)
      end)
    end
    assert.error_matches("tell%.n: must be a finite number", function()
      api:tell { n = 0 / 0 }
    end)
    assert.equal(0, #sent)
  end)
end)
