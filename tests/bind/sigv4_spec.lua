local digest = require "host.digest"
local sigv4 = require "host.sigv4"

local EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

local function signer(changes)
  local fields = {
    access_key_id = "AKIDEXAMPLE",
    secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    region = "us-east-1",
    service = "service",
    amz_date = "20150830T123600Z",
  }
  for name, value in pairs(changes or {}) do
    fields[name] = value
  end
  return fields
end

local function get(changes)
  local fields = { method = "GET", path = "/", headers = { Host = "example.amazonaws.com" } }
  for name, value in pairs(changes or {}) do
    fields[name] = value
  end
  return fields
end

describe("host.sigv4", function()
  it("signs by header as AWS's own example says, and lists what to send", function()
    local signed = assert(sigv4.sign(signer(), get()))
    assert.equal("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
      signed.signature)
    assert.equal("host;x-amz-date", signed.signed_headers)
    assert.same({
      { "Host", "example.amazonaws.com" },
      { "X-Amz-Date", "20150830T123600Z" },
      { "Authorization", signed.authorization },
    }, signed.headers)
    assert.equal(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        .. "SignedHeaders=host;x-amz-date, Signature=" .. signed.signature,
      signed.authorization
    )
  end)

  it("signs the body of S3's requests, which are not normalised", function()
    local signed = assert(sigv4.sign(signer { service = "s3" }, get {
      method = "PUT",
      path = "/a//b/../c%20d%2Fe",
      body = "abc",
    }))
    assert.matches("^PUT\n/a//b/%.%./c%%20d%%2Fe\n", signed.canonical_request)
    assert.same({ "X-Amz-Content-Sha256", digest.sha256 "abc" }, signed.headers[3])
    assert.matches(digest.sha256 "abc" .. "$", signed.canonical_request)
  end)

  it("replaces what an earlier signing left, and leaves out what proxies change", function()
    local first = assert(sigv4.sign(signer { session_token = "T" }, get()))
    table.insert(first.headers, { "User-Agent", "x" })
    local again = assert(sigv4.sign(signer { amz_date = "20160101T000000Z" }, get {
      headers = first.headers,
    }))
    assert.same({
      { "Host", "example.amazonaws.com" },
      { "User-Agent", "x" },
      { "X-Amz-Date", "20160101T000000Z" },
      { "Authorization", again.authorization },
    }, again.headers)
    assert.equal("host;x-amz-date", again.signed_headers)
  end)

  it("signs only the headers that are named, and its own", function()
    local signed = assert(sigv4.sign(signer(), get {
      headers = { { "Host", "h" }, { "A", "1" }, { "B", "2" } },
      signed_headers = { "host", "b" },
    }))
    assert.equal("b;host;x-amz-date", signed.signed_headers)
    assert.equal(5, #signed.headers)
  end)

  it("adds a session token before or after signing", function()
    local before = assert(sigv4.sign(signer { session_token = "T/+=" }, get()))
    assert.equal("host;x-amz-date;x-amz-security-token", before.signed_headers)
    local after = assert(sigv4.sign(signer { session_token = "T/+=" }, get {
      omit_session_token = true,
    }))
    assert.equal("host;x-amz-date", after.signed_headers)
    assert.same({ "X-Amz-Security-Token", "T/+=" }, after.headers[3])
  end)

  it("presigns a query that its own verifier accepts, and nobody can change", function()
    local who = signer { service = "s3", session_token = "T/+=" }
    local request = get { path = "/key%20x", query = "versionId=a%2Fb&uploads", expires = 60 }
    local presigned = assert(sigv4.presign(who, request))
    assert.matches("^versionId=a%%2Fb&uploads&X%-Amz%-Algorithm=", presigned.query)
    assert.matches("&X%-Amz%-Security%-Token=T%%2F%%2B%%3D&X%-Amz%-Signature=%x+$", presigned.query)
    assert.matches("\nUNSIGNED%-PAYLOAD$", presigned.canonical_request)

    local function expected(query)
      return assert(sigv4.expected(who, get {
        path = request.path,
        query = query,
        signed_headers = { "host" },
        payload_sha256 = "UNSIGNED-PAYLOAD",
        query_form = true,
      })).signature
    end
    assert.is_true(sigv4.same(presigned.signature, expected(presigned.query)))
    local longer = presigned.query:gsub("Expires=60", "Expires=61")
    assert.is_false(sigv4.same(presigned.signature, expected(longer)))
  end)

  it("expects of a request what was signed", function()
    local signed = assert(sigv4.sign(signer(), get { query = "b=2&a", body = "x" }))
    local request = get {
      query = "b=2&a",
      headers = signed.headers,
      payload_sha256 = digest.sha256 "x",
      signed_headers = { "host", "x-amz-date" },
    }
    assert.equal(signed.signature, assert(sigv4.expected(signer(), request)).signature)
    request.payload_sha256 = EMPTY
    assert.not_equal(signed.signature, assert(sigv4.expected(signer(), request)).signature)
  end)

  -- The example of "Transferring Payload in Multiple Chunks" in S3's documentation.
  it("signs the chunks of a streaming payload", function()
    local who = signer {
      access_key_id = "AKIAIOSFODNN7EXAMPLE",
      secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      service = "s3",
      amz_date = "20130524T000000Z",
    }
    local seed = assert(sigv4.sign(who, {
      method = "PUT",
      path = "/examplebucket/chunkObject.txt",
      headers = {
        { "Host", "s3.amazonaws.com" },
        { "x-amz-storage-class", "REDUCED_REDUNDANCY" },
        { "Content-Encoding", "aws-chunked" },
        { "x-amz-decoded-content-length", "66560" },
        { "Content-Length", "66824" },
      },
      payload_sha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    }))
    assert.equal("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
      seed.signature)
    local first = sigv4.chunk_signature(who, seed.signature, digest.sha256(("a"):rep(65536)))
    assert.equal("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", first)
    local second = sigv4.chunk_signature(who, first, digest.sha256(("a"):rep(1024)))
    assert.equal("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", second)
    local last = sigv4.chunk_signature(who, second, EMPTY)
    assert.equal("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", last)
  end)

  -- The example of "… multiple chunks with trailing headers" in S3's documentation.
  it("signs the trailing headers of a streaming payload", function()
    local who = signer {
      access_key_id = "AKIAIOSFODNN7EXAMPLE",
      secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      service = "s3",
      amz_date = "20130524T000000Z",
    }
    local seed = assert(sigv4.sign(who, {
      method = "PUT",
      path = "/examplebucket/chunkObject.txt",
      headers = {
        { "Host", "s3.amazonaws.com" },
        { "x-amz-storage-class", "REDUCED_REDUNDANCY" },
        { "Content-Encoding", "aws-chunked" },
        { "x-amz-decoded-content-length", "66560" },
        { "x-amz-trailer", "x-amz-checksum-crc32c" },
      },
      payload_sha256 = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    }))
    assert.equal("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
      seed.signature)
    local last = seed.signature
    for _, chunk in ipairs { ("a"):rep(65536), ("a"):rep(1024), "" } do
      last = sigv4.chunk_signature(who, last, digest.sha256(chunk))
    end
    assert.equal("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992", last)
    assert.equal(
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
      sigv4.trailer_signature(who, last, digest.sha256 "x-amz-checksum-crc32c:sOO8/Q==\n")
    )
  end)

  it("returns nil and an error for data it cannot sign", function()
    for _, case in ipairs {
      { signer { amz_date = "30/08/2015" }, get(), "amz_date must look like 20150830T123600Z" },
      { signer { region = "a\nb" }, get(), "region holds a space or a control character" },
      { signer { access_key_id = "" }, get(), "access_key_id is empty" },
      { signer(), get { method = "GET /" }, "method holds a space or a control character" },
      { signer(), get { headers = {} }, "the request has no Host header to sign" },
      { signer(), get { headers = { Host = "h", ["a b"] = "" } },
        "a header's name holds what no name may hold" },
    } do
      local signed, err = sigv4.sign(case[1], case[2])
      assert.is_nil(signed)
      assert.equal("input", err.kind)
      assert.equal(case[3], tostring(err))
    end
  end)

  it("raises for what cannot be meant, and names it", function()
    assert.error_matches("#2 to 'sign' %(unknown field 'querry'%)", function()
      sigv4.sign(signer(), get { querry = "" })
    end)
    assert.error_matches("#1 to 'sign' %(unknown field 'secret'%)", function()
      sigv4.sign(signer { secret = "" }, get())
    end)
    assert.error_matches("#2 to 'sign' %(field 'headers': table expected%)", function()
      sigv4.sign(signer(), get { headers = "Host: h" })
    end)
    assert.error_matches("#2 to 'presign' %(field 'expires': 0 is not between 1 and 604800%)",
      function()
        sigv4.presign(signer(), get { expires = 0 })
      end)
    assert.error_matches("#2 to 'expected' %(field 'payload_sha256': string expected, got nil%)",
      function()
        sigv4.expected(signer(), get())
      end)
    assert.error_matches("#2 to 'sign' %(table expected, got nil%)", function()
      sigv4.sign(signer())
    end)
    assert.error_matches("#3 to 'chunk_signature' %(string expected, got nil%)", function()
      sigv4.chunk_signature(signer(), "previous")
    end)
  end)

  it("never says a secret", function()
    local _, err = sigv4.sign(signer { secret_access_key = "SECRET", region = "" }, get())
    assert.not_matches("SECRET", tostring(err))
  end)
end)
