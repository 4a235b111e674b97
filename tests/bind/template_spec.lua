local json = require "host.json"
local template = require "host.template"

local TOPIC = "AWS::SNS::Topic"

-- A template with one sound resource, and what is given.
local function with(sections)
  local value = { Resources = { Topic = { Type = TOPIC } } }
  for section, members in pairs(sections) do
    if section == "Resources" then
      for id, definition in pairs(members) do
        value.Resources[id] = definition
      end
    else
      value[section] = members
    end
  end
  return value
end

-- A template whose resource `Fn` has the property `X`.
local function property(value, sections)
  local whole = with(sections or {})
  whole.Resources.Fn = { Type = TOPIC, Properties = { X = value } }
  return whole
end

-- The problems as lines, to compare at a glance.
local function lines(value, text)
  local found = {}
  for i, problem in ipairs(assert(template.problems(value, text))) do
    found[i] = ("%s %s: %s"):format(problem.kind, problem.path, problem.message)
  end
  return found
end

describe("template.marshal", function()
  it("writes one text, whatever the order of the table", function()
    local text = assert(template.marshal {
      Outputs = { Arn = { Value = { ["Fn::GetAtt"] = { "Fn", "Arn" } } } },
      Resources = {
        Fn = {
          Properties = { Zebra = 1, Apple = json.array {}, Middle = {} },
          DependsOn = "Topic",
          Type = "AWS::Lambda::Function",
          Metadata = { Type = 1, Condition = 2 },
          DeletionPolicy = "Retain",
          Condition = "Is",
        },
        Topic = { Type = TOPIC },
      },
      Conditions = { Is = { ["Fn::Equals"] = { "a", "a" } } },
      AWSTemplateFormatVersion = "2010-09-09",
      Description = "é",
    })
    assert.equal([[
{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Description": "é",
  "Conditions": {
    "Is": {
      "Fn::Equals": [
        "a",
        "a"
      ]
    }
  },
  "Resources": {
    "Fn": {
      "Type": "AWS::Lambda::Function",
      "Condition": "Is",
      "DependsOn": "Topic",
      "DeletionPolicy": "Retain",
      "Properties": {
        "Apple": [],
        "Middle": {},
        "Zebra": 1
      },
      "Metadata": {
        "Condition": 2,
        "Type": 1
      }
    },
    "Topic": {
      "Type": "AWS::SNS::Topic"
    }
  },
  "Outputs": {
    "Arn": {
      "Value": {
        "Fn::GetAtt": [
          "Fn",
          "Arn"
        ]
      }
    }
  }
}
]], text)
  end)

  it("loses nothing", function()
    local value = {
      Resources = {
        A = { math.maxinteger, math.mininteger, 9007199254740993, 0, 1.0, 0.1, -0.0, true, false },
        B = { json.null, "", "\n\"\\é\u{1F600}", { [""] = 1 } },
      },
    }
    assert.same(value, json.decode(template.marshal(value)))
  end)

  it("names the path of what cannot be written", function()
    for _, case in ipairs {
      { print, "a function cannot be written as JSON" },
      { 0 / 0, "NaN cannot be written as JSON" },
      { "a\0b", "a string with a NUL" },
      { "\xFF", "a string that is not UTF%-8" },
      { { 1, a = 2 }, "both list items and named fields" },
    } do
      local text, err = template.marshal(property { case[1] })
      assert.is_nil(text)
      assert.equal("input", err.kind)
      assert.matches("^Resources%.Fn%.Properties%.X%[1%]: ", err.message)
      assert.matches(case[2], err.message)
    end
  end)

  it("raises for misuse", function()
    assert.error_matches("#1 to 'marshal' %(table expected, got string%)", function()
      template.marshal "{}"
    end)
    assert.error_matches("#2 to 'problems' %(string expected, got number%)", function()
      template.problems({}, 1)
    end)
  end)
end)

