-- Interfaces: what is joined in, under which names, and what is refused.
local described = dofile "tests/lua/swagger/described.lua"
local json = require "host.json"
local process = require "engine.swagger.process"

local IMPLEMENTATION <const> = "x-cloud-gem-framework-interface-implementation"
local METADATA <const> = "x-cloud-gem-framework-interface-metadata"
local PARAMETER <const> = "x-cloud-gem-framework-interface-parameter"
local DISPATCH <const> = "x-amazon-cloud-canvas-lambda-dispatch"
local ID <const> = "Games_Scores_1_0_0"

local function returning(name)
  return {
    responses = {
      ["200"] = { description = "ok", schema = { ["$ref"] = "#/definitions/" .. name } },
    },
  }
end

-- The definition of the interface, anew for each who asks.
local function definition()
  return described.document({
    ["/"] = { get = returning "Status" },
    ["/scores/{id}"] = {
      get = {
        parameters = json.array { described.in_path "id" },
        responses = returning("Score").responses,
      },
      put = { parameters = json.array { described.in_path "id" },
        responses = described.responses(), [DISPATCH] = { module = "scores" } },
    },
  }, {
    [DISPATCH] = { module = "not_merged" },
    definitions = {
      Status = { type = "string" },
      Score = { type = "object", properties = { status = { ["$ref"] = "#/definitions/Status" } } },
    },
  })
end

local asked

local function find(gem, name)
  asked = gem .. "/" .. name
  return asked == "Games/Scores_1_0_0" and definition() or nil, asked .. ".json"
end

local function processed(paths, more)
  return process.run(described.document(paths, more), "swagger.json", { interfaces = find })
end

local function implementing(interface)
  return { [IMPLEMENTATION] = { interface = interface } }
end

local function modules(result)
  local list = {}
  for i, operation in ipairs(result.operations) do
    list[i] = ("%s %s=%s"):format(operation.verb, operation.path, operation.module)
  end
  return list
end

local function refused(paths, more)
  local ok, raised = pcall(processed, paths, more)
  assert.is_false(ok, "nothing was refused")
  assert.equal("E222", raised.code)
  return raised.problems[1].place .. ": " .. raised.problems[1].rule
end

describe("an interface", function()
  it("is joined in below the path that implements it", function()
    local result = processed { ["/game"] = implementing(ID) }

    assert.same({
      "get /game=game",
      "get /game/scores/{id}=game_scores",
      "put /game/scores/{id}=scores",
    }, modules(result))
    assert.equal("Games/Scores_1_0_0", asked)
    assert.same({ type = "string" }, result.document.definitions.Status)
    assert.same({
      [ID] = {
        basePath = "/game",
        paths = json.array { "/game", "/game/scores/{id}" },
        definitions = json.array { "Score", "Status" },
      },
    }, result.document[METADATA])
    assert.is_nil(result.document.paths["/game"][IMPLEMENTATION])
  end)

  it("doubles no slash below the root, and may be one of a list", function()
    local result = processed { ["/"] = implementing(json.array { { id = ID } }) }

    assert.same({ "get /=root", "get /scores/{id}=scores", "put /scores/{id}=scores" },
      modules(result))
  end)

  it("shares definitions of the same content, and numbers others", function()
    local result = processed({ ["/game"] = implementing(ID) }, {
      definitions = { Status = { type = "integer" }, Status1 = { type = "boolean" } },
    })
    local definitions = result.document.definitions

    assert.same({ type = "integer" }, definitions.Status)
    assert.same({ type = "string" }, definitions.Status2)
    assert.equal("#/definitions/Status2", definitions.Score.properties.status["$ref"])
    assert.equal("#/definitions/Status2",
      result.document.paths["/game"].get.responses["200"].schema["$ref"])

    local shared = processed({ ["/game"] = implementing(ID) },
      { definitions = { Status = { type = "string" } } })
    assert.is_nil(shared.document.definitions.Status1)
  end)

  for _, field in ipairs { "lambda_dispatch", "lambda-dispatch" } do
    it("takes dispatch objects of who implements it, as " .. field, function()
      local result = processed {
        ["/game"] = implementing {
          id = ID,
          [field] = { paths = { ["/scores/{id}"] = { put = { ["function"] = "store" } } } },
        },
      }

      assert.equal("store", result.operations[3].function_name)
      assert.equal("scores", result.operations[3].module)
    end)
  end

  it("is refused where dispatch objects are of what it does not have, by their place", function()
    local place = ("paths./game.%s.interface.lambda_dispatch"):format(IMPLEMENTATION)
    for text, said in pairs {
      [": must be an object"] = 7,
      [".paths: must be an object"] = { paths = "x" },
      [".paths./scores/{id}: must be an object"] = { paths = { ["/scores/{id}"] = true } },
      [".paths./scores: is no path of the interface (did you mean '/scores/{id}'?)"] =
        { paths = { ["/scores"] = {} } },
      [".paths./scores/{id}.gett: is no operation of the interface (did you mean 'get'?)"] =
        { paths = { ["/scores/{id}"] = { gett = {} } } },
      [".paths./.get: must be an object"] = { paths = { ["/"] = { get = "root" } } },
      [".paths./.get." .. DISPATCH .. ": must be an object"] =
        { paths = { ["/"] = { get = { [DISPATCH] = 7 } } } },
    } do
      assert.equal(place .. text,
        refused { ["/game"] = implementing { id = ID, lambda_dispatch = said } })
    end
    assert.equal(METADATA .. ": must be an object",
      refused({ ["/game"] = implementing(ID) }, { [METADATA] = 7 }))
  end)

  it("has the parameters of its path, and then is not told of", function()
    local own = implementing(ID)
    own.parameters = json.array { described.in_path "game" }
    own.parameters[1][PARAMETER] = true
    local result = processed { ["/game/{game}"] = own }

    assert.equal("/game/{game}/scores/{id}", result.operations[2].path)
    assert.equal(2, #result.operations[2].parameters)
    assert.is_nil(result.document[METADATA])
  end)

  it("is refused by its place", function()
    local place = ("paths./game.%s.interface"):format(IMPLEMENTATION)
    assert.equal(place .. ": is no interface", refused { ["/game"] = implementing "Games_1_0_0" })
    assert.equal(place .. "[1]: is no interface",
      refused { ["/game"] = implementing(json.array { ID, "A_B_C_D_E_F" }) })
    assert.equal(place .. ": names no interface", refused { ["/game"] = { [IMPLEMENTATION] = 7 } })
    assert.equal(place .. ": there is no Games/api-definition/Other_1_0_0.json",
      refused { ["/game"] = implementing "Games_Other_1_0_0" })
    assert.equal(place .. ": the path '/game/scores/{id}' is there already", refused {
      ["/game"] = implementing(ID),
      ["/game/scores/{id}"] = { get = described.operation { described.in_path "id" } },
    })
    assert.equal("paths./game/{x}: the path parameter 'x' is not the interface's", refused {
      ["/game/{x}"] = implementing(ID),
    })
  end)
end)
