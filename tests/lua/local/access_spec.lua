local file = require "host.file"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local ACCOUNT = "123456789012"

local folder, cloud

before_each(function()
  folder = assert(file.temporary_folder())
  cloud = served_cloud.start(folder .. "/state")
end)

after_each(function()
  cloud:close()
  assert(file.remove_tree(folder))
end)

local function refused(status, code, answer)
  assert.equal(status, answer.status, answer.body)
  assert.equal(code, answer.body:match "<Code>(.-)</Code>")
end

describe("an object's access control list", function()
  local function acl(path, query)
    return cloud:send { path = path, query = query or "acl=" }
  end

  before_each(function()
    assert.equal(200, cloud:send({ method = "PUT", path = "/bucket" }).status)
    assert.equal(200, cloud:send({ method = "PUT", path = "/bucket/a%20b", body = "x" }).status)
  end)

  it("lets its owner do all, and nobody else anything", function()
    local answer = acl "/bucket/a%20b"
    assert.equal(200, answer.status)
    assert.equal("application/xml", answer.headers["content-type"])
    assert.equal(ACCOUNT, answer.body:match "<Owner>%s*<ID>(.-)</ID>")
    local _, grants = answer.body:gsub("<Grant>", "")
    assert.equal(1, grants)
    assert.matches('<Grantee [^>]*xsi:type="CanonicalUser"><ID>' .. ACCOUNT .. "</ID></Grantee>",
      answer.body)
    assert.matches("<Permission>FULL_CONTROL</Permission>", answer.body)
    assert.equal(answer.body, acl("/bucket").body)
  end)

  it("is that of an object, a version and a bucket that are there", function()
    refused(404, "NoSuchKey", acl "/bucket/none")
    refused(404, "NoSuchBucket", acl "/no-bucket/a")
    cloud:send { method = "PUT", path = "/bucket", query = "versioning=", body =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" }
    local put = cloud:send { method = "PUT", path = "/bucket/kept", body = "x" }
    local id = put.headers["x-amz-version-id"]
    assert.equal(204, cloud:send({ method = "DELETE", path = "/bucket/kept" }).status)
    refused(404, "NoSuchKey", acl "/bucket/kept")
    assert.equal(200, acl("/bucket/kept", "acl=&versionId=" .. id).status)
    refused(404, "NoSuchVersion", acl("/bucket/kept", "acl=&versionId=" .. ("a"):rep(32)))
  end)
end)

describe("GetAccessKeyInfo", function()
  local function account_of(key)
    return cloud:query("sts", "Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=" .. key)
  end

  it("tells the account of the cloud's own key and of those it gave out", function()
    local given = cloud:query("sts", "Action=GetSessionToken&Version=2011-06-15").body
    for _, key in ipairs { "local", (given:match "<AccessKeyId>(.-)</AccessKeyId>") } do
      local answer = account_of(key)
      assert.equal(200, answer.status)
      assert.equal(ACCOUNT, answer.body:match "<Account>(.-)</Account>")
    end
  end)

  it("refuses keys that it does not know", function()
    refused(400, "ValidationError", account_of "AKIAIOSFODNN7EXAMPLE")
    refused(400, "ValidationError", account_of "")
    refused(400, "ValidationError", cloud:query("sts", "Action=GetAccessKeyInfo"))
  end)
end)
