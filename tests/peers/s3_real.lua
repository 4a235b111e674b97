-- laconic run tests/peers/s3_real.lua ENDPOINT BUCKET : host.s3 against a strict S3 server, whose
-- credentials and region come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION. Makes
-- the bucket, and prints one line for each thing it proved.
local aws_request = require "host.aws_request"
local digest = require "host.digest"
local s3 = require "host.s3"

local endpoint, bucket = arg[1], arg[2]
local credentials = {
  access_key_id = assert(os.getenv "AWS_ACCESS_KEY_ID"),
  secret_access_key = assert(os.getenv "AWS_SECRET_ACCESS_KEY"),
}
local region = assert(os.getenv "AWS_REGION")

local function target(fields)
  local request = {
    credentials = credentials,
    region = region,
    endpoint = endpoint,
    bucket = bucket,
  }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

local function done(sentence)
  print("ok - " .. sentence)
end

assert(aws_request.send {
  credentials = credentials,
  region = region,
  service = "s3",
  method = "PUT",
  url = ("%s/%s"):format(endpoint, bucket),
})
done "makes a bucket"

local bytes = "nul\0 and\r\nmore"
local put = assert(s3.put(target {
  key = "a/plain",
  body = bytes,
  content_type = "text/x-test",
  metadata = { colour = "blue" },
}))
assert(put.etag == digest.md5(bytes), put.etag)
done "puts"

local got = assert(s3.get(target { key = "a/plain" }))
assert(got.body == bytes and got.headers["content-type"] == "text/x-test")
assert(got.headers["x-amz-meta-colour"] == "blue")
assert(assert(s3.get(target { key = "a/plain", range = "bytes=4-6" })).body == " an")
done "gets, whole and in part"

local facts = assert(s3.head(target { key = "a/plain" }))
assert(facts.size == #bytes and facts.etag == put.etag)
local none, absent = s3.head(target { key = "a/absent" })
assert(none == nil and absent.kind == "service" and absent.status == 404)
done "heads, and tells 404"

local strange = { "a/b c+d&e=f", "a/é%20~", "a/(x)!*'" }
for _, key in ipairs(strange) do
  assert(s3.put(target { key = key, body = key }))
  assert(assert(s3.get(target { key = key })).body == key)
end
local listed = assert(s3.list(target { prefix = "a/" }))
local names = {}
for _, object in ipairs(listed) do
  names[object.key] = object.size
end
assert(#listed == 4 and names["a/plain"] == #bytes)
for _, key in ipairs(strange) do
  assert(names[key] == #key, key)
end
assert(#assert(s3.list(target { prefix = "a/", limit = 2 })) == 2)
done "lists keys with all sorts of characters"

local _, exists = s3.put(target {
  key = "a/plain",
  body = "again",
  headers = { ["If-None-Match"] = "*" },
})
assert(exists and exists.status == 412, tostring(exists))
done "puts only when there is none, when asked"

local path, back = os.tmpname(), os.tmpname()
local file = assert(io.open(path, "wb"))
for i = 1, 20 do
  file:write((string.char(i):rep(1024 * 1024)))
end
file:close()
local last, calls = 0, 0
local large = assert(s3.put(target {
  key = "large",
  path = path,
  part_size = 5 * 1024 * 1024,
  progress = function(sent, total)
    assert(total == 20 * 1024 * 1024)
    last, calls = sent, calls + 1
  end,
}))
assert(large.parts == 4 and large.etag:match "%-4$", large.etag)
assert(last == 20 * 1024 * 1024 and calls >= 4)
assert(assert(s3.get(target { key = "large", to_file = back })).body == "")
assert(digest.sha256_file(back) == digest.sha256_file(path))
done "puts 20 MB in parts, and gets the same back"

local begun = assert(aws_request.send {
  credentials = credentials,
  region = region,
  service = "s3",
  url = ("%s/%s/large?uploads="):format(endpoint, bucket),
})
assert(begun.body:match "<UploadId>")
assert(#assert(s3.unfinished(target())) == 1)
local ok = pcall(s3.put, target {
  key = "large",
  path = path,
  progress = function()
    error "stop"
  end,
})
assert(not ok and #assert(s3.unfinished(target())) == 0)
done "leaves no part behind, of this upload or an older one"
os.remove(path)
os.remove(back)

local refused, err = s3.get(target {
  key = "a/plain",
  credentials = { access_key_id = credentials.access_key_id, secret_access_key = "wrong" },
})
assert(refused == nil and err.kind == "service" and err.status == 403, tostring(err))
assert(not tostring(err):find("wrong", 1, true))
done("is refused with a wrong secret: " .. err.code)

for _, object in ipairs(assert(s3.list(target()))) do
  assert(s3.delete(target { key = object.key }))
end
assert(s3.delete(target { key = "a/plain" })) -- absent: a success
assert(#assert(s3.list(target())) == 0)
done "deletes"
