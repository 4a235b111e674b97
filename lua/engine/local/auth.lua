--- Who sent a request, and whether it says what was signed: Signature Version 4, by header or by
--- query, with every form of payload that S3 knows. Refusals come in the codes of the service's own
--- protocol, because SDKs act on them.
local chunked = require "engine.local.chunked"
local clock = require "host.clock"
local credentials = require "engine.local.credentials"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local host_bucket = require("engine.local.services.s3.host").bucket
local sigv2 = require "engine.local.sigv2"
local sigv4 = require "host.sigv4"
local uri = require "host.uri"

local auth = {}

local ALGORITHM = "AWS4-HMAC-SHA256"
local SKEW = 15 * 60
local LONGEST_PRESIGNED = 7 * 24 * 3600

-- What is refused → AWS's code and status, by the protocol of the service.
local CODES = {
  s3 = {
    missing = { "AccessDenied", 403 },
    malformed = { "AuthorizationHeaderMalformed", 400 },
    malformed_query = { "AuthorizationQueryParametersError", 400 },
    unknown_key = { "InvalidAccessKeyId", 403 },
    mismatch = { "SignatureDoesNotMatch", 403 },
    skewed = { "RequestTimeTooSkewed", 403 },
    expired = { "AccessDenied", 403 },
    bad_token = { "InvalidToken", 400 },
    expired_token = { "ExpiredToken", 400 },
  },
  query = {
    missing = { "MissingAuthenticationToken", 403 },
    malformed = { "IncompleteSignature", 400 },
    malformed_query = { "IncompleteSignature", 400 },
    unknown_key = { "InvalidClientTokenId", 403 },
    mismatch = { "SignatureDoesNotMatch", 403 },
    skewed = { "RequestTimeTooSkewed", 403 },
    expired = { "RequestExpired", 400 },
    bad_token = { "InvalidClientTokenId", 403 },
    expired_token = { "ExpiredToken", 403 },
  },
  json = {
    missing = { "MissingAuthenticationTokenException", 403 },
    malformed = { "IncompleteSignatureException", 400 },
    malformed_query = { "IncompleteSignatureException", 400 },
    unknown_key = { "UnrecognizedClientException", 403 },
    mismatch = { "InvalidSignatureException", 403 },
    skewed = { "RequestTimeTooSkewed", 403 },
    expired = { "InvalidSignatureException", 403 },
    bad_token = { "UnrecognizedClientException", 403 },
    expired_token = { "ExpiredTokenException", 403 },
  },
}
CODES.rest_json = CODES.json

---@class engine.local.Claim
---@field service? string       from the credential scope, or guessed from the request's shape
---@field region? string
---@field form? "header"|"query"|"v2"  absent: the request is not signed
---@field malformed? string     why it cannot be checked
---@field access_key_id? string
---@field day? string
---@field amz_date? string
---@field time? number
---@field expires? integer      seconds, of a presigned request
---@field signed_headers? string[]
---@field signature? string
---@field token? string

local TARGETS = { Logs_20140328 = "logs" }
local VERSIONS = {
  ["2010-05-08"] = "iam",
  ["2010-05-15"] = "cloudformation",
  ["2011-06-15"] = "sts",
}

-- An unsigned request is refused in the words of the service it seems to be meant for.
local function guess_service(request)
  local target = request:header "x-amz-target"
  if target then
    return TARGETS[target:match "^[^.]*"] or "logs"
  elseif request.path:match "^/%d%d%d%d%-%d%d%-%d%d/" then
    return "lambda"
  end
  local form = request:header "content-type" or ""
  local version = request:parameter "Version"
  if request.body and form:find("form-urlencoded", 1, true) then
    version = request.body:match "Version=(%d%d%d%d%-%d%d%-%d%d)"
  end
  return VERSIONS[version or ""] or "s3"
end

local function read_scope(claim, scope)
  local key, day, region, service =
    scope:match "^(.+)/(%d%d%d%d%d%d%d%d)/([^/]*)/([^/]*)/aws4_request$"
  if not key then
    claim.malformed = "the credential must be <key>/<date>/<region>/<service>/aws4_request"
    return
  end
  claim.access_key_id, claim.day, claim.region, claim.service = key, day, region, service
end

local function read_signed_headers(claim, text)
  claim.signed_headers = {}
  for name in text:gmatch "[^;]+" do
    table.insert(claim.signed_headers, name:lower())
  end
end

local function read_time(claim, text)
  claim.time = text and clock.parse(text)
  if not claim.time then
    claim.malformed = claim.malformed or "the request has no date that can be read"
    return
  end
  claim.amz_date = clock.amz_date(claim.time)
  if claim.day and claim.amz_date:sub(1, 8) ~= claim.day then
    claim.malformed = "the date of the credential is not the date of the request"
  end
end

