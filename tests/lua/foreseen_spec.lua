local foreseen = require "engine.foreseen"
local json = require "host.json"

local TEMPLATE <const> = {
  Resources = {
    Named = {
      Type = "AWS::Lambda::Function",
      Properties = {
        FunctionName = { ["Fn::Join"] = { "", { { Ref = "AWS::StackName" }, "_f" } } },
      },
    },
    Nameless = { Type = "AWS::Lambda::Function", Properties = {} },
    Role = { Type = "AWS::IAM::Role", Properties = { RoleName = "caller", Path = "/apis/" } },
    Odd = { Type = "AWS::Lambda::Function", Properties = { FunctionName = { Ref = "Parameter" } } },
    Bucket = { Type = "AWS::S3::Bucket", Properties = { BucketName = "b" } },
  },
}

local STACK <const> = {
  ["AWS::AccountId"] = "123456789012",
  ["AWS::Partition"] = "aws-cn",
  ["AWS::Region"] = "cn-north-1",
  ["AWS::StackName"] = "shop",
  ["AWS::URLSuffix"] = "amazonaws.com.cn",
}

local function filled(value)
  local reduced, unknown = foreseen.reduced({ it = value }, TEMPLATE)
  assert.same({}, unknown)
  return foreseen.filled(reduced, STACK).it
end

local function unknown_of(value)
  local _, unknown = foreseen.reduced({ paths = { ["/x"] = { value } } }, TEMPLATE)
  return unknown
end

describe("engine.foreseen", function()
  it("answers what tells where the stack is", function()
    assert.equal("shop", filled { Ref = "AWS::StackName" })
    assert.equal("a-123456789012-cn-north-1", filled {
      ["Fn::Join"] = { "-", { "a", { Ref = "AWS::AccountId" }, { Ref = "AWS::Region" } } },
    })
    assert.equal("1.amazonaws.com.cn", filled {
      ["Fn::Join"] = { "", { 1, ".", { Ref = "AWS::URLSuffix" } } },
    })
  end)

  it("answers names and ARNs that their author chose", function()
    assert.equal("shop_f", filled { Ref = "Named" })
    assert.equal("arn:aws-cn:lambda:cn-north-1:123456789012:function:shop_f",
      filled { ["Fn::GetAtt"] = { "Named", "Arn" } })
    assert.equal("arn:aws-cn:lambda:cn-north-1:123456789012:function:shop_f",
      filled { ["Fn::GetAtt"] = "Named.Arn" })
    assert.equal("arn:aws-cn:iam::123456789012:role/apis/caller",
      filled { ["Fn::GetAtt"] = { "Role", "Arn" } })
  end)

  it("answers Fn::Sub, with names of its own and with what is none", function()
    assert.equal("x cn-north-1 ${kept} $5 ${", filled {
      ["Fn::Sub"] = "x ${AWS::Region} ${!kept} $5 ${",
    })
    assert.equal("shop_f/y", filled { ["Fn::Sub"] = { "${Named}/${Own}", { Own = "y" } } })
    assert.equal(":function:shop_f", filled({ ["Fn::Sub"] = "${Named.Arn}" }):match ":function:.*$")
  end)

  it("tells which resources' names it holds", function()
    local _, _, named = foreseen.reduced({
      { Ref = "Role" }, { ["Fn::Sub"] = "${Named.Arn}" }, { Ref = "AWS::Region" },
    }, TEMPLATE)

    assert.same({ "Named", "Role" }, named)
  end)

  it("leaves all else as it was, and does not change what it is given", function()
    local value = {
      list = json.array {}, map = json.object {}, none = json.null, n = 1, yes = true,
      text = "${AWS::Region} $Region$", properties = { Ref = { type = "string" } },
      schema = { ["$ref"] = "#/definitions/A" }, here = { Ref = "AWS::Region" },
    }
    local before = json.encode(value)

    local reduced, unknown = foreseen.reduced(value, TEMPLATE)

    assert.same({}, unknown)
    assert.equal(before, json.encode(reduced))
    assert.equal((before:gsub('{"Ref":"AWS::Region"}', '"cn-north-1"')),
      json.encode(foreseen.filled(reduced, STACK)))
    assert.equal(before, json.encode(value))
  end)

  for what, value in pairs {
    ["a parameter"] = { Ref = "Parameter" },
    ["a name that AWS makes"] = { ["Fn::GetAtt"] = { "Nameless", "Arn" } },
    ["a name of a parameter"] = { Ref = "Odd" },
    ["another type's name"] = { Ref = "Bucket" },
    ["another attribute"] = { ["Fn::GetAtt"] = { "Named", "Version" } },
    ["a resource that is not there"] = { ["Fn::Sub"] = "${Nobody.Arn}" },
    ["a list of the stack's"] = { ["Fn::Join"] = { ",", { Ref = "List" } } },
    ["the stack's id"] = { Ref = "AWS::StackId" },
    ["another intrinsic"] = { ["Fn::ImportValue"] = "x" },
    ["a dynamic reference"] = "{{resolve:ssm:/x}}",
    ["one inside another"] = { ["Fn::Join"] = { "", { "a", { ["Fn::Sub"] = "${Parameter}" } } } },
  } do
    it("says where it does not know " .. what, function()
      assert.same({ "paths./x[0]" }, unknown_of(value))
    end)
  end
end)
