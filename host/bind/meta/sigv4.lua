---@meta host.sigv4

--- AWS Signature Version 4. Pure: reads no clock, no file, no environment.
---
--- A request is what goes on the wire: `path` percent-encoded once as on the request line (without the
--- query), `query` as on the request line, headers as a list of { name, value } in wire order (or a
--- map). For every service but s3 the canonical path is normalised and encoded again (`double_encode`).
---@class host.sigv4.Signer
---@field access_key_id string
---@field secret_access_key string
---@field session_token? string
---@field region string
---@field service string          "s3", "cloudformation", …
---@field amz_date string         20150830T123600Z

---@class host.sigv4.Request
---@field method string
---@field path string             "/": wire form
---@field query? string           wire form, without "?": a pair stands between two &, a raw + is itself
---@field headers table           { { "Host", "…" }, … } or { Host = "…" }
---@field body? string            hashed when payload_sha256 is absent
---@field payload_sha256? string  lower-case hex, "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", …
---@field normalize? boolean      collapse . and .. and //; default true, and false for s3
---@field double_encode? boolean  default true, and false for s3
---@field signed_headers? string[]  only these names are signed (a verifier's need); default:
---  all but those meant for the next hop (Connection, Expect, TE, …), User-Agent and X-Amzn-Trace-Id
---@field sign_body? boolean      add x-amz-content-sha256 (default: service is s3)
---@field omit_session_token? boolean  the token is added after signing, unsigned
---@field expires? integer        presign only: seconds, 1 to 604,800; default 900
---@field query_form? boolean     expected only: the request is a presigned one

local sigv4 = {}

--- Signs by header. `headers` is the complete list to send: the given ones and X-Amz-Date,
--- X-Amz-Security-Token, X-Amz-Content-Sha256, Authorization as they apply; these replace given ones of
--- the same names. A Host must be given.
---@param signer host.sigv4.Signer
---@param request host.sigv4.Request
---@return { headers: table, authorization: string, signature: string, signed_headers: string, canonical_request: string, string_to_sign: string } signed
---  or nil and an error
---@return table? err
function sigv4.sign(signer, request) end

--- Signs by query. `query` is the complete query of the presigned URL, which makes it a secret. The
--- payload is UNSIGNED-PAYLOAD for s3 and the body's hash for others.
---@return { query: string, signature: string, canonical_request: string, string_to_sign: string } presigned
---@return table? err
function sigv4.presign(signer, request) end

--- The signature that a request *should* have, for a verifier: nothing is added to the request, the
--- headers in `signed_headers` are taken as they came, `payload_sha256` is required. With
--- `query_form = true` the request is a presigned one: X-Amz-Signature is left out of the canonical query.
---@return { signature: string, canonical_request: string, string_to_sign: string } expected
---@return table? err
function sigv4.expected(signer, request) end

--- The signature of one chunk of a streaming (aws-chunked) payload.
---@param signer host.sigv4.Signer
---@param previous string   the signature before it: the seed's, then each chunk's
---@param chunk_sha256 string
---@return string signature
function sigv4.chunk_signature(signer, previous, chunk_sha256) end

--- The signature of the trailing headers of a streaming payload.
---@param trailers_sha256 string  of "name:value\n" lines
---@return string signature
function sigv4.trailer_signature(signer, previous, trailers_sha256) end

--- Compares in constant time.
---@return boolean
function sigv4.same(a, b) end

return sigv4
