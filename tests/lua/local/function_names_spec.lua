local functions = require "engine.local.services.lambda.functions"
local target = require "engine.local.http.target"

local ARN <const> = "arn:aws:lambda:eu-west-1:123456789012:function:hello"

local function facts_of(arn)
  local made = target.new { arn = arn, service = "apigateway.amazonaws.com", seconds = 1 }
  return made and { made.region, made.name, made.qualifier }
end

describe("a function's name", function()
  it("is taken apart in all its forms", function()
    for _, text in ipairs { "hello", "123456789012:function:hello", ARN } do
      assert.same({ "hello" }, { functions.parse(text) })
      assert.same({ "hello", "prod" }, { functions.parse(text .. ":prod") })
      assert.same({ "hello", "$LATEST" }, { functions.parse(text .. ":$LATEST") })
    end
  end)

  it("is refused when it is none", function()
    for _, text in ipairs { "", "a b", "a:b:c", ARN .. ":a:b", ("x"):rep(65), 7 } do
      assert.has_error(function()
        functions.parse(text)
      end)
    end
  end)

  it("is an ARN behind a front end, bare or as an integration has it", function()
    local uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/%s/invocations"
    assert.same({ "eu-west-1", "hello" }, facts_of(ARN))
    assert.same({ "eu-west-1", "hello", "7" }, facts_of(uri:format(ARN .. ":7")))
    for _, text in ipairs { "hello", uri:format "hello", ARN .. ":a:b", "arn:aws:s3:::hello" } do
      assert.is_nil(facts_of(text))
    end
  end)
end)

describe("the configuration behind a qualifier", function()
  local found = {
    arn = ARN,
    latest = { version = "$LATEST" },
    versions = { ["1"] = { version = "1" } },
    aliases = { prod = { version = "1" }, next = { version = "$LATEST" }, old = { version = "9" } },
  }

  it("is that of a version, an alias or $LATEST", function()
    assert.equal(found.latest, functions.resolve(found))
    assert.equal(found.latest, functions.resolve(found, "$LATEST"))
    assert.equal(found.versions["1"], functions.resolve(found, "1"))
    assert.same({ found.versions["1"], found.aliases.prod }, { functions.resolve(found, "prod") })
    assert.equal(found.latest, functions.resolve(found, "next"))
  end)

  it("is not there for any other", function()
    for _, qualifier in ipairs { "2", "test", "old" } do
      assert.is_nil((functions.behind(found, qualifier)))
      assert.has_error(function()
        functions.resolve(found, qualifier)
      end)
    end
  end)
end)
