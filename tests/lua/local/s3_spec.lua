local checksum = require "engine.local.checksum"
local digest = require "host.digest"
local file = require "host.file"
local http = require "host.http"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
local SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
local UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

local folder, cloud

before_each(function()
  folder = assert(file.temporary_folder())
  cloud = served_cloud.start(folder .. "/state")
  assert(cloud:send({ method = "PUT", path = "/bucket" }).status == 200)
end)

after_each(function()
  cloud:close()
  assert(file.remove_tree(folder))
end)

local function code_of(answer)
  return answer.body:match "<Code>(.-)</Code>"
end

local function body_of(path)
  return cloud:send({ path = path }).body
end

local function some_bytes(count)
  return (digest.random(4096):rep(count // 4096 + 1)):sub(1, count)
end

describe("S3 of the local cloud", function()
  it("takes chunked bodies of every form, small and spooled", function()
    for _, size in ipairs { 0, 10, 200000, 3000000 } do
      local body = some_bytes(size)
      for _, form in ipairs { SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER } do
        local trailer = form ~= SIGNED and {
          "x-amz-checksum-crc32c",
          checksum.of("crc32c", { body = body }),
        } or nil
        local answer = cloud:put_chunked {
          path = "/bucket/k",
          body = body,
          chunk = 65536,
          form = form,
          trailer = trailer,
        }
        assert.equal(200, answer.status, form .. ": " .. answer.body)
        assert.equal('"' .. digest.md5(body) .. '"', answer.headers.etag)
        local got = cloud:send { path = "/bucket/k" }
        assert.is_true(got.body == body, form .. " of " .. size)
        assert.is_nil(got.headers["content-encoding"])
      end
    end
  end)

  it("refuses a chunk that was not signed so", function()
    local answer = cloud:put_chunked {
      path = "/bucket/k",
      body = "hello",
      chunk = 3,
      form = SIGNED,
      break_chunk = true,
    }
    assert.equal("SignatureDoesNotMatch", code_of(answer))
    assert.equal(404, cloud:send({ path = "/bucket/k" }).status)
  end)

  it("refuses a trailer's checksum that does not hold, and a body that ends early", function()
    local whole = { path = "/bucket/k", body = "hello", chunk = 3, form = UNSIGNED_TRAILER }
    for name in pairs { crc32 = 1, crc64nvme = 1, sha1 = 1, sha256 = 1 } do
      whole.trailer = { "x-amz-checksum-" .. name, checksum.of(name, { body = "other" }) }
      assert.equal("BadDigest", code_of(cloud:put_chunked(whole)), name)
    end
    whole.trailer = { "x-amz-checksum-crc32", checksum.of("crc32", { body = "hello" }) }
    whole.cut = 40
    assert.equal("IncompleteBody", code_of(cloud:put_chunked(whole)))
    whole.cut, whole.length = nil, 6
    assert.equal("IncompleteBody", code_of(cloud:put_chunked(whole)))
    whole.length = nil
    assert.equal(200, cloud:put_chunked(whole).status)
    assert.same({}, file.list(folder .. "/state/spool"))
  end)

  it("refuses a payload form that S3 does not know", function()
    local answer = cloud:put_chunked {
      path = "/bucket/k",
      body = "x",
      chunk = 1,
      form = "STREAMING-SOMETHING-ELSE",
    }
    assert.equal("NotImplemented", code_of(answer))
  end)

  it("answers to a bucket in the Host header", function()
    cloud:send { method = "PUT", path = "/bucket/a/b", body = "x" }
    for _, host in ipairs { "bucket.localhost", "bucket.s3.us-east-1.amazonaws.com:80" } do
      assert.equal("x", cloud:send({ path = "/a/b", host = host }).body, host)
    end
  end)

  it("keeps keys with any character apart", function()
    for _, path in ipairs {
      "/bucket//a",
      "/bucket/a",
      "/bucket/a/",
      "/bucket/..%2Fa",
      "/bucket/a%2Bb",
      "/bucket/%C3%A9%20%3C%26",
      "/bucket/a/../b",
    } do
      local put = cloud:send { method = "PUT", path = path, body = path }
      assert.equal(200, put.status, path .. put.body)
    end
    assert.equal("/bucket/..%2Fa", body_of "/bucket/..%2Fa")
    assert.equal("/bucket//a", body_of "/bucket//a")
    assert.equal("/bucket/a", body_of "/bucket/a")
    local listed = cloud:send { path = "/bucket", query = "list-type=2" }
    assert.matches("<KeyCount>7</KeyCount>", listed.body)
    assert.matches("<Key>é &lt;&amp;</Key>", listed.body)
  end)

  it("gives HEAD the headers of GET and no body", function()
    cloud:send { method = "PUT", path = "/bucket/k", body = "hello" }
    local head = cloud:send { method = "HEAD", path = "/bucket/k" }
    assert.equal("", head.body)
    assert.equal("5", head.headers["content-length"])
    local missing = cloud:send { method = "HEAD", path = "/bucket/none" }
    assert.equal(404, missing.status)
    assert.equal("", missing.body)
  end)

  it("tells a bucket's region to who asks in another", function()
    local answer = cloud:send { path = "/bucket/k", region = "eu-west-1" }
    assert.equal("PermanentRedirect", code_of(answer))
    assert.equal("us-east-1", answer.headers["x-amz-bucket-region"])
  end)

  it("sweeps away bodies that a kill left without a name", function()
    cloud:send { method = "PUT", path = "/bucket/k", body = "hello" }
    cloud:kill()
    local bodies = folder .. "/state/s3/data/bucket/bodies"
    assert(file.write(bodies .. "/orphan", "x"))
    assert(file.append(folder .. "/state/s3/data/bucket/objects.jsonl", '{"put":{"key":"half'))
    cloud = served_cloud.start(folder .. "/state")
    assert.equal("hello", body_of "/bucket/k")
    assert.equal(1, #file.list(bodies))
    cloud:send { method = "PUT", path = "/bucket/l", body = "more" }
    cloud:kill()
    cloud = served_cloud.start(folder .. "/state")
    assert.equal("more", body_of "/bucket/l")
  end)

  it("lets other requests through while a large body comes", function()
    local requests = {
      cloud:request { method = "PUT", path = "/bucket/large", body = some_bytes(8 * 1024 * 1024) },
    }
    for i = 2, 9 do
      requests[i] = cloud:request { path = "/bucket", query = "list-type=2" }
    end
    for _, result in ipairs(http.request_all(requests, { parallel = 9 })) do
      assert.equal(200, result.response.status)
    end
  end)
end)