describe("template.problems", function()
  it("has nothing to say about what is sound", function()
    assert.same({}, lines(property({
      { Ref = "Topic" },
      { Ref = "Stage" },
      { Ref = "AWS::Region" },
      { ["Fn::GetAtt"] = { "Topic", "Arn" } },
      { ["Fn::GetAtt"] = "Topic.TopicName" },
      { ["Fn::GetAtt"] = { "Topic", { Ref = "Stage" } } },
      { ["Fn::Sub"] = "${Topic} ${Topic.Arn} ${AWS::AccountId} ${!Literal} $ $${Stage} ${" },
      { ["Fn::Sub"] = { "${own}/${own.part}-${Stage}", { own = "x", ["own.part"] = 1 } } },
      { ["Fn::If"] = { "Is", { Ref = "Topic" }, { Ref = "AWS::NoValue" } } },
      { ["Fn::FindInMap"] = { "Map", "row", "column" } },
      { ["Fn::FindInMap"] = { "Map", { Ref = "AWS::Region" }, "anything" } },
      { Ref = "no intrinsic", beside = "another" },
      { Condition = "a policy's own" },
    }, {
      Parameters = { Stage = { Type = "String" } },
      Conditions = {
        Is = { ["Fn::Not"] = { { Condition = "Other" } } },
        Other = { ["Fn::Equals"] = { { Ref = "Stage" }, "x" } },
      },
      Mappings = { Map = { row = { column = "x" } } },
      Outputs = { One = { Value = { Ref = "Fn" }, Condition = "Is" } },
    })))
  end)

  it("finds what leads nowhere", function()
    local here = "Resources.Fn.Properties.X."
    for _, case in ipairs {
      { { Ref = "Gone" }, "Ref: no resource or parameter 'Gone'" },
      { { Ref = "AWS::Regoin" }, "Ref: no pseudo parameter 'AWS::Regoin'" },
      { { ["Fn::GetAtt"] = "Gone.Arn" }, "Fn::GetAtt: no resource 'Gone'" },
      { { ["Fn::GetAtt"] = { "Gone", "Arn" } }, "Fn::GetAtt: no resource 'Gone'" },
      { { ["Fn::Sub"] = "a ${Gone} b" }, "Fn::Sub: no resource or parameter 'Gone'" },
      { { ["Fn::Sub"] = "${Gone.Arn}" }, "Fn::Sub: no resource 'Gone'" },
      { { ["Fn::Sub"] = "${AWS::Nothing}" }, "Fn::Sub: no pseudo parameter 'AWS::Nothing'" },
      {
        { ["Fn::Sub"] = { "${a}${b}", { a = 1 } } },
        "Fn::Sub: no resource or parameter 'b'",
      },
      { { ["Fn::If"] = { "Gone", 1, 2 } }, "Fn::If: no condition 'Gone'" },
      { { ["Fn::FindInMap"] = { "Gone", "a", "b" } }, "Fn::FindInMap: no mapping 'Gone'" },
    } do
      assert.same({ "reference " .. here .. case[2] }, lines(property(case[1])))
    end
    assert.same({
      "reference Resources.Fn.Properties.X.Fn::FindInMap: mapping 'Map' has no key 'b'",
    }, lines(property({ ["Fn::FindInMap"] = { "Map", "a", "b" } },
      { Mappings = { Map = { a = { c = 1 } } } })))
  end)

  it("finds them wherever they stand, and says whose they are", function()
    local value = with {
      Resources = {
        A = { Type = TOPIC, DependsOn = "Gone", Condition = "Gone" },
        B = {
          Type = TOPIC,
          DependsOn = { "Topic", "Gone" },
          Properties = { List = { 1, { Ref = "Gone" } } },
        },
      },
      Outputs = { One = { Value = { Ref = "Gone" }, Condition = "Gone" } },
      Conditions = { Is = { ["Fn::And"] = { { Condition = "Gone" } } } },
    }
    assert.same({
      "reference Conditions.Is.Fn::And[1].Condition: no condition 'Gone'",
      "reference Outputs.One.Condition: no condition 'Gone'",
      "reference Outputs.One.Value.Ref: no resource or parameter 'Gone'",
      "reference Resources.A.Condition: no condition 'Gone'",
      "reference Resources.A.DependsOn: no resource 'Gone'",
      "reference Resources.B.DependsOn[2]: no resource 'Gone'",
      "reference Resources.B.Properties.List[2].Ref: no resource or parameter 'Gone'",
    }, lines(value))
    local problems = template.problems(value)
    assert.is_nil(problems[1].resource)
    assert.equal("A", problems[4].resource)
    assert.equal("B", problems[7].resource)
  end)

  it("trusts a transform to add what is missing", function()
    local sections = { Transform = "AWS::Serverless-2016-10-31" }
    assert.same({}, lines(property({ Ref = "Made" }, sections)))
  end)

  it("finds shapes that CloudFormation does not read", function()
    assert.same({
      "shape Extra: no such section of a template",
      "shape Outputs.a-b: a logical id has letters and digits only",
      "shape Outputs.a-b: an output needs a Value",
      "shape Resources.Fn: a resource needs a Type",
      "shape Resources.Fn.Propertees: no such attribute of a resource",
      "shape Resources.List: a resource is an object",
    }, lines(with {
      Extra = {},
      Outputs = { ["a-b"] = { Export = {} } },
      Resources = { Fn = { Propertees = {} }, List = "x" },
    }))
    assert.same({ "shape Resources: a template needs a resource" }, lines { Resources = {} })
    assert.same({
      "shape Resources.Fn.Properties.X.Fn::GetAtt: "
        .. 'Fn::GetAtt takes "Id.Attribute" or ["Id", "Attribute"]',
    }, lines(property { ["Fn::GetAtt"] = "NoDot" }))
    assert.equal(1, #lines(property { ["Fn::If"] = { "a", "b" } }))
    assert.equal(1, #lines(property { ["Fn::Sub"] = 1 }))
    assert.equal(1, #lines(property { ["Fn::FindInMap"] = "x" }))
    assert.equal(1, #lines(property { Ref = { "Topic" } }))
  end)

  it("counts against the limits", function()
    local resources, outputs, parameters, mappings = {}, {}, {}, {}
    for i = 1, 201 do
      outputs["O" .. i] = { Value = i }
      parameters["P" .. i] = { Type = "String" }
      mappings["M" .. i] = { a = { b = i } }
    end
    for i = 1, 500 do
      resources["R" .. i] = { Type = TOPIC }
    end
    local id = ("a"):rep(256)
    resources[id] = { Type = TOPIC }
    assert.same({
      "limit Description: a description has at most 1024 bytes",
      "limit Mappings: 201 of them, and a template takes 200",
      "limit Outputs: 201 of them, and a template takes 200",
      "limit Parameters: 201 of them, and a template takes 200",
      "limit Resources: 502 of them, and a template takes 500",
      ("limit Resources.%s: a logical id has at most 255 characters"):format(id),
    }, lines(with {
      Description = ("d"):rep(1025),
      Resources = resources,
      Outputs = outputs,
      Parameters = parameters,
      Mappings = mappings,
    }))
    assert.same({ "limit the template: 1000001 bytes, and CloudFormation takes 1000000" },
      lines(with {}, ("x"):rep(1000001)))
    assert.same({}, lines(with {}, ("x"):rep(1000000)))
    assert.matches("^limit the template: 1000%d+ bytes", lines(property(("x"):rep(1000000)))[1])
    local many = {}
    for i = 1, 60000 do
      many[i] = "x"
    end
    assert.same({}, lines(property { many, many }))
    assert.not_matches(" ", (template.marshal(property { many, many })))
  end)

  it("shows the shortest way round a circle", function()
    local value = with {
      Resources = {
        A = { Type = TOPIC, DependsOn = { "B", "C" } },
        B = { Type = TOPIC, Properties = { X = { Ref = "D" } } },
        C = { Type = TOPIC, Properties = { X = { ["Fn::Sub"] = "${A.Arn}" } } },
        D = { Type = TOPIC, Properties = { X = { ["Fn::GetAtt"] = "A.Arn" } } },
        E = { Type = TOPIC, DependsOn = "A" },
        Self = { Type = TOPIC, Properties = { X = { Ref = "Self" } } },
      },
    }
    assert.same({
      "cycle Resources.A: a circular dependency: A → C → A",
      "cycle Resources.Self: a circular dependency: Self → Self",
    }, lines(value))
    value.Resources.C.Properties = nil
    value.Resources.Self = nil
    assert.same({ "cycle Resources.A: a circular dependency: A → B → D → A" }, lines(value))
  end)

  it("takes a long chain for what it is", function()
    local resources = {}
    for i = 1, 480 do
      resources["R" .. i] = { Type = TOPIC, DependsOn = i > 1 and "R" .. i - 1 or nil }
    end
    assert.same({}, lines(with { Resources = resources }))
    resources.R1.DependsOn = "R480"
    local found = lines(with { Resources = resources })
    assert.equal(1, #found)
    assert.matches("R1 → R480 → R479", found[1])
  end)

  it("says what cannot be written at all", function()
    local problems, err = template.problems(property(print))
    assert.is_nil(problems)
    assert.equal("input", err.kind)
  end)
end)

describe("template.render", function()
  it("gives what marshal and problems give", function()
    local value = with { Resources = { A = { Type = TOPIC, DependsOn = "B" } } }

    local text, problems = template.render(value)

    assert.equal(template.marshal(value), text)
    assert.same(template.problems(value), problems)
    assert.equal(1, #problems)
  end)

  it("says what cannot be written at all", function()
    local text, err = template.render(property(print))
    assert.is_nil(text)
    assert.equal("input", err.kind)
  end)

  it("raises for what is no table", function()
    assert.error_matches("table expected", function()
      template.render "text"
    end)
  end)
end)

describe("template.references", function()
  it("lists what a definition refers to", function()
    assert.same({ "A", "B", "C", "D", "E", "F", "G" }, template.references {
      Type = TOPIC,
      DependsOn = { "G", "A" },
      Properties = {
        One = { Ref = "B" },
        Two = { { Ref = "AWS::Region" }, { Ref = "A" } },
        Three = { ["Fn::GetAtt"] = { "C", "Arn" } },
        Four = { ["Fn::GetAtt"] = "D.Arn" },
        Five = { ["Fn::Sub"] = { "${E}-${F.Arn}-${own}-${!No}-${AWS::Region}", { own = "x" } } },
      },
    })
    assert.same({ "A" }, template.references { DependsOn = "A" })
    assert.same({}, template.references {})
  end)
end)
