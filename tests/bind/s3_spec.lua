local loopback = dofile "tests/bind/loopback.lua"
local s3 = require "host.s3"

local answer, serve = loopback.answer, loopback.serve

local function target(server, fields)
  local request = {
    credentials = { access_key_id = "AKIDEXAMPLE", secret_access_key = "secret-key" },
    region = "eu-west-1",
    endpoint = server.url,
    bucket = "photos",
  }
  for name, value in pairs(fields or {}) do
    request[name] = value
  end
  return request
end

describe("host.s3", function()
  it("puts an object, with its type, metadata and headers", function()
    local server = serve { answer(200, "", { 'ETag: "abc"', "x-amz-version-id: v1" }) }

    local result = assert(s3.put(target(server, {
      key = "a/b c",
      body = "nul\0!",
      content_type = "text/plain",
      metadata = { colour = "blue", big = "1" },
      headers = { ["If-None-Match"] = "*" },
    })))

    assert.same({ etag = "abc", version_id = "v1" }, result)
    local sent = server.requests()[1]
    assert.matches("^PUT /photos/a/b%%20c HTTP/1%.1\r\n", sent)
    assert.matches("\r\nContent%-Type: text/plain\r\n", sent)
    assert.matches("\r\nx%-amz%-meta%-big: 1\r\nx%-amz%-meta%-colour: blue\r\n", sent)
    assert.matches("\r\nIf%-None%-Match: %*\r\n", sent)
    assert.matches("\r\n\r\nnul%z!$", sent)
  end)

  it("puts a file in parts, telling progress", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write((("x"):rep(6 * 1024 * 1024)))
    file:close()
    local server = serve {
      answer(200, "<R><IsTruncated>false</IsTruncated></R>"),
      answer(200, "<R><UploadId>u1</UploadId></R>"),
      answer(200, "", { 'ETag: "p"' }),
      answer(200, "", { 'ETag: "p"' }),
      answer(200, '<R><ETag>"whole-2"</ETag></R>'),
    }
    local last

    local result = assert(s3.put(target(server, {
      key = "large",
      path = path,
      part_size = 5 * 1024 * 1024,
      parallel = 1,
      progress = function(sent, total)
        last = { sent, total }
      end,
    })))

    os.remove(path)
    assert.same({ etag = "whole-2", parts = 2 }, result)
    assert.same({ 6 * 1024 * 1024, 6 * 1024 * 1024 }, last)
    local requests = server.requests()
    assert.matches("^GET /photos%?uploads=&encoding%-type=url&prefix=large ", requests[1])
    assert.matches("^POST /photos/large%?uploads= ", requests[2])
    assert.matches("^PUT /photos/large%?partNumber=2&uploadId=u1 ", requests[4])
    assert.matches("^POST /photos/large%?uploadId=u1 ", requests[5])
  end)

  it("gets an object, or a part of one version of it", function()
    local server = serve { answer(206, "\xff\r\n", { "x-amz-version-id: v1", "Content-Type: x" }) }

    local object = assert(s3.get(target(server, {
      key = "k",
      version_id = "v1",
      range = "bytes=0-2",
    })))

    assert.equal("\xff\r\n", object.body)
    assert.equal("v1", object.version_id)
    assert.equal("x", object.headers["content-type"])
    local sent = server.requests()[1]
    assert.matches("^GET /photos/k%?versionId=v1 ", sent)
    assert.matches("\r\nRange: bytes=0%-2\r\n", sent)
  end)

  it("heads an object", function()
    local server = serve { "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"e\"\r\n\r\n" }

    local facts = assert(s3.head(target(server, { key = "k" })))

    assert.equal(7, facts.size)
    assert.equal("e", facts.etag)
    assert.is_nil(facts.version_id)
    server.requests()
  end)

  it("deletes", function()
    local server = serve { answer(204) }
    assert.is_true(s3.delete(target(server, { key = "k", version_id = "v" })))
    assert.matches("^DELETE /photos/k%?versionId=v ", server.requests()[1])
  end)

  it("lists objects and unfinished uploads", function()
    local server = serve {
      answer(200, "<R><Contents><Key>a&amp;b</Key><Size>9</Size><ETag>e</ETag>"
        .. "<LastModified>2015-08-30T12:36:00Z</LastModified></Contents></R>"),
      answer(200, "<R><Upload><Key>k</Key><UploadId>u</UploadId></Upload></R>"),
    }

    assert.same({
      { key = "a&b", size = 9, etag = "e", last_modified = "2015-08-30T12:36:00Z" },
    }, assert(s3.list(target(server, { prefix = "a" }))))
    assert.same({ { key = "k", upload_id = "u" } }, assert(s3.unfinished(target(server))))

    server.requests()
  end)

  it("returns nil and an error for a refusal", function()
    local denied = answer(403, "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>")
    local server = serve { denied, denied, denied, denied, denied }
    local function refused(result, err)
      assert.is_nil(result)
      assert.equal("service", err.kind)
      assert.equal(403, err.status)
      assert.equal("AccessDenied", err.code)
      assert.equal("No.", tostring(err))
    end

    refused(s3.put(target(server, { key = "k", body = "" })))
    refused(s3.get(target(server, { key = "k" })))
    refused(s3.delete(target(server, { key = "k" })))
    refused(s3.list(target(server)))
    refused(s3.unfinished(target(server)))
    server.requests()
  end)

  it("returns nil and an error for a file that is not there", function()
    local result, err = s3.put(target({}, { key = "k", path = "/nowhere/to/be/found" }))
    assert.is_nil(result)
    assert.equal("ENOENT", err.code)
  end)

  it("raises what progress raised", function()
    local server = serve { answer(200, "answer") }
    local mine = {}
    local ok, raised = pcall(s3.put, target(server, {
      key = "k",
      body = "text",
      progress = function()
        error(mine)
      end,
    }))
    assert.is_false(ok)
    assert.is_true(raised == mine)
    s3.delete(target(server, { key = "k" })) -- lets the fixture finish its script
    server.requests()
  end)

  it("raises for misuse, naming the field", function()
    local function misuse(name, message, fields)
      local ok, raised = pcall(s3[name], target({}, fields))
      assert.is_false(ok)
      assert.equal(("bad argument #1 to 'host.s3.%s' (%s)"):format(name, message), raised)
    end

    misuse("put", "field 'key': string expected, got nil", { body = "" })
    misuse("put", "either field 'body' or field 'path' expected", { key = "k" })
    misuse("put", "either field 'body' or field 'path' expected",
      { key = "k", body = "", path = "p" })
    misuse("put", "field 'part_size': 1 is not between 5242880 and 5368709120",
      { key = "k", path = "p", part_size = 1 })
    misuse("put", "field 'metadata': names and values that are strings expected",
      { key = "k", body = "", metadata = { a = 1 } })
    misuse("get", "unknown field 'versionid'", { key = "k", versionid = "v" })
    misuse("head", "unknown field 'range'", { key = "k", range = "" })
    misuse("delete", "field 'bucket': string expected, got boolean", { key = "k", bucket = true })
    misuse("list", "field 'limit': 0 is not between 1 and 1000000", { limit = 0 })
    misuse("unfinished", "unknown field 'limit'", { limit = 1 })
  end)
end)