local function header_claim(request, authorization)
  local claim = { form = "header" }
  local rest = authorization:match("^" .. ALGORITHM:gsub("%-", "%%-") .. "%s+(.*)$")
  local parts = {}
  for name, value in (rest or ""):gmatch "([%a]+)=([^%s,]+)" do
    parts[name] = value
  end
  if not (parts.Credential and parts.SignedHeaders and parts.Signature) then
    claim.malformed = "the authorization must be " .. ALGORITHM
      .. " with Credential, SignedHeaders and Signature"
    return claim
  end
  read_scope(claim, parts.Credential)
  read_signed_headers(claim, parts.SignedHeaders)
  claim.signature = parts.Signature
  claim.token = request:header "x-amz-security-token"
  read_time(claim, request:header "x-amz-date" or request:header "date")
  return claim
end

local function query_claim(request)
  local claim = { form = "query" }
  local scope = request:parameter "X-Amz-Credential"
  local headers = request:parameter "X-Amz-SignedHeaders"
  claim.signature = request:parameter "X-Amz-Signature"
  claim.expires = math.tointeger(tonumber(request:parameter "X-Amz-Expires" or "900"))
  claim.token = request:parameter "X-Amz-Security-Token"
  local complete = scope and headers and claim.signature
  if request:parameter "X-Amz-Algorithm" ~= ALGORITHM or not complete then
    claim.malformed = "a presigned request has X-Amz-Algorithm=" .. ALGORITHM
      .. ", X-Amz-Credential, X-Amz-SignedHeaders and X-Amz-Signature"
    return claim
  end
  read_scope(claim, scope)
  read_signed_headers(claim, headers)
  read_time(claim, request:parameter "X-Amz-Date")
  if not claim.expires or claim.expires < 1 or claim.expires > LONGEST_PRESIGNED then
    claim.malformed = "X-Amz-Expires must be between 1 and 604800 seconds"
  end
  return claim
end

-- A presigned URL of version 2; its scope is S3, wherever the bucket is.
local function v2_claim(request)
  local expires = math.tointeger(tonumber(request:parameter "Expires"))
  local claim = {
    form = "v2",
    service = "s3",
    access_key_id = request:parameter "AWSAccessKeyId",
    signature = request:parameter "Signature",
    token = request:parameter "x-amz-security-token",
    time = expires,
  }
  if not expires or not claim.signature then
    claim.malformed = "Query-string authentication requires the Signature, Expires and"
      .. " AWSAccessKeyId parameters"
  end
  return claim
end

--- Reads what a request says of itself; nothing is checked yet, and nothing is refused.
---@param request engine.local.Request
---@return engine.local.Claim
function auth.claim(request)
  local authorization = request:header "authorization"
  local claim = {}
  if not uri.parse_query(request.query or "") then
    claim.malformed, request.query = "the query cannot be decoded", nil
  elseif authorization then
    claim = header_claim(request, authorization)
  elseif request:parameter "X-Amz-Algorithm" or request:parameter "X-Amz-Signature" then
    claim = query_claim(request)
  elseif request:parameter "AWSAccessKeyId" then
    claim = v2_claim(request)
  end
  claim.service = claim.service or guess_service(request)
  return claim
end

local function refuse(codes, reason, message, fields)
  local code = codes[reason]
  fault.raise(code[1], message, code[2], fields)
end

local function check_time(codes, claim)
  local now = clock.now()
  if claim.form ~= "header" then
    local last = claim.time + (claim.expires or 0)
    if now > last then
      refuse(codes, "expired", "Request has expired", {
        Expires = clock.iso8601(last),
        ServerTime = clock.iso8601(now),
      })
    elseif claim.form == "query" and claim.time > now + SKEW then
      refuse(codes, "expired", "Request is not yet valid")
    end
  elseif math.abs(now - claim.time) > SKEW then
    refuse(codes, "skewed",
      "The difference between the request time and the current time is too large.", {
        RequestTime = claim.amz_date,
        ServerTime = clock.iso8601(now),
        MaxAllowedSkewMilliseconds = tostring(SKEW * 1000),
      })
  end
end

local function check_token(codes, claim, key)
  if key.session_token then
    if not claim.token or not sigv4.same(claim.token, key.session_token) then
      refuse(codes, "bad_token", "The security token included in the request is invalid")
    elseif clock.now() > key.expires then
      refuse(codes, "expired_token", "The security token included in the request is expired")
    end
  elseif claim.token and claim.token ~= "" then
    refuse(codes, "bad_token", "The security token included in the request is invalid")
  end
end

