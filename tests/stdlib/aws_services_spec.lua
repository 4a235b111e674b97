-- The helpers with plain values that need no list of their own: what they ask, and what they make of
-- the answer.
local asked_aws = dofile "tests/stdlib/asked_aws.lua"
local lambda = require "laconic.aws.lambda"
local s3 = require "laconic.aws.s3"
local secretsmanager = require "laconic.aws.secretsmanager"
local ssm = require "laconic.aws.ssm"
local sts = require "laconic.aws.sts"
local json = require "host.json"

local function raised_by(fn, ...)
  local ok, raised = pcall(fn, ...)
  assert.is_false(ok)
  return raised
end

describe("laconic.aws.lambda", function()
  it("gives what the function returned", function()
    local client, asked = asked_aws("lambda", {
      { json = { price = 3 }, headers = { ["x-amz-executed-version"] = "$LATEST" } },
      { body = "null" },
      { body = "\0raw" },
    })
    local request = { name = "price", payload = { article = 7 }, client = client }
    request.qualifier = "live"

    local result, facts = lambda.invoke(request)

    assert.equal(3, result.price)
    assert.equal("$LATEST", facts.version)
    assert.equal('{"article":7}', asked[1].body)
    assert.matches("/functions/price/invocations%?Qualifier=live$", asked[1].request.url)
    assert.is_nil((lambda.invoke(request)))
    assert.equal("\0raw", (lambda.invoke(request)))
  end)

  it("raises what the function raised, in its words", function()
    local client = asked_aws("lambda", {
      {
        json = { errorMessage = "no such article", errorType = "Absent", stackTrace = { "a:1" } },
        headers = { ["x-amz-function-error"] = "Unhandled", ["x-amzn-requestid"] = "r" },
      },
    })

    local raised = raised_by(lambda.invoke, { name = "price", client = client })

    assert.equal("FunctionError", raised.code)
    assert.equal("Absent", raised.error_type)
    assert.same({ "a:1" }, raised.stack_trace)
    assert.matches("aws_services_spec.lua:%d+: the function 'price' failed: no such article$",
      tostring(raised))
  end)

  it("hands an event over without waiting", function()
    local client, asked = asked_aws("lambda", {
      { status = 202, headers = { ["x-amzn-requestid"] = "r" } },
    })

    local handed = lambda.invoke_async { name = "price", client = client }

    assert.same({ status = 202, request_id = "r" }, handed)
    assert.equal("Event", asked[1].request.headers["X-Amz-Invocation-Type"])
    assert.equal("{}", asked[1].body)
  end)
end)

