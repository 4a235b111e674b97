local aws = require "engine.aws"
local s3 = require "engine.aws.s3"
local fake_aws = dofile "tests/lua/fake_aws.lua"
local query = require "engine.aws.query"

describe("engine.aws", function()
  it("turns parameters into a form, and the answer into a table", function()
    local cloud = fake_aws.new {
      CreateChangeSet = { { Id = "arn:x", StackId = "arn:y" } },
    }

    local answer = aws.call(cloud:session(), "cloudformation", "CreateChangeSet", {
      StackName = "hello",
      Tags = { { Key = "team", Value = "a & b" } },
      Capabilities = {},
    })

    assert.same({ Id = "arn:x", StackId = "arn:y" }, answer)
    local params = cloud.calls[1].params
    assert.equal("2010-05-15", params.Version)
    assert.equal("team", params["Tags.member.1.Key"])
    assert.equal("a & b", params["Tags.member.1.Value"])
    assert.is_nil(params.Capabilities)
  end)

  it("gives lists as lists, also an empty one", function()
    local fields = { Outputs = {}, Tags = { { Key = "a" } } }
    local cloud = fake_aws.new { DescribeStacks = { fake_aws.stack("CREATE_COMPLETE", fields) } }

    local stack = aws.call(cloud:session(), "cloudformation", "DescribeStacks").Stacks[1]

    assert.same({}, stack.Outputs)
    assert.same({ { Key = "a" } }, stack.Tags)
  end)

  it("raises our sentence with AWS's words and code", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.refusal(403, "AccessDenied", "User x may not do that") },
    }
    local session = cloud:session()

    local raised = assert.has_error(function()
      aws.call(session, "cloudformation", "DescribeStacks")
    end)

    assert.equal("denied", raised.kind)
    assert.equal("AccessDenied", raised.code)
    assert.equal(
      "CloudFormation refused DescribeStacks: User x may not do that (AccessDenied)",
      tostring(raised)
    )
  end)

  it("says where nobody answers", function()
    local cloud = fake_aws.new { GetCallerIdentity = { fake_aws.lost() } }
    local session = cloud:session()

    local raised = assert.has_error(function()
      session:account()
    end)

    assert.equal("E408", raised.code)
    assert.matches("^STS cannot be reached at http://localhost:1: ", tostring(raised))
  end)

  it("calls several side by side, and one refusal does not stop the others", function()
    local cloud = fake_aws.new {
      HeadObject = { fake_aws.refusal(404, "", "Not Found"), { headers = { etag = "x" } } },
    }

    local results = aws.call_all(cloud:session(), {
      { "s3", "HeadObject", { Bucket = "b", Key = "a/b c.zip" } },
      { "s3", "HeadObject", { Bucket = "b", Key = "d" } },
    })

    assert.equal(404, results[1].failure.status)
    assert.equal("x", results[2].answer.headers.etag)
    assert.equal("/b/a/b%20c.zip", cloud.calls[1].params.target)
  end)

  it("puts the bucket into the host name at AWS", function()
    local cloud = fake_aws.new {}
    local session = cloud:session { variables = { AWS_REGION = "eu-west-1" } }

    assert.equal(
      "https://photos.s3.eu-west-1.amazonaws.com/a%20b/c",
      s3.object_url(session, "photos", "a b/c")
    )
    assert.equal(
      "https://s3.eu-west-1.amazonaws.com/my.photos/c",
      s3.object_url(session, "my.photos", "c")
    )
  end)

  it("sends JSON where the service speaks it, without what went into the path", function()
    local cloud = fake_aws.new {
      UpdateFunctionCode = { { json = { FunctionName = "hello", CodeSize = 12 } } },
    }

    local answer = aws.call(cloud:session(), "lambda", "UpdateFunctionCode", {
      FunctionName = "hello",
      S3Key = "k",
    })

    assert.equal(12, answer.CodeSize)
    assert.equal('{"S3Key":"k"}', cloud.calls[1].params.body)
    assert.equal("/2015-03-31/functions/hello/code", cloud.calls[1].params.target)
  end)
end)

describe("engine.aws.query", function()
  it("numbers the members of nested lists", function()
    assert.same({
      ["A.member.1.B.member.1"] = "x",
      ["A.member.1.B.member.2"] = "true",
      C = "3",
    }, query.flatten { A = { { B = { "x", true } } }, C = 3 })
  end)
end)