-- `host` must be signed, and with S3 every x-amz-* header that came.
local function check_signed_headers(codes, request, claim)
  local signed = {}
  for _, name in ipairs(claim.signed_headers) do
    signed[name] = true
  end
  local unsigned = not signed.host and { "host" } or {}
  if request.service == "s3" then
    for _, pair in ipairs(request.headers) do
      local name = pair[1]:lower()
      if name:find("^x%-amz%-") and not signed[name] then
        table.insert(unsigned, name)
      end
    end
  end
  if #unsigned > 0 then
    fault.raise(codes.missing[1], "There were headers present in the request which were not signed",
      403, { HeadersNotSigned = table.concat(unsigned, ", ") })
  end
end

local function body_sha256(request)
  return request.body and digest.sha256(request.body)
    or assert(digest.sha256_file(request.body_file))
end

-- What the signature covers in the body's place.
local function payload_of(request, claim)
  local given = request:header "x-amz-content-sha256"
    or claim.form == "query" and request:parameter "X-Amz-Content-Sha256"
  if given then
    return given
  elseif request.service ~= "s3" then
    return body_sha256(request)
  elseif claim.form == "query" then
    return "UNSIGNED-PAYLOAD"
  end
  fault.raise("InvalidRequest",
    "Missing required header for this request: x-amz-content-sha256")
end

local function check_payload(request, payload, signer, signature)
  if payload == "UNSIGNED-PAYLOAD" then
    return
  elseif payload:find("^STREAMING%-") and request.service == "s3" then
    chunked.decode(request, payload, signer, signature)
  elseif payload:match "^%x+$" and #payload == 64 then
    local computed = body_sha256(request)
    if computed ~= payload:lower() then
      fault.raise("XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.", 400, {
          ClientComputedContentSHA256 = payload,
          S3ComputedContentSHA256 = computed,
        })
    end
  else
    fault.raise("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a streaming form"
      .. " of S3, or a SHA-256 in hexadecimal", 400, { ArgumentName = "x-amz-content-sha256" })
  end
end

-- S3 tells what it computed, so that a client's author can compare.
local function mismatch(codes, request, claim, expected)
  local fields = request.service == "s3" and {
    AWSAccessKeyId = claim.access_key_id,
    StringToSign = expected.string_to_sign,
    SignatureProvided = claim.signature,
    CanonicalRequest = expected.canonical_request,
  } or nil
  refuse(codes, "mismatch", "The request signature we calculated does not match the signature you"
    .. " provided. Check your key and signing method.", fields)
end

local function check_v2(codes, request, claim, key)
  local want = sigv2.expected(request, key.secret_access_key, host_bucket(request))
  if not sigv4.same(want, claim.signature) then
    refuse(codes, "mismatch", "The request signature we calculated does not match the signature you"
      .. " provided. Check your key and signing method.", {
        AWSAccessKeyId = claim.access_key_id,
        SignatureProvided = claim.signature,
      })
  end
end

local function check_signature(codes, request, claim, key)
  local payload = payload_of(request, claim)
  local signer = {
    access_key_id = claim.access_key_id,
    secret_access_key = key.secret_access_key,
    region = claim.region,
    service = claim.service,
    amz_date = claim.amz_date,
  }
  local expected, err = sigv4.expected(signer, {
    method = request.method,
    path = request.path,
    query = request.query,
    headers = request.headers,
    signed_headers = claim.signed_headers,
    payload_sha256 = payload,
    query_form = claim.form == "query",
  })
  if not expected then
    refuse(codes, "malformed", "The request cannot be checked: " .. tostring(err))
  elseif not sigv4.same(expected.signature, claim.signature) then
    mismatch(codes, request, claim, expected)
  end
  check_payload(request, payload, signer, claim.signature)
end

--- Checks the signature, its time, its token and the body it stands for, and returns who signed. A
--- streaming (aws-chunked) body is decoded in the request's place.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param claim engine.local.Claim
---@param protocol string  whose codes to refuse with
---@return engine.local.Identity
function auth.verify(cloud, request, claim, protocol)
  local codes = CODES[protocol]
  if claim.malformed then
    refuse(codes, claim.form == "query" and "malformed_query" or "malformed", claim.malformed)
  elseif not claim.form then
    refuse(codes, "missing", request.service == "s3" and "Access Denied"
      or "Request is missing Authentication Token")
  end
  local key = credentials.find(cloud, claim.access_key_id)
  if not key then
    refuse(codes, "unknown_key", request.service == "s3"
      and "The AWS Access Key Id you provided does not exist in our records."
      or "The security token included in the request is invalid.",
      request.service == "s3" and { AWSAccessKeyId = claim.access_key_id } or nil)
  end
  check_time(codes, claim)
  check_token(codes, claim, key)
  if claim.form == "v2" then
    check_v2(codes, request, claim, key)
  else
    check_signed_headers(codes, request, claim)
    check_signature(codes, request, claim, key)
  end
  return {
    access_key_id = key.access_key_id,
    arn = key.arn,
    user_id = key.user_id,
    account = key.account,
  }
end

return auth