describe("laconic.aws.ssm", function()
  it("asks for ten names at a time, decrypted, and tells the ones that lead nowhere", function()
    local client, asked = asked_aws("ssm", function(n)
      if n == 1 then
        return { json = { Parameters = { { Name = "/p1", Type = "String", Value = "a" } } } }
      end
      local list = { { Name = "/p11", Type = "StringList", Value = "a,,b" } }
      return { json = { Parameters = list, InvalidParameters = { "/p12" } } }
    end)
    local names = {}
    for i = 1, 12 do
      names[i] = "/p" .. i
    end

    local values, missing = ssm.get_many(names, { client = client })

    assert.same({ ["/p1"] = "a", ["/p11"] = { "a", "", "b" } }, values)
    assert.same({ "/p12" }, missing)
    assert.equal(10, #asked[1].json.Names)
    assert.is_true(asked[1].json.WithDecryption)
  end)

  it("writes a list as one, and never overwrites unasked", function()
    local client, asked = asked_aws("ssm", { { json = { Version = 4 } } })

    assert.equal(4, ssm.put { name = "/p", value = { "a", "b" }, client = client })
    assert.equal("a,b", asked[1].json.Value)
    assert.equal("StringList", asked[1].json.Type)
    assert.is_false(asked[1].json.Overwrite)
  end)
end)

describe("laconic.aws.secretsmanager", function()
  it("gives a text, bytes, or what the JSON says", function()
    local client = asked_aws("secretsmanager", {
      { json = { SecretString = '{"user":"ada"}', VersionId = "v" } },
      { json = { SecretString = '{"user":"ada"}' } },
      { json = { SecretBinary = "AP8=" } },
    })

    local text, facts = secretsmanager.get("s", { client = client })
    assert.equal('{"user":"ada"}', text)
    assert.equal("v", facts.version_id)
    assert.equal("ada", secretsmanager.get("s", { json = true, client = client }).user)
    assert.equal("\0\255", (secretsmanager.get("s", { client = client })))
  end)

  it("never quotes a secret that is no JSON", function()
    local client = asked_aws("secretsmanager", { { json = { SecretString = "hush-hush" } } })

    local raised = raised_by(secretsmanager.get, "s", { json = true, client = client })

    assert.is_nil(tostring(raised):find("hush", 1, true))
    assert.matches("the secret 's' is no JSON$", tostring(raised))
  end)

  it("sends each new value with a token, so that trying again makes one version", function()
    local client, asked = asked_aws("secretsmanager", { { json = { VersionId = "v" } } })

    secretsmanager.put { id = "s", value = { a = 1 }, client = client }

    assert.equal('{"a":1}', asked[1].json.SecretString)
    assert.equal(32, #asked[1].json.ClientRequestToken)
    assert.matches("one of 'value' and 'bytes'",
      tostring(raised_by(secretsmanager.put, { id = "s" })))
  end)
end)

describe("laconic.aws.sts", function()
  it("gives credentials that a client takes", function()
    local answer = "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
      .. "<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>"
      .. "<SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration>"
      .. "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
    local client, asked = asked_aws("sts", { { body = answer } })

    local credentials = sts.assume_role {
      role = "arn:aws:iam::123456789012:role/reader",
      session_name = "me",
      tags = { b = "2", a = "1" },
      policy = { Version = "2012-10-17" },
      client = client,
    }
    local other = require("laconic.aws").client("s3", { credentials = credentials })

    assert.equal("ASIA", other.session:credentials().access_key_id)
    assert.equal(2082758400, credentials.expires)
    assert.matches("Tags%.member%.1%.Key=a&Tags%.member%.1%.Value=1&Tags%.member%.2%.Key=b",
      asked[1].body)
    assert.matches("Policy=%%7B%%22Version", asked[1].body)
  end)
end)

describe("laconic.aws.s3", function()
  it("names the region of a bucket that is elsewhere", function()
    local client = asked_aws("s3", {
      { status = 301, headers = { ["x-amz-bucket-region"] = "eu-west-1" } },
    })

    local raised = raised_by(s3.get, { bucket = "b", key = "k", client = client })

    assert.equal("PermanentRedirect", raised.code)
    assert.matches("the bucket is in eu%-west%-1$", tostring(raised))
  end)

  it("tells an absent object from one that may not be seen", function()
    local function head(status)
      local client = asked_aws("s3", {
        { err = { kind = "service", status = status, code = "", message = "no" } },
      })
      return pcall(s3.head, { bucket = "b", key = "k", client = client })
    end

    local ok, absent = head(404)
    assert.is_true(ok)
    assert.is_nil(absent)
    assert.is_false((head(403)))
  end)

  it("keeps keys whole that XML could not", function()
    local client = asked_aws("s3", {
      {
        body = "<ListBucketResult><Contents><Key>a%01+b%2Bc</Key><Size>7</Size></Contents>"
          .. "<CommonPrefixes><Prefix>d%26/</Prefix></CommonPrefixes></ListBucketResult>",
      },
    })

    local page = s3.pages { bucket = "b", client = client }()

    assert.equal("a\1 b+c", page.objects[1].key)
    assert.equal(7, page.objects[1].size)
    assert.same({ "d&/" }, page.prefixes)
  end)

  it("copies from a key with any character, with other metadata when asked", function()
    local client, asked = asked_aws("s3", {
      { body = "<CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>" },
    })

    local copy = s3.copy {
      bucket = "to",
      key = "k",
      from_bucket = "from",
      from_key = "a b/ü",
      from_version_id = "v+1",
      metadata = { by = "ada" },
      client = client,
    }

    local headers = asked[1].request.headers
    assert.equal("e", copy.etag)
    assert.equal("from/a%20b/%C3%BC?versionId=v%2B1", headers["x-amz-copy-source"])
    assert.equal("REPLACE", headers["x-amz-metadata-directive"])
    assert.equal("ada", headers["x-amz-meta-by"])
  end)

  it("refuses what it does not know, by name", function()
    local raised = raised_by(s3.put, { bucket = "b", key = "k", boddy = "x" })

    assert.matches("s3.put: unknown field 'boddy' %(did you mean 'body'", tostring(raised))
  end)

  it("takes no table for a client that is none", function()
    local raised = raised_by(s3.get, { bucket = "b", key = "k", client = json })

    assert.matches("client: what laconic.aws.client returns expected", tostring(raised))
  end)
end)
