local clock = require "host.clock"
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"
local sigv4 = require "host.sigv4"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local folder, cloud

before_each(function()
  folder = assert(file.temporary_folder())
  cloud = served_cloud.start(folder .. "/state")
end)

after_each(function()
  cloud:close()
  assert(file.remove_tree(folder))
end)

local function code_of(answer)
  return answer.body:match "<Code>(.-)</Code>" or answer.body:match '"__type":"(.-)"'
end

local function refused(status, code, answer)
  assert.equal(code, code_of(answer), answer.body)
  assert.equal(status, answer.status)
end

describe("laconic local", function()
  it("tells of its health without a signature", function()
    local answer = assert(http.request { url = cloud.url .. "/_laconic/health", proxy = "" })
    assert.equal(200, answer.status)
    assert.equal("ok", json.decode(answer.body).status)
    assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", answer.headers["x-amzn-requestid"])
  end)

  it("answers fronts by path and by AWS's host, unsigned", function()
    local function ask(path, host)
      return cloud:send { path = path, unsigned = true, host = host }
    end
    local by_path = ask "/_apis/nosuchapi1/dev/hello"
    assert.equal(403, by_path.status)
    assert.equal('{"message":"Forbidden"}', by_path.body)
    assert.equal("ForbiddenException", by_path.headers["x-amzn-errortype"])
    assert.same(by_path.body, ask("/dev", "nosuchapi1.execute-api.us-east-1.amazonaws.com").body)
    assert.equal(404, ask("/_laconic/nothing").status)
    assert.equal("AccessDenied", code_of(ask "/_nothing/hello"))
  end)

  it("ends with status 0 when it is told to", function()
    local other = served_cloud.start(folder .. "/other")
    assert.equal(0, other:close())
    assert.is_false(file.exists(folder .. "/other/endpoint.json"))
  end)

  it("refuses a wrong secret in the words of each protocol", function()
    refused(403, "SignatureDoesNotMatch", cloud:send { path = "/", secret = "wrong" })
    refused(403, "SignatureDoesNotMatch", cloud:query("sts",
      "Action=GetCallerIdentity&Version=2011-06-15", { secret = "wrong" }))
    refused(403, "InvalidSignatureException", cloud:send {
      method = "POST",
      path = "/",
      service = "logs",
      secret = "wrong",
      body = "{}",
      headers = { { "X-Amz-Target", "Logs_20140328.DescribeLogGroups" } },
    })
    local answer = cloud:send { path = "/2015-03-31/functions", service = "lambda", secret = "x" }
    assert.equal(403, answer.status)
    assert.equal("InvalidSignatureException", answer.headers["x-amzn-errortype"])
    assert.not_matches("local%-secret", answer.body)
  end)

  it("refuses keys it did not give out, and requests without a signature", function()
    refused(403, "InvalidAccessKeyId", cloud:send { path = "/", key = "AKIA" })
    refused(403, "InvalidClientTokenId", cloud:query("sts", "Action=GetCallerIdentity",
      { key = "AKIA" }))
    refused(403, "AccessDenied", cloud:send { path = "/", unsigned = true })
    refused(403, "MissingAuthenticationToken", cloud:query("sts",
      "Action=GetCallerIdentity&Version=2011-06-15", { unsigned = true }))
    refused(400, "InvalidToken", cloud:send { path = "/", token = "not ours" })
  end)

  it("refuses a clock that is more than 15 minutes off, both ways", function()
    for _, seconds in ipairs { -901, 960 } do
      refused(403, "RequestTimeTooSkewed", cloud:send { path = "/", date = clock.now() + seconds })
    end
    assert.equal(200, cloud:send({ path = "/", date = clock.now() - 840 }).status)
  end)

  it("takes a presigned URL until it expires", function()
    cloud:send { method = "PUT", path = "/bucket" }
    cloud:send { method = "PUT", path = "/bucket/key", body = "hello" }
    local function get(age, path)
      local signed = assert(sigv4.presign({
        access_key_id = "local",
        secret_access_key = "local-secret",
        region = "us-east-1",
        service = "s3",
        amz_date = clock.amz_date(clock.now() - age),
      }, {
        method = "GET",
        path = "/bucket/key",
        headers = { { "Host", cloud.url:match "//(.*)$" } },
        expires = 60,
      }))
      return assert(http.request {
        url = cloud.url .. (path or "/bucket/key") .. "?" .. signed.query,
        proxy = "",
      })
    end
    assert.equal("hello", get(0).body)
    assert.equal("hello", get(50).body)
    refused(403, "AccessDenied", get(70))
    assert.matches("Request has expired", get(70).body)
    refused(403, "AccessDenied", get(-1000))
    refused(403, "SignatureDoesNotMatch", get(0, "/bucket/other"))
  end)

  it("gives out credentials for a session, which need their token", function()
    local answer = cloud:query("sts", "Action=GetSessionToken&Version=2011-06-15")
    local function field(name)
      return answer.body:match("<" .. name .. ">(.-)</" .. name .. ">")
    end
    local session = { key = field "AccessKeyId", secret = field "SecretAccessKey", path = "/" }
    refused(400, "InvalidToken", cloud:send(session))
    session.token = "wrong"
    refused(400, "InvalidToken", cloud:send(session))
    session.token = field "SessionToken"
    assert.equal(200, cloud:send(session).status)
  end)

  it("refuses a body that is not the one that was signed", function()
    assert.equal(200, cloud:send({ method = "PUT", path = "/bucket" }).status)
    refused(400, "XAmzContentSHA256Mismatch", cloud:send {
      method = "PUT",
      path = "/bucket/key",
      body = "one",
      tampered = "two",
    })
    refused(403, "SignatureDoesNotMatch", cloud:query("sts", "Action=GetCallerIdentity",
      { tampered = "Action=GetSessionToken" }))
    refused(404, "NoSuchKey", cloud:send { path = "/bucket/key" })
  end)

  it("refuses headers of S3 that were not signed", function()
    local request = cloud:request { method = "PUT", path = "/bucket" }
    table.insert(request.headers, { "x-amz-acl", "public-read" })
    refused(403, "AccessDenied", assert(http.request(request)))
  end)

  it("refuses malformed authorization plainly", function()
    local request = cloud:request { path = "/" }
    for _, text in ipairs { "AWS4-HMAC-SHA256 x", "Basic x", "AWS4-HMAC-SHA256 Credential=a" } do
      for _, pair in ipairs(request.headers) do
        pair[2] = pair[1]:lower() == "authorization" and text or pair[2]
      end
      refused(400, "AuthorizationHeaderMalformed", assert(http.request(request)))
    end
  end)

  it("says so when it does not answer something", function()
    refused(501, "NotImplemented", cloud:send { path = "/any", query = "replication=" })
    refused(501, "NotImplemented", cloud:query("iam", "Action=CreateUser&UserName=x"))
    local answer = cloud:query("iam", "Action=CreateUser&UserName=x")
    assert.matches("laconic local does not answer iam.-s CreateUser yet", answer.body)
    refused(501, "NotImplemented", cloud:send { path = "/", service = "kinesis", body = "{}" })
    local topics = cloud:query("sns", "Action=ListTopics") -- in XML, as SNS's clients read it
    refused(501, "NotImplemented", topics)
    assert.matches("<Message>laconic local does not answer the service sns yet", topics.body)
  end)

  it("remembers everything after kill -9", function()
    cloud:send { method = "PUT", path = "/bucket" }
    cloud:send { method = "PUT", path = "/bucket/key", body = "kept", headers = {
      { "x-amz-meta-colour", "green" },
    } }
    cloud:send { method = "PUT", path = "/bucket/gone", body = "x" }
    cloud:send { method = "DELETE", path = "/bucket/gone" }
    local trust = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
    local role = cloud:query("iam", "Action=CreateRole&RoleName=worker&AssumeRolePolicyDocument="
      .. require("host.uri").encode(trust))
    assert.equal(200, role.status, role.body)

    cloud:kill()
    cloud = served_cloud.start(folder .. "/state")

    local answer = cloud:send { path = "/bucket/key" }
    assert.equal("kept", answer.body)
    assert.equal("green", answer.headers["x-amz-meta-colour"])
    refused(404, "NoSuchKey", cloud:send { path = "/bucket/gone" })
    assert.equal(200, cloud:query("iam", "Action=GetRole&RoleName=worker").status)
  end)

  it("lives through a damaged document, and names it", function()
    cloud:send { method = "PUT", path = "/bucket" }
    cloud:send { method = "PUT", path = "/other" }
    cloud:kill()
    assert(file.write(folder .. "/state/s3/buckets/bucket.json", "{"))
    cloud = served_cloud.start(folder .. "/state")
    refused(500, "InternalFailure", cloud:send { path = "/bucket" })
    assert.equal(200, cloud:send({ path = "/other" }).status)
  end)

  it("answers many at once over many connections", function()
    cloud:send { method = "PUT", path = "/bucket" }
    local requests = {}
    for i = 1, 60 do
      requests[i] = cloud:request { method = "PUT", path = "/bucket/" .. i, body = tostring(i) }
    end
    for i, result in ipairs(http.request_all(requests, { parallel = 20 })) do
      assert.equal(200, result.response and result.response.status, "request " .. i)
    end
    local listed = cloud:send { path = "/bucket", query = "list-type=2" }
    assert.matches("<KeyCount>60</KeyCount>", listed.body)
  end)
end)
