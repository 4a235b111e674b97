-- Descriptions that somebody has spoilt: mutations of good ones, by a seed, and what must hold of
-- whatever comes out. Lua under test is not what libFuzzer sees the coverage of, so this is no target
-- of its: the mutations know what descriptions are made of instead.
local client = require "engine.swagger.client"
local document_file = require "engine.swagger.document"
local file = require "host.file"
local json = require "host.json"
local process = require "engine.swagger.process"
local twin = require "engine.twin"
local validate = require "engine.swagger.validate"
local vtl = require "host.vtl"

local mutations = {}

local CORPUS <const> = {
  "examples/13-leaderboard/swagger.json",
  "tests/flow/service_api/swagger.json",
  "tests/lua/swagger/openapi_31.json",
  "tests/peers/openapi.json",
}

local DISPATCH <const> = "x-amazon-cloud-canvas-lambda-dispatch"

-- Names and texts that mean something somewhere.
local WORDS <const> = {
  "$ref", "#/definitions/Score", "#/definitions/Report", "#/components/schemas/Player", "#", "#/",
  "other.json#/x", "#/paths/~1player", "name", "in", "body", "query", "path", "header", "formData",
  "type", "string", "integer", "number", "boolean", "array", "object", "file", "items", "required",
  "default", "enum", "pattern", "(", "[a-z", "^(a+)+$", "allOf", "properties", "200", "default",
  "responses", "parameters", "get", "post", "options", "GET", "security", "sigv4", "", " ", "\0",
  "'", "\"", "\\", "${x}", "$context.stage", "#end", "#set($x=1)", "$Region$", "$RoleArn$", "é",
  "../x", "a.b", "{id}", "/", "//", "/{id}", "/{id}/{id}", "/x{y}", "/{proxy+}", DISPATCH, "module",
  "function", "lambda", "enable_iam", "enable_cores", "additional-properties",
  "additional-request-template-content", "additional-response-template-content",
  "x-amazon-apigateway-integration", "x-cloud-gem-framework-interface-implementation", "interface",
  "Games_Scores_1_0_0", "null", "const",
  "anyOf", "nullable", "swagger", "openapi", "2.0", "3.0.3", "3.1.0", "info", "paths",
}

