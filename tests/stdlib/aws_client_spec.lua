local aws = require "laconic.aws"
local current = require "engine.runtime.current"
local fake_aws = dofile "tests/lua/fake_aws.lua"

-- A client of a cloud that answers every request as `answer` says, and keeps what it was asked.
local function client_of(service, answer, options)
  local cloud = fake_aws.new {}
  local session = cloud:session()
  local asked = {}
  session.transport.send = function(request)
    table.insert(asked, request)
    local one = type(answer) == "function" and answer(#asked, request) or answer
    if one.err then
      return nil, one.err
    end
    return { status = one.status or 200, headers = one.headers or {}, body = one.body or "" }
  end
  options = options or {}
  options.session = options.session or session
  return aws.client(service, options), asked
end

local function raised_by(fn)
  local ok, raised = pcall(fn)
  assert.is_false(ok)
  return raised
end

describe("laconic.aws.client", function()
  it("speaks JSON, as the version of the protocol has it", function()
    local client, asked = client_of("dynamodb", { body = '{"Count":9007199254740993}' })

    local answer = client:call("DescribeTable", { TableName = "visits" })

    assert.equal(9007199254740993, answer.Count)
    assert.equal("application/x-amz-json-1.0", asked[1].headers["Content-Type"])
    assert.equal("DynamoDB_20120810.DescribeTable", asked[1].headers["X-Amz-Target"])
    assert.equal('{"TableName":"visits"}', asked[1].body)
    assert.equal("dynamodb", asked[1].service)
  end)

  it("takes a null for what is not there, but keeps its place in a list", function()
    local client = client_of("ssm", { body = '{"A":null,"B":{"C":null,"D":1},"L":[null,2]}' })

    local answer = client:call "Any"

    assert.is_nil(answer.A)
    assert.is_nil(answer.B.C)
    assert.equal(1, answer.B.D)
    assert.equal(2, answer.L[2])
  end)

  it("takes what somebody in between says for no answer", function()
    local cases = {
      { "ssm", { body = "<html>hello" }, "GetParameter" },
      { "ssm", { body = "5" }, "GetParameter" },
      { "ssm", { body = ("["):rep(600) }, "GetParameter" },
      { "ssm", { status = 302, headers = { location = "http://elsewhere/" } }, "GetParameter" },
      { "sts", { body = "hello" }, "GetCallerIdentity" },
      { "lambda", { status = 307, body = "" }, "GetFunction" },
    }
    for _, case in ipairs(cases) do
      local client = client_of(case[1], case[2])
      local raised = raised_by(function()
        client:call(case[3], { FunctionName = "f" })
      end)
      assert.equal("failed", raised.kind)
      assert.matches("^what came back for " .. case[3] .. " is no answer of ", raised.message)
      assert.matches("aws_client_spec%.lua:%d+$", raised.where)
    end
  end)

  it("sends maps and lists in Query's way, and reads them", function()
    local client, asked = client_of("sns", {
      body = "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>"
        .. "<entry><key>Owner</key><value>1</value></entry>"
        .. "<entry><key>Policy</key><value/></entry>"
        .. "</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>",
    })

    local answer = client:call("GetTopicAttributes", {
      Attributes = { A = "1", B = "2" },
      MessageAttributes = { who = { DataType = "String", StringValue = "ada" } },
      Names = { "x", "y" },
    })

    assert.same({ Owner = "1", Policy = "" }, answer.Attributes)
    assert.equal(
      "Action=GetTopicAttributes&Attributes.entry.1.key=A&Attributes.entry.1.value=1"
        .. "&Attributes.entry.2.key=B&Attributes.entry.2.value=2"
        .. "&MessageAttributes.entry.1.Name=who"
        .. "&MessageAttributes.entry.1.Value.DataType=String"
        .. "&MessageAttributes.entry.1.Value.StringValue=ada"
        .. "&Names.member.1=x&Names.member.2=y&Version=2010-03-31",
      asked[1].body
    )
  end)

  it("speaks EC2's dialect", function()
    local client, asked = client_of("ec2", {
      body = "<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId>"
        .. "</item></vpcSet></DescribeVpcsResponse>",
    })

    local answer = client:call("DescribeVpcs", {
      Filter = { { Name = "state", Value = { "available" } } },
    })

    assert.equal("vpc-1", answer.vpcSet[1].vpcId)
    assert.matches("Filter%.1%.Name=state&Filter%.1%.Value%.1=available", asked[1].body)
  end)

  it("fills paths, queries and headers of REST services", function()
    local client, asked = client_of("lambda", { body = '"done"', headers = { a = "b" } })

    local answer = client:call("Invoke", {
      FunctionName = "a/b",
      Qualifier = "live",
      InvocationType = "Event",
      Payload = "{}",
    })

    assert.equal('"done"', answer.body)
    assert.matches("/2015%-03%-31/functions/a%%2Fb/invocations%?Qualifier=live$", asked[1].url)
    assert.equal("Event", asked[1].headers["X-Amz-Invocation-Type"])
  end)

  it("refuses a parameter of a REST action that would go nowhere", function()
    local client = client_of("s3", {})

    local raised = raised_by(function()
      client:call("GetObject", { Bucket = "b", Key = "k", Rnage = "bytes=0-1" })
    end)

    local action = raised_by(function()
      client:call("GetObjct", { Bucket = "b", Key = "k" })
    end)
    local missing = raised_by(function()
      client:call("GetObject", { Bucket = "b" })
    end)

    assert.matches("aws_client_spec.lua:%d+: unknown parameter 'Rnage'", tostring(raised))
    assert.matches("_spec.lua:%d+: S3: unknown action 'GetObjct' %(did you mean 'GetObject'",
      tostring(action))
    assert.matches("client:request", action.hint)
    assert.matches("aws_client_spec.lua:%d+: the parameter 'Key' is missing", tostring(missing))
  end)

  it("never lets a bucket's name choose the host", function()
    local client, asked = client_of("s3", {})

    local raised = raised_by(function()
      client:call("GetObject", { Bucket = "evil.example/x", Key = "k" })
    end)

    assert.equal("invalid", raised.kind)
    assert.equal(0, #asked)
  end)

  it("lists what XML repeats without an element around it", function()
    local client = client_of("s3", {
      body = "<ListBucketResult><Name>b</Name><Contents><Key>a</Key></Contents>"
        .. "<IsTruncated>false</IsTruncated></ListBucketResult>",
    })

    local answer = client:call("ListObjectsV2", { Bucket = "b" })

    assert.same({ { Key = "a" } }, answer.Contents)
  end)

  it("takes no error for an answer that S3 began with 200", function()
    local client = client_of("s3", {
      body = "<Error><Code>InternalError</Code><Message>Try again.</Message></Error>",
    })

    local raised = raised_by(function()
      client:call("CopyObject", { Bucket = "b", Key = "k", CopySource = "b/j" })
    end)

    assert.equal("InternalError", raised.code)
    assert.is_true(raised.retryable)
  end)

  it("takes no redirect for an empty bucket", function()
    local client = client_of("s3", {
      status = 301,
      body = "<Error><Code>PermanentRedirect</Code><Message>Elsewhere.</Message></Error>",
    })

    local raised = raised_by(function()
      client:call("ListObjectsV2", { Bucket = "b" })
    end)

    assert.equal("PermanentRedirect", raised.code)
    assert.equal(301, raised.status)
  end)

  it("sends any request, and reads the answer by its content type", function()
    local client, asked = client_of("apigateway", {
      body = '{"item":[1]}',
      headers = { ["content-type"] = "application/json; charset=utf-8" },
    }, { protocol = "rest-json" })

    local answer = client:request {
      method = "PUT",
      path = "/restapis",
      query = { limit = 1 },
      body = { name = "x" },
    }

    assert.same({ item = { 1 } }, answer.body)
    assert.equal("http://localhost:1/restapis?limit=1", asked[1].url)
    assert.equal('{"name":"x"}', asked[1].body)
    assert.equal("application/json", asked[1].headers["Content-Type"])
  end)

  it("raises AWS's code and status, blames the author's line, repeats no secret", function()
    local client = client_of("ssm", {
      err = {
        kind = "service",
        status = 400,
        code = "ParameterNotFound",
        message = "none",
        request_id = "r-1",
        retryable = false,
      },
    })

    local raised = raised_by(function()
      client:call("GetParameter", { Name = "/absent" })
    end)

    assert.equal("service", raised.kind)
    assert.equal("ParameterNotFound", raised.code)
    assert.equal(400, raised.status)
    assert.equal("r-1", raised.request_id)
    assert.is_false(raised.retryable)
    assert.matches(
      "aws_client_spec.lua:%d+: SSM refused GetParameter: none %(ParameterNotFound%)$",
      tostring(raised)
    )
    assert.is_nil(tostring(raised):find("secret", 1, true))
  end)

  it("passes on how patient to be", function()
    local client, asked = client_of("sqs", { body = "{}" }, { attempts = 1, timeout = 2.5 })

    client:call "ListQueues"

    assert.equal(1, asked[1].attempts)
    assert.equal(2.5, asked[1].timeout)
  end)

  it("leaves a call no more time than the invocation has", function()
    local client, asked = client_of("sqs", { body = "{}" })
    local now = client.session.clock.now()

    current.begin { deadline = now + 3 }
    client:call "ListQueues"
    current.begin { deadline = now }
    local raised = raised_by(function()
      client:call "ListQueues"
    end)
    current.finish()
    client:call "ListQueues"

    assert.truthy(asked[1].total_timeout > 2.7 and asked[1].total_timeout < 3)
    assert.matches("no time is left to call SQS", tostring(raised))
    assert.is_nil(asked[2].total_timeout)
    assert.equal(2, #asked)
  end)

  it("takes the description of a service that has no name here", function()
    local client, asked = client_of("textract", { body = "{}" }, {
      protocol = "json-1.1",
      target = "Textract",
    })

    client:call "DetectDocumentText"

    assert.equal("Textract.DetectDocumentText", asked[1].headers["X-Amz-Target"])
    assert.equal("textract", asked[1].service)
  end)

  it("says what it needs to know of an unknown service", function()
    assert.has_error(function()
      aws.client "dynamo"
    end)
    local unknown = raised_by(function()
      aws.client "dynamo"
    end)
    local incomplete = raised_by(function()
      aws.client("textract", { protocol = "json-1.1" })
    end)

    assert.matches("aws_client_spec.lua:%d+: .*unknown service 'dynamo' %(did you mean 'dynamodb'",
      tostring(unknown))
    assert.matches("field 'target' is missing", tostring(incomplete))
  end)

  it("refuses an option that it does not know", function()
    local raised = raised_by(function()
      aws.client("ssm", { regoin = "eu-west-1" })
    end)

    assert.matches("unknown field 'regoin' %(did you mean 'region'", tostring(raised))
  end)

  it("keeps the session's account when only the place is another", function()
    local cloud = fake_aws.new {}
    local session = cloud:session { variables = {
      AWS_ACCESS_KEY_ID = "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY = "secret",
      AWS_REGION = "us-east-1",
    } }
    local asked
    session.transport.send = function(request)
      asked = request
      return { status = 200, headers = {}, body = "{}" }
    end

    aws.client("sqs", { session = session, region = "eu-west-1" }):call "ListQueues"

    assert.equal("https://sqs.eu-west-1.amazonaws.com/", asked.url)
    assert.equal("eu-west-1", asked.region)
    assert.equal("AKIDEXAMPLE", asked.credentials.access_key_id)
  end)

  it("lets who traces stand around its calls", function()
    local seen = {}
    local client = client_of("ssm", { body = "{}" })
    current.on_call(function(call, send)
      table.insert(seen, call)
      return send()
    end)

    client:call "GetParameter"
    current.begin { request_id = "r", deadline = 0 }
    client:call "GetParameter"
    client:request { path = "/" }
    current.finish()
    current.on_call(nil)

    assert.same({
      { service = "SSM", action = "GetParameter", region = client.session:region() },
      { service = "SSM", action = "GET", region = client.session:region() },
    }, seen)
  end)
end)
