local cfn = require "laconic.cfn"
local laconic = require "laconic"

-- Tables as the template will hold them, without their metatables.
local function plain(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = plain(item)
  end
  return copy
end

describe("laconic.cfn", function()
  it("makes the tables that CloudFormation knows", function()
    assert.same({ Ref = "A" }, plain(cfn.ref "A"))
    assert.same({ ["Fn::GetAtt"] = { "A", "Arn" } }, plain(cfn.att("A", "Arn")))
    assert.same({ ["Fn::Sub"] = "${A}" }, plain(cfn.sub "${A}"))
    assert.same({ ["Fn::Sub"] = { "${B}", { B = "x" } } }, plain(cfn.sub("${B}", { B = "x" })))
    assert.same({ ["Fn::Join"] = { ",", { "a", "b" } } }, plain(cfn.join(",", { "a", "b" })))
    assert.same({ ["Fn::If"] = { "C", 1, { Ref = "AWS::NoValue" } } },
      plain(cfn.if_("C", 1, cfn.no_value)))
    assert.same({ ["Fn::ImportValue"] = "x" }, plain(cfn.import_value "x"))
    assert.same({ ["Fn::Select"] = { 0, { "a" } } }, plain(cfn.select(0, { "a" })))
    assert.same({ ["Fn::Split"] = { ",", "a,b" } }, plain(cfn.split(",", "a,b")))
    assert.same({ ["Fn::FindInMap"] = { "M", "a", "b" } }, plain(cfn.find_in_map("M", "a", "b")))
    assert.same({ ["Fn::Base64"] = "x" }, plain(cfn.base64 "x"))
    assert.same({ ["Fn::GetAZs"] = "" }, plain(cfn.get_azs()))
    assert.same({ ["Fn::Cidr"] = { "10.0.0.0/16", 4, 8 } }, plain(cfn.cidr("10.0.0.0/16", 4, 8)))
    assert.same({ Ref = "AWS::StackName" }, plain(cfn.stack_name))
  end)

  it("makes conditions out of intrinsics, handles and names", function()
    local service = laconic.service { name = "s" }
    local big = service:condition { name = "Big", value = cfn.equals(cfn.ref "Size", "big") }

    assert.same({ ["Fn::And"] = { { Condition = "Big" }, { Condition = "Other" } } },
      plain(cfn.and_(big, "Other")))
    local not_big = { ["Fn::Not"] = { { Condition = "Big" } } }
    assert.same({ ["Fn::Or"] = { not_big, { Condition = "X" } } },
      plain(cfn.or_(cfn.not_(big), "X")))
  end)

  it("joins with .., flat, however long the chain", function()
    local arn = "arn:" .. cfn.partition .. ":s3:::" .. cfn.ref "Bucket" .. "/" .. "*"

    assert.same({ ["Fn::Join"] = { "", { "arn:", { Ref = "AWS::Partition" }, ":s3:::",
      { Ref = "Bucket" }, "/*" } } }, plain(arn))
  end)

  it("joins numbers, and leaves both operands as they were", function()
    local port = cfn.ref "Host" .. ":"
    local first, second = port .. 80, port .. 81

    assert.same({ ["Fn::Join"] = { "", { { Ref = "Host" }, ":80" } } }, plain(first))
    assert.same({ ["Fn::Join"] = { "", { { Ref = "Host" }, ":81" } } }, plain(second))
    assert.same({ ["Fn::Join"] = { "", { { Ref = "Host" }, ":" } } }, plain(port))
  end)

  it("shows itself as JSON", function()
    assert.equal('{"Fn::GetAtt":["A","Arn"]}', tostring(cfn.att("A", "Arn")))
  end)

  it("blames the author's line", function()
    local line = debug.getinfo(1, "l").currentline
    local mistakes = {
      { "cfn: unknown field 'refs' %(did you mean 'ref'%?%)", function() local _ = cfn.refs end },
      { "cfn.select: index: integer expected", function() cfn.select("0", {}) end },
      { "cfn.if_: two values are needed", function() cfn.if_("C", 1) end },
      { "cfn.and_: from 2 to 10 conditions", function() cfn.and_ "A" end },
      { "operand of %.%.: string or intrinsic", function() local _ = cfn.region .. {} end },
    }

    for i, mistake in ipairs(mistakes) do
      local text = ("cfn_spec%%.lua:%d: .*%s"):format(line + 1 + i, mistake[1])
      assert.error_matches(text, mistake[2])
    end
  end)
end)
