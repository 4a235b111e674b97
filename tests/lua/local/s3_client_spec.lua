local digest = require "host.digest"
local file = require "host.file"
local s3 = require "host.s3"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

describe("host.s3 on the local cloud", function()
  it("puts in parts, finds, gets, lists and deletes", function()
    local folder = assert(file.temporary_folder())
    local cloud <close> = served_cloud.start(folder .. "/state")
    cloud:send { method = "PUT", path = "/bucket" }
    local target = {
      credentials = { access_key_id = "local", secret_access_key = "local-secret" },
      region = "us-east-1",
      endpoint = cloud.url,
      bucket = "bucket",
      key = "large file é",
    }
    local body = digest.random(4096):rep(3 * 1024) .. "some more"
    assert(file.write(folder .. "/body", body))
    local function with(fields)
      for name, value in pairs(target) do
        fields[name] = value
      end
      return fields
    end

    local put = assert(s3.put(with { path = folder .. "/body", part_size = 5 * 1024 * 1024 }))
    assert.equal(3, put.parts)
    assert.equal(#body, assert(s3.head(with {})).size)
    assert(s3.get(with { to_file = folder .. "/got" }))
    assert.is_true(file.read(folder .. "/got") == body)
    assert.equal(1, #assert(s3.list(with { prefix = "large" })))
    assert.same({}, assert(s3.unfinished(with {})))
    assert(s3.delete(with {}))
    local facts, err = s3.head(with {})
    assert.is_nil(facts)
    assert.equal(404, err.status)
    assert.same({}, file.list(folder .. "/state/s3/data/bucket/bodies"))
    assert(file.remove_tree(folder))
  end)
end)
