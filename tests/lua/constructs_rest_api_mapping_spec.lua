-- The mapping templates of REST APIs, rendered: what functions get, and what their results become.
local json = require "host.json"
local mapping = require "engine.constructs.rest_api.mapping"
local vtl = require "host.vtl"

local compiled = {}

local function template(text)
  compiled[text] = compiled[text] or assert(vtl.compile(text))
  return compiled[text]
end

-- What could end a text, a member or a template.
local HOSTILE = {
  [["]], [[\]], [[\"]], [['],"x":"y]], [[","admin":"true]], [[\u0022]], "a\nb\tc", "\0\1\31",
  "$context.stage #end #if(true) $util", "${x}#foreach", "ä€😀", "</script>", "{}", "",
}

local function coded(text)
  return (text:gsub("[^%w]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

local function rendered(content_type, request, claims)
  local text = assert(template(mapping.request(content_type, claims)):render {
    body = request.body or "",
    params = {
      path = request.path or {},
      querystring = request.query or {},
      header = request.headers or {},
    },
    context = request.context or {},
    stage_variables = request.stage_variables or {},
  })
  local event, problem = json.decode(text)
  return event or error(problem.message .. " in " .. text)
end

local function answered(result)
  local text, changed = assert(template(mapping.RESPONSE):render {
    body = type(result) == "string" and result or assert(json.encode(result)),
    params = { path = {}, querystring = {}, header = {} },
    context = {},
    stage_variables = {},
  })
  return text, changed and changed.responseOverride or {}
end

describe("the mapping of a request", function()
  it("tells all of it", function()
    local event = rendered("application/json", {
      body = '{"a":[1,2.5,null,"x"]}',
      path = { id = "7" },
      query = { lang = "en", page = "2" },
      headers = { Accept = "*/*", ["User-Agent"] = "curl" },
      stage_variables = { colour = "blue" },
      context = {
        httpMethod = "PUT",
        apiId = "abc",
        requestId = "r-1",
        resourceId = "res",
        resourcePath = "/todos/{id}",
        stage = "v1",
        identity = { sourceIp = "127.0.0.1", userAgent = "curl", apiKey = "k" },
        authorizer = { principalId = "ada", level = "3" },
      },
    })

    assert.equal("PUT", event.method)
    assert.same({ 1, 2.5, json.null, "x" }, { table.unpack(event.body.a) })
    assert.equal("7", event.pathParams.id)
    assert.equal("en", event.queryParams.lang)
    assert.equal("2", event.queryParams.page)
    assert.equal("*/*", event.headers.Accept)
    assert.equal("blue", event.stageVariables.colour)
    assert.equal("/todos/{id}", event.context.resourcePath)
    assert.equal("PUT", event.context.method)
    assert.equal("127.0.0.1", event.context.identity.sourceIp)
    assert.equal("", event.context.identity.userArn)
    assert.equal("ada", event.authorizer.principalId)
    assert.equal("3", event.authorizer.level)
  end)

  it("has an empty table for what is not there", function()
    local event = rendered("application/json", {})

    for _, field in ipairs {
      "body", "headers", "queryParams", "pathParams", "stageVariables", "authorizer",
    } do
      assert.equal("{}", json.encode(event[field]), field)
    end
  end)

  it("decodes the values of a path, where '+' is no blank", function()
    local event = rendered("application/json", {
      path = { a = "a%20b%2Fc", b = "1+1", c = "100%", d = "%zz%C3%A4" },
    })

    assert.same({ a = "a b/c", b = "1+1", c = "100%", d = "%zzä" }, event.pathParams)
  end)

  it("lets no value become more than a value", function()
    for _, value in ipairs(HOSTILE) do
      local event = rendered("text/plain", {
        body = "<" .. value .. ">",
        path = { id = coded(value) },
        query = { [value] = value },
        headers = { X = value },
        stage_variables = { v = value },
        context = {
          httpMethod = "GET",
          identity = { userAgent = value, apiKey = value },
          authorizer = { [value] = value },
        },
      })

      assert.equal("<" .. value .. ">", event.body)
      assert.equal(value, event.pathParams.id)
      assert.equal(value, event.queryParams[value])
      assert.equal(value, event.headers.X)
      assert.equal(value, event.stageVariables.v)
      assert.equal(value, event.context.identity.userAgent)
      assert.equal(value, event.authorizer[value])
      local members = 0
      for _ in pairs(event) do
        members = members + 1
      end
      assert.equal(8, members)
    end
  end)

  it("reads forms: '=' in values, '+', codes, empty values, an ampersand too many", function()
    local function form(body)
      return rendered("application/x-www-form-urlencoded", { body = body }).body
    end

    assert.same({ a = "1", b = "x=y=", c = "", d = "" }, form "a=1&b=x=y=&c=&d&")
    assert.same({ ["full name"] = "Ada L", q = "1+1" }, form "full+name=Ada+L&q=1%2B1")
    assert.same({ a = "100%", b = "%zz", c = "%" }, form "a=100%&b=%zz&c=%")
    assert.same({ a = "2" }, form "a=1&a=2")
    assert.same({ ["ä"] = "€" }, form "%C3%A4=%E2%82%AC")
    assert.equal("{}", json.encode(form ""))
    assert.equal("{}", json.encode(form "&&"))
    for _, value in ipairs(HOSTILE) do
      if value ~= "" then
        assert.same({ [value] = value }, form(coded(value) .. "=" .. coded(value)))
      end
    end
  end)

  it("passes on the claims of a Cognito token", function()
    local event = rendered("application/json", {
      context = {
        authorizer = {
          principalId = "p",
          claims = { sub = "s-1", ["cognito:username"] = 'a"da', secret = "x" },
        },
      },
    }, mapping.CLAIMS)

    assert.equal("p", event.authorizer.principalId)
    assert.same({ sub = "s-1", ["cognito:username"] = 'a"da' }, event.authorizer.claims)
    assert.same({ secret = "x" }, rendered("application/json", {
      context = { authorizer = { claims = { sub = "s-1", secret = "x" } } },
    }, { "secret" }).authorizer.claims)
  end)

  it("takes other types as text, and what ends in +json as JSON", function()
    assert.equal("a,b", rendered("text/csv", { body = "a,b" }).body)
    assert.equal(1, rendered("application/problem+json", { body = '{"x":1}' }).body.x)
  end)
end)

describe("the mapping of a result", function()
  it("is status, headers and a JSON body", function()
    local text, override = answered {
      code = 201,
      headers = { location = "/x", ["x-count"] = "2" },
      body = { a = { 1, "ä" }, b = json.null },
    }

    assert.same({ a = { 1, "ä" }, b = json.null }, json.decode(text))
    assert.equal("201", tostring(override.status))
    assert.equal("/x", override.header.location)
    assert.equal("2", override.header["x-count"])
  end)

  it("keeps every kind of JSON body", function()
    for _, body in ipairs {
      '"text"', '""', "null", "0", "false", "[]", "{}", '[{"a":[]}]', "2.5",
    } do
      local text = answered('{"code":200,"body":' .. body .. "}")
      assert.equal(body, text)
    end
  end)

  it("can be a body, or headers and a body, without a code", function()
    local text, override = answered { headers = { x = "y" }, body = "z" }

    assert.equal('"z"', text)
    assert.equal("y", override.header.x)
    assert.is_nil(override.status)
    assert.equal("[1]", (answered '{"body":[1]}'))
  end)

  it("is a text where the headers say so", function()
    local text, override = answered {
      code = 200, headers = { ["Content-Type"] = "text/html" }, body = '<p class="x">\n</p>',
    }

    assert.equal('<p class="x">\n</p>', text)
    assert.equal("text/html", override.header["Content-Type"])
    assert.equal('"x"', (answered {
      code = 200, headers = { ["content-type"] = "application/problem+json" }, body = "x",
    }))
  end)

  it("has no body when there is none", function()
    local text, override = answered { code = 204 }

    assert.equal("", text)
    assert.equal("204", tostring(override.status))
  end)

  it("takes what proxies take", function()
    local text, override = answered(require("laconic.response").new(409, { a = 1 }, { X = "y" }))

    assert.equal('{"a":1}', text)
    assert.equal("409", tostring(override.status))
    assert.equal("y", override.header.x)
    assert.equal("application/json", override.header["content-type"])
    assert.equal("", (answered(require("laconic.response").new(204))))
  end)

  it("is the body itself, of any other shape", function()
    for _, body in ipairs {
      '{"message":"hello"}', '"text"', "[1,2]", "7", "true", '{"headers":{"a":1}}',
      '{"method":"GET","body":{},"headers":{"host":"x"}}', '{"body":1,"more":2}', '""', "null", "0",
      "false", "[]", "{}", "[null]",
    } do
      local text, override = answered(body)
      assert.equal(body, text)
      assert.is_nil(override.status)
    end
  end)

  it("says nothing of an error that no pattern caught", function()
    local text, override = answered {
      errorMessage = "", errorType = "Secret", stackTrace = { "service.lua:1" },
    }

    assert.same({ message = "Internal server error" }, json.decode(text))
    assert.equal("500", tostring(override.status))
  end)
end)
