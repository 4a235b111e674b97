-- laconic run tests/peers/sigv4_random.lua FILE : signs the requests that sigv4_random.py wrote, and
-- compares each stage with botocore's.
local digest = require "host.digest"
local json = require "host.json"
local sigv4 = require "host.sigv4"

local AMZ_DATE = "20260301T070809Z"

local function given(value)
  return value ~= json.null and value or nil
end

local function sign(case)
  local signer = {
    access_key_id = case.access_key_id,
    secret_access_key = case.secret_access_key,
    session_token = given(case.session_token),
    region = case.region,
    service = case.service,
    amz_date = AMZ_DATE,
  }
  local request = {
    method = case.method,
    path = case.path,
    query = case.query,
    headers = case.headers,
    body = assert(digest.from_hex(case.body_hex)),
    payload_sha256 = case.unsigned and "UNSIGNED-PAYLOAD" or nil,
  }
  table.insert(request.headers, { "Host", case.host })
  if given(case.expires) then
    request.expires = case.expires
    return assert(sigv4.presign(signer, request))
  end
  return assert(sigv4.sign(signer, request))
end

-- The first stage that differs, or nil.
local function difference(case)
  local got, want = sign(case), case.want
  for _, stage in ipairs { "canonical_request", "string_to_sign" } do
    if got[stage] ~= want[stage] then
      return ("%s:\n%s\nbotocore:\n%s"):format(stage, got[stage], want[stage])
    end
  end
  local result = given(case.expires) and "query" or "authorization"
  return got[result] ~= want[result] and result or nil
end

local path = assert(arg[1], "usage: sigv4_random.lua FILE")
local passed, failed = 0, 0
for line in io.lines(path) do
  local problem = difference(assert(json.decode(line)))
  if problem then
    failed = failed + 1
    print(("request %d differs in its %s"):format(passed + failed, problem))
  else
    passed = passed + 1
  end
end
print(("%d passed, %d failed"):format(passed, failed))
return failed == 0 and passed > 0 and 0 or 1
