-- laconic run tests/peers/swagger_templates.lua make COUNT : requests of service APIs as a client with
-- ill will sends them, each with the template that processing made for it, as lines of JSON.
-- laconic run tests/peers/swagger_templates.lua compare ROWS ANSWERS : the events that we make of them
-- beside those of Apache Velocity (tests/peers/vtl/Peer.java), and whether they are what they must be.
local json = require "host.json"
local swagger = require "engine.swagger"
local vtl = require "host.vtl"

local DESCRIPTIONS <const> = {
  "examples/13-leaderboard/swagger.json",
  "tests/flow/service_api/swagger.json",
  "tests/peers/openapi.json",
}

local INTEGRATION <const> = "x-amazon-apigateway-integration"

local VALUES <const> = {
  "", "a%20b", "a+b", "%", "%zz", "100%25", "%2F", "%C3%AB", "ë", "it's \"x\"", "\\", "\\'", "a\nb",
  "1", "-7", "01", "1.5", "1e3", "1e999", "999999999999999999", "9999999999999999999", "true",
  "false", "True", "null", "1,\"inj\":2", "{}", "[1,2]", "1|2", "$x", "${context.stage}", "#end",
  "#if(true)", "$util.urlDecode('x')", "<a/>", "</script>", "\t", "~", "x]", "😀",
}

local BODIES <const> = {
  "{}", "", "{ }", "null", " null\n", "  ", "true", '""', '"x"', " -1.5e3", '{"a":1}',
  '{"a":"it\'s \\"x\\" \\u00eb","b":[null,true,1.50]}', "[1,2]", "7",
}

local ANSWERS <const> = {
  "null", "7", '"x"', "[]", "{}", '{"a":[1,{"b":null}]}', '{"errorMessage":"","errorType":"x"}',
  '{"errorMessage":"","errorType":"Exception","stackTrace":[]}',
  '{"errorMessage":"Client Error: a\\nb \\"c\\"","errorType":"T","stackTrace":["x"]}',
}

local function pick(list)
  return list[math.random(#list)]
end

local function params_of(operation)
  local params = { path = json.object {}, querystring = json.object {}, header = json.object {} }
  for _, parameter in ipairs(operation.parameters) do
    if parameter.location ~= "body" and math.random() < 0.8 then
      local map = params[parameter.location == "path" and "path" or "querystring"]
      map[parameter.name] = pick(VALUES)
    end
  end
  return params
end

-- Every template of a description's operations: the request's, and those of answers.
local function templates()
  local list = {}
  for _, path in ipairs(DESCRIPTIONS) do
    local processed = swagger.process(path)
    for _, operation in ipairs(processed.operations) do
      local made = processed.document.paths[operation.path][operation.verb][INTEGRATION]
      local text = made.requestTemplates["application/json"]
      table.insert(list, { operation = operation, text = text })
      for _, name in ipairs { "default", "(?s)Client Error:.*" } do
        table.insert(list, { text = made.responses[name].responseTemplates["application/json"] })
      end
    end
  end
  return list
end

local function make(count)
  local list = templates()
  for seed = 1, count do
    math.randomseed(seed)
    local one = list[seed % #list + 1]
    print(json.encode {
      id = seed,
      template = one.text,
      body = one.operation and pick(BODIES) or pick(ANSWERS),
      params = one.operation and params_of(one.operation) or params_of { parameters = {} },
      context = {
        identity = { sourceIp = "203.0.113.9", cognitoIdentityId = "", cognitoIdentityPoolId = "" },
        responseOverride = json.object {},
      },
      stage_variables = json.object {},
    })
  end
end

local function compare(rows, answers)
  local next_answer, count = io.lines(answers), 0
  for line in io.lines(rows) do
    local row = assert(json.decode(line))
    local answer = assert(json.decode(next_answer()))
    local ours = assert(assert(vtl.compile(row.template)):render {
      body = row.body, params = row.params, context = row.context,
    })
    local about = ("\n%s\nours:   %s\ntheirs: %s"):format(line, ours,
      tostring(answer.output or answer.error))
    local event = json.decode(ours)
    assert(event ~= nil, "no JSON" .. about)
    local theirs = answer.output and json.decode(answer.output)
    assert(theirs ~= nil and json.encode(theirs) == json.encode(event), "they differ" .. about)
    count = count + 1
  end
  print(("%d requests and answers: the same events and bodies"):format(count))
end

if arg[1] == "make" then
  make(math.tointeger(arg[2]))
else
  compare(arg[2], arg[3])
end