local function pick(list)
  return list[math.random(#list)]
end

-- A text of bytes that JSON can say.
local function odd_text()
  local parts = {}
  for i = 1, math.random(0, 4) do
    parts[i] = math.random() < 0.7 and pick(WORDS) or utf8.char(math.random(1, 0x7ff))
  end
  return table.concat(parts)
end

local function odd_value(depth)
  local kind = math.random(9)
  if kind == 1 then
    return json.null
  elseif kind == 2 then
    return math.random() < 0.5
  elseif kind == 3 then
    return pick { 0, -1, 1, 7, math.maxinteger, math.mininteger, 1e308, -0.5, 3 }
  elseif kind == 4 and depth < 60 then
    return json.array { odd_value(depth + 1), odd_value(depth + 1) }
  elseif kind == 5 and depth < 60 then
    return { [pick(WORDS)] = odd_value(depth + 1), [odd_text()] = odd_value(depth + 1) }
  elseif kind == 6 then
    return { ["$ref"] = pick(WORDS) }
  elseif kind == 7 then
    return odd_text()
  end
  return pick(WORDS)
end

-- All tables of a document.
local function places(value, list)
  table.insert(list, value)
  for _, item in pairs(value) do
    if type(item) == "table" then
      places(item, list)
    end
  end
  return list
end

local function some_key(object)
  local keys = {}
  for key in pairs(object) do
    table.insert(keys, key)
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  return #keys > 0 and pick(keys) or nil
end

local function set(object, key, value)
  if math.type(key) then
    object[math.min(key, #object + 1)] = value == nil and json.null or value
  else
    object[key] = value
  end
end

local CHANGES <const> = {
  function(object, key)
    set(object, key, odd_value(0))
  end,
  function(object, key) -- a text is changed a little
    if type(object[key]) == "string" then
      local text = object[key]
      local at = utf8.len(text) and utf8.offset(text, math.random(0, utf8.len(text)) + 1) or 1
      set(object, key, text:sub(1, at - 1) .. pick(WORDS) .. text:sub(at))
    end
  end,
  function(object, key)
    if not json.is_array(object) then
      object[key] = nil
    end
  end,
  function(object, key) -- renamed
    if not json.is_array(object) then
      object[pick(WORDS)], object[key] = object[key], nil
    end
  end,
  function(object)
    if not json.is_array(object) then
      object[pick(WORDS)] = odd_value(0)
    end
  end,
  function(object, key, all) -- something from elsewhere
    set(object, key, twin.deep(pick(all)))
  end,
  function(object) -- a level says something of its own
    if not json.is_array(object) then
      object[DISPATCH] = { [pick(WORDS)] = odd_value(0), [pick(WORDS)] = odd_text() }
    end
  end,
  function(object, key) -- deep, but for JSON
    local value = object[key]
    for _ = 1, math.random(80) do
      value = { properties = { x = value } }
    end
    set(object, key, value)
  end,
}

local corpus

local function originals()
  if not corpus then
    corpus = {}
    for i, path in ipairs(CORPUS) do
      corpus[i] = document_file.parse(assert(file.read(path)), path)
    end
  end
  return corpus
end

--- A spoilt description; the same for the same state of math.random.
function mutations.document()
  local value = twin.deep(pick(originals()))
  for _ = 1, math.random(4) do
    local all = places(value, {})
    local object = pick(all)
    local key = some_key(object)
    if key ~= nil then
      pick(CHANGES)(object, key, all)
    end
  end
  return value
end

--- The same as bytes, some of which are wrong.
function mutations.bytes()
  local text = json.encode(mutations.document()) or "{}" -- nested too deeply
  for _ = 1, math.random(0, 2) do
    local at = math.random(#text)
    local byte = string.char(math.random(0, 255))
    text = text:sub(1, at - 1) .. byte .. text:sub(at + math.random(0, 2))
  end
  return text
end

-- ---- what must hold ---------------------------------------------------------------------------------

local INTEGRATION <const> = "x-amazon-apigateway-integration"

local HOSTILE <const> = {
  '1,"inj":2', '"', "\\", "'", "$context.stage", "#end", "${x}", "%", "%zz", "%00", "a%20b", "null",
  "\r\n", "é", "]", "}", "12", "-1.5e3", "true", "x,y", "",
}

local function parameters_of(operation)
  local params = { path = {}, querystring = {}, header = {} }
  for _, parameter in ipairs(operation.parameters) do
    local map = params[parameter.location == "path" and "path" or "querystring"]
    if math.random() < 0.8 then
      map[parameter.name] = pick(HOSTILE)
    end
  end
  return params
end

local BODIES <const> = { "{}", "", '{"a":1}', "[1]", "7" }

-- The template makes JSON of whatever a client sends, with the names of the description alone.
local function check_event(operation, template)
  if #operation.request_content > 0 then
    return -- the author's own words
  end
  local compiled = assert(vtl.compile(template))
  local text = assert(compiled:render {
    body = pick(BODIES),
    params = parameters_of(operation),
    context = { identity = { sourceIp = "127.0.0.1" } },
  })
  local event, err = json.decode(text)
  assert(event, ("%s\n%s"):format(tostring(err), text))
  assert(event.module == operation.module and event["function"] == operation.function_name)
  local declared = {}
  for _, parameter in ipairs(operation.parameters) do
    declared[parameter.name] = true
    assert(event.parameters[parameter.name] ~= nil, parameter.name)
  end
  for name in pairs(event.parameters or {}) do
    assert(declared[name], name)
  end
end

local function check_processed(result)
  local again = assert(json.decode(document_file.text(result.document)))
  local problem = validate.problems(again).list[1]
  assert(not problem, problem and problem.place .. ": " .. problem.rule)
  assert(load(client.text(result, "x_client"), "@x_client.lua", "t", {}))
  for _, operation in ipairs(result.operations) do
    local made = again.paths[operation.path][operation.verb][INTEGRATION]
    local templates = made.requestTemplates
    if not next(operation.properties) then
      check_event(operation, templates["application/json"])
    end
  end
end

--- Reads and processes a text, and holds the outcome against what must be so: a valid description, or
--- an error that says what is wrong and where. Raises what is not.
---@param bytes string
---@return boolean processed
function mutations.check(bytes)
  local ok, result = pcall(function()
    return process.run(document_file.parse(bytes, "swagger.json"), "swagger.json")
  end)
  if ok then
    check_processed(result)
    return true
  end
  local is_told = type(result) == "table" and result.kind == "invalid" and result.where
  assert(is_told, "an error that is none of ours: " .. tostring(result))
  assert(result.problems or result.code == "E219", tostring(result))
  return false
end

return mutations
