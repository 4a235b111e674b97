local fake_aws = dofile "tests/lua/fake_aws.lua"
local verify = require "engine.verify"

local MODEL = {
  name = "hello",
  role_names = { "reader", "writer" },
  functions = {
    { name = "a", role = { id = "Own" }, where = "service.lua:3" },
    { name = "b", role = { name = "writer" }, where = "service.lua:9" },
  },
}

local NO_ROLES = { name = "hello", role_names = {}, functions = {} }

local ACCOUNT = { { Account = "123456789012" } }

local function bucket_in(region)
  return { headers = { ["x-amz-bucket-region"] = region } }
end

local VERSIONING = { { body = "<VersioningConfiguration/>" } }

local function mistake(model, build, cloud)
  local ok, raised = pcall(verify.run, model, build, cloud:session())
  assert.is_false(ok)
  return raised
end

describe("engine.verify", function()
  it("asks for each role once, and keeps their ARNs", function()
    local cloud = fake_aws.new {
      GetRole = function(params)
        return { Role = { Arn = "arn:" .. params.RoleName } }
      end,
      HeadBucket = { bucket_in "us-east-1" },
      GetBucketVersioning = {
        { body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" },
      },
    }
    local build = { bucket = "artifacts" }

    verify.run(MODEL, build, cloud:session())

    assert.same({ reader = "arn:reader", writer = "arn:writer" }, build.role_arns)
    assert.equal("us-east-1", build.region)
    assert.is_true(build.versioned)
    assert.equal(2, #cloud:asked "GetRole")
  end)

  it("names the role that is not there, at the function that has it", function()
    local cloud = fake_aws.new {
      GetRole = function(params)
        return params.RoleName == "writer" and fake_aws.refusal(404, "NoSuchEntity", "no role")
          or { Role = { Arn = "arn" } }
      end,
    }

    local raised = mistake(MODEL, { bucket = "artifacts" }, cloud)

    assert.equal("invalid", raised.kind)
    assert.equal(
      "service.lua:9: there is no IAM role 'writer' in this account",
      tostring(raised)
    )
  end)

  it("refuses a bucket that is elsewhere, absent, or somebody else's", function()
    local function try(answer)
      local cloud = fake_aws.new { HeadBucket = { answer }, GetBucketVersioning = VERSIONING }
      return mistake(NO_ROLES, { bucket = "photos" }, cloud)
    end

    assert.equal(
      "the bucket 'photos' is in eu-west-1, and the stack would be in us-east-1",
      tostring(try(bucket_in "eu-west-1"))
    )
    local redirect = bucket_in "eu-west-1"
    redirect.status = 301
    assert.equal("E405", try(redirect).code)
    assert.equal("E404", try(fake_aws.refusal(404, "", "Not Found")).code)
    assert.equal("denied", try(fake_aws.refusal(403, "", "Forbidden")).kind)
  end)

  it("leaves the account's own bucket to the first upload, when none is named", function()
    local cloud = fake_aws.new {
      GetCallerIdentity = ACCOUNT,
      HeadBucket = { fake_aws.refusal(404, "", "Not Found") },
      GetBucketVersioning = VERSIONING,
    }
    local build = {}

    verify.run(NO_ROLES, build, cloud:session())

    assert.equal("laconic-artifacts-123456789012-us-east-1", build.bucket)
    assert.is_true(build.bucket_absent)
    assert.is_false(build.versioned)
    assert.equal(0, #cloud:asked "CreateBucket")
    local head = cloud:asked("HeadBucket")[1].params.headers
    assert.equal("123456789012", head["x-amz-expected-bucket-owner"])
  end)

  it("uses that bucket when it is there", function()
    local cloud = fake_aws.new {
      GetCallerIdentity = ACCOUNT,
      HeadBucket = { bucket_in "us-east-1" },
      GetBucketVersioning = VERSIONING,
    }
    local build = {}

    verify.run(NO_ROLES, build, cloud:session())

    assert.equal("laconic-artifacts-123456789012-us-east-1", build.bucket)
    assert.equal("123456789012", build.account)
    assert.is_nil(build.bucket_absent)
  end)
end)
