-- host.sigv4 against AWS's public signing test suite, stage by stage, by header and by query; and
-- against requests that botocore signed. LACONIC_VECTORS names the folder with all of it (by default
-- ../shared/vectors beside the checkout); without it, the cases carried in tests/vectors serve.
local clock = require "host.clock"
local digest = require "host.digest"
local file = require "host.file"
local json = require "host.json"
local sigv4 = require "host.sigv4"
local uri = require "host.uri"

local ROOT = debug.getinfo(1, "S").source:match "^@(.*)tests/bind/[^/]*$"
local GIVEN = os.getenv "LACONIC_VECTORS" or ROOT .. "../shared/vectors"
local CARRIED = ROOT .. "tests/vectors"

local function read(path)
  return assert(file.read(path))
end

-- A request as the suite writes it: the target is not encoded yet, lines may be folded.
local function parse_request(text)
  local head, body = text, ""
  local gap = text:find("\n\n", 1, true)
  if gap then
    head, body = text:sub(1, gap - 1), text:sub(gap + 2)
  end
  local headers = {}
  local first, rest = head:match "^([^\n]*)\n?(.*)$"
  for line in rest:gmatch "[^\n]+" do
    if line:match "^%s" then
      headers[#headers][2] = headers[#headers][2] .. "\r\n" .. line
    else
      local name, value = line:match "^([^:]+):(.*)$"
      table.insert(headers, { name, value })
    end
  end
  local method, target = first:match "^(%S+) (.*) HTTP/1%.1$"
  local path, query = target:match "^([^?]*)%??(.*)$"
  return {
    method = method,
    path = uri.encode(path, "/"),
    query = query,
    headers = headers,
    body = body,
    double_encode = false, -- the suite encodes its raw path once
  }
end

local function load_case(folder)
  local context = assert(json.decode(read(folder .. "/context.json")))
  local request = parse_request(read(folder .. "/request.txt"))
  request.normalize = context.normalize
  request.omit_session_token = context.omit_session_token
  return {
    folder = folder,
    request = request,
    sign_body = context.sign_body,
    expires = context.expiration_in_seconds,
    signer = {
      access_key_id = context.credentials.access_key_id,
      secret_access_key = context.credentials.secret_access_key,
      session_token = context.credentials.token,
      region = context.region,
      service = context.service,
      amz_date = clock.amz_date(assert(clock.parse(context.timestamp))),
    },
  }
end

local function compare_stages(case, form, got)
  for file_name, field in pairs {
    ["canonical-request"] = "canonical_request",
    ["string-to-sign"] = "string_to_sign",
    ["signature"] = "signature",
  } do
    local path = ("%s/%s-%s.txt"):format(case.folder, form, file_name)
    assert.equal(read(path), got[field], path)
  end
end

local function with(request, changes)
  local copy = {}
  for name, value in pairs(request) do
    copy[name] = value
  end
  for name, value in pairs(changes) do
    copy[name] = value
  end
  return copy
end

-- What the receiver of a signed request computes from its wire form.
local function expected(case, changes)
  return assert(sigv4.expected(case.signer, {
    method = case.request.method,
    path = case.request.path,
    query = changes.query or case.request.query,
    headers = changes.headers or case.request.headers,
    normalize = case.request.normalize,
    double_encode = false,
    payload_sha256 = digest.sha256(case.request.body),
    signed_headers = changes.signed_headers,
    query_form = changes.query ~= nil,
  })).signature
end

local function names_of(text)
  local names = {}
  for name in text:gmatch "[^;]+" do
    table.insert(names, name)
  end
  return names
end

local function check_by_header(case)
  local signed =
    assert(sigv4.sign(case.signer, with(case.request, { sign_body = case.sign_body })))
  compare_stages(case, "header", signed)
  local want = parse_request(read(case.folder .. "/header-signed-request.txt"))
  local authorization = want.headers[#want.headers]
  assert.same({ "Authorization", signed.authorization }, authorization)
  assert.equal(#want.headers, #signed.headers)
  assert.equal(signed.signature, expected(case, {
    headers = signed.headers,
    signed_headers = names_of(signed.signed_headers),
  }))
end

local function sorted_pairs(query)
  local list = {}
  for pair in query:gmatch "[^&]+" do
    table.insert(list, pair)
  end
  table.sort(list)
  return list
end

local function check_by_query(case)
  local presigned =
    assert(sigv4.presign(case.signer, with(case.request, { expires = case.expires })))
  compare_stages(case, "query", presigned)
  local want = parse_request(read(case.folder .. "/query-signed-request.txt"))
  assert.same(sorted_pairs(want.query), sorted_pairs(presigned.query))
  if not case.request.omit_session_token then
    assert.equal(presigned.signature, expected(case, {
      query = presigned.query,
      signed_headers = names_of(presigned.canonical_request:match "\n([^\n]*)\n[^\n]*$"),
    }))
  end
end

local function check_botocore_row(row)
  local parts = assert(uri.parse(row.url))
  local headers = { { "Host", parts.authority } }
  for name, value in pairs(row.headers_in) do
    table.insert(headers, { name, value })
  end
  local token = row.session_token ~= json.null and row.session_token or nil
  local signer = {
    access_key_id = row.access_key,
    secret_access_key = row.secret_key,
    session_token = token,
    region = row.region,
    service = row.service,
    amz_date = row.amz_date,
  }
  local request = {
    method = row.method,
    path = parts.path,
    query = parts.query,
    headers = headers,
    body = assert(digest.from_hex(row.body_hex)),
  }
  local got
  if row.presign_expires ~= json.null then
    request.expires = row.presign_expires
    got = assert(sigv4.presign(signer, request))
    assert.equal(assert(uri.parse(row.url_out)).query, got.query, row.name)
  else
    got = assert(sigv4.sign(signer, request))
    assert.equal(row.headers_out.Authorization, got.authorization, row.name)
  end
  assert.equal(row.canonical_request, got.canonical_request, row.name)
  assert.equal(row.string_to_sign, got.string_to_sign, row.name)
end

local function describe_suite(folder, least)
  local names = assert(file.list(folder))
  it("holds its cases", function()
    assert.truthy(#names >= least, ("%d cases in %s"):format(#names, folder))
  end)
  for _, name in ipairs(names) do
    it(name .. " by header", function()
      check_by_header(load_case(folder .. "/" .. name))
    end)
    it(name .. " by query", function()
      check_by_query(load_case(folder .. "/" .. name))
    end)
  end
end

describe("AWS's signing test suite, carried", function()
  describe_suite(CARRIED .. "/sigv4/v4", 9)
end)

if file.exists(GIVEN .. "/sigv4/v4") then
  describe("AWS's signing test suite", function()
    describe_suite(GIVEN .. "/sigv4/v4", 38)
  end)
  describe("botocore's requests", function()
    local rows =
      assert(json.decode(read(GIVEN .. "/sigv4/botocore-s3-and-query.json"))).cases
    it("are all there", function()
      assert.equal(54, #rows)
    end)
    for _, row in ipairs(rows) do
      it(row.name, function()
        check_botocore_row(row)
      end)
    end
  end)
else
  print("no vectors at " .. GIVEN .. ": only the cases carried in tests/vectors are run")
end
