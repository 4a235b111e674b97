local intrinsics = require "engine.local.services.cloudformation.intrinsics"
local json = require "host.json"

local function scope_of(fields)
  local names = { Stage = "prod", Ids = json.array { "a", "b" }, Table = "t-1" }
  local scope = {
    ref = function(name)
      return names[name]
    end,
    attribute = function(id, name)
      return ("%s's %s"):format(id, name)
    end,
    condition = function(name)
      return name == "Yes"
    end,
    import = function(name)
      return "imported " .. name
    end,
    mappings = { Sizes = { prod = { memory = 512 } } },
    region = "x-1",
    extensions = false,
  }
  for key, value in pairs(fields or {}) do
    scope[key] = value
  end
  return scope
end

local function evaluate(text, fields)
  return intrinsics.evaluate(assert(json.decode(text)), scope_of(fields), "/Resources/Fn")
end

local function test(text)
  return intrinsics.test(assert(json.decode(text)), scope_of(), "/Conditions/C")
end

local CASES = {
  { '{"Ref":"Stage"}', "prod" },
  { '{"Fn::GetAtt":["Table","Arn"]}', "Table's Arn" },
  { '{"Fn::GetAtt":"Table.Stream.Arn"}', "Table's Stream.Arn" },
  { '{"Fn::Sub":"${Stage}-${Table.Arn}-${!Literal}-$x"}', "prod-Table's Arn-${Literal}-$x" },
  { '{"Fn::Sub":["${A}/${Stage}",{"A":{"Fn::Join":["+",{"Ref":"Ids"}]}}]}', "a+b/prod" },
  { '{"Fn::Join":["",["arn:",{"Ref":"Stage"},1,true]]}', "arn:prod1true" },
  { '{"Fn::Select":["1",{"Ref":"Ids"}]}', "b" },
  { '{"Fn::Select":[0,{"Fn::Split":["|","x||z"]}]}', "x" },
  { '{"Fn::Join":[",",{"Fn::Split":["|","x||z"]}]}', "x,,z" },
  { '{"Fn::FindInMap":["Sizes",{"Ref":"Stage"},"memory"]}', 512 },
  { '{"Fn::If":["Yes","y","n"]}', "y" },
  { '{"Fn::If":["No","y",{"Ref":"Stage"}]}', "prod" },
  { '{"Fn::Base64":"hello"}', "aGVsbG8=" },
  { '{"Fn::Select":[2,{"Fn::GetAZs":""}]}', "x-1c" },
  { '{"Fn::ImportValue":{"Fn::Sub":"${Stage}-x"}}', "imported prod-x" },
  { '{"Fn::Join":[" ",{"Fn::Cidr":["10.1.0.0/16",3,8]}]}', "10.1.0.0/24 10.1.1.0/24 10.1.2.0/24" },
  { '{"Fn::Select":[1,{"Fn::Cidr":["192.168.0.7/24","2","4"]}]}', "192.168.0.16/28" },
}

local REFUSED = {
  { '{"Ref":"Nobody"}', "unresolved reference to Nobody" },
  { '{"Fn::Nothing":1}', "Fn::Nothing" },
  { '{"Fn::GetAtt":["Table"]}', "Fn::GetAtt object requires two non%-empty parameters" },
  { '{"Fn::Sub":7}', "Fn::Sub" },
  { '{"Fn::Sub":"${Ids}"}', "${Ids} in Fn::Sub is not a string" },
  { '{"Fn::Join":[1,[]]}', "every Fn::Join object requires two parameters" },
  { '{"Fn::Join":["",[{"Ref":"Ids"}]]}', "joins strings alone" },
  { '{"Fn::Select":[5,{"Ref":"Ids"}]}', "cannot select nonexistent value at index 5" },
  { '{"Fn::Select":[-1,{"Ref":"Ids"}]}', "nonexistent value at index %-1" },
  { '{"Fn::Split":["","x"]}', "Fn::Split" },
  { '{"Fn::FindInMap":["Nope","a","b"]}', "Mapping named 'Nope' is not present" },
  { '{"Fn::FindInMap":["Sizes","dev","b"]}', "Unable to get mapping for Sizes::dev::b" },
  { '{"Fn::If":["Yes","y"]}', "Fn::If requires a list argument with three elements" },
  { '{"Fn::Cidr":["10.0.0.0/30",2,8]}', "cannot make the wanted subnets" },
  { '{"Fn::Cidr":["2001:db8::/32",2,8]}', "not an IPv4 block" },
  { '{"Fn::Length":[1]}', "requires the transform AWS::LanguageExtensions" },
  { '{"P":"{{resolve:ssm:/a:1}}"}', "no store for dynamic references: {{resolve:ssm" },
  { '{"Fn::Sub":"{{resolve:secretsmanager:${Stage}}}"}', "{{resolve:secretsmanager" },
}

describe("engine.local.services.cloudformation.intrinsics", function()
  it("evaluates every function", function()
    for _, case in ipairs(CASES) do
      assert.equal(case[2], evaluate(case[1]), case[1])
    end
  end)

  it("says what is wrong, and where", function()
    for _, case in ipairs(REFUSED) do
      local raised = assert.error_matches(case[2], function()
        evaluate(case[1])
      end, case[1])
      assert.matches("/Resources/Fn", tostring(raised), case[1])
      assert.equal("ValidationError", raised.code)
    end
  end)

  it("leaves AWS::NoValue out of objects and lists", function()
    local value = evaluate [[
      {"a":{"Ref":"AWS::NoValue"},"b":[1,{"Fn::If":["No",2,{"Ref":"AWS::NoValue"}]},3],"c":{}}]]

    assert.equal('{"b":[1,3],"c":{}}', json.encode(value))
  end)

  it("keeps what only looks like a function, and the types of values", function()
    local text = '{"Condition":{"StringEquals":{"a":"b"}},"Ref":"x","empty":[],"f":1.0,"n":null}'

    assert.equal(text, json.encode(evaluate(text)))
  end)

  it("refuses what is nested without end", function()
    assert.error_matches("nested deeper", function()
      evaluate(('{"a":'):rep(200) .. "1" .. ("}"):rep(200))
    end)
  end)

  it("knows the language's extensions once they are asked for", function()
    assert.equal(2, evaluate('{"Fn::Length":{"Ref":"Ids"}}', { extensions = true }))
    assert.equal('{"a":"prod"}',
      evaluate('{"Fn::ToJsonString":{"a":{"Ref":"Stage"}}}', { extensions = true }))
    assert.equal(7, evaluate('{"Fn::FindInMap":["Sizes","dev","x",{"DefaultValue":7}]}',
      { extensions = true }))
  end)

  it("tests conditions", function()
    assert.is_true(test '{"Fn::Equals":[{"Ref":"Stage"},"prod"]}')
    assert.is_true(test '{"Fn::Equals":[1,"1"]}')
    assert.is_false(test '{"Fn::Not":[{"Condition":"Yes"}]}')
    assert.is_true(test '{"Fn::And":[{"Condition":"Yes"},{"Fn::Equals":["a","a"]}]}')
    assert.is_false(test '{"Fn::And":[{"Condition":"Yes"},{"Condition":"No"}]}')
    assert.is_true(test '{"Fn::Or":[{"Condition":"No"},{"Condition":"Yes"}]}')
    assert.error_matches("a condition is one of", function()
      test '{"Ref":"Stage"}'
    end)
  end)
end)
