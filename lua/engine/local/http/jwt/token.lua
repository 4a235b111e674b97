--- A JSON web token taken apart (RFC 7519, in the compact form of RFC 7515): nothing of it is believed yet.
---
---     local read, problem = token.read(text)
---     print(read.header.kid, read.claims.sub)
---
--- Whoever asks may send anything for a token, so that its size is bounded and a malformed one is no
--- error but a description, which goes to the client; no description holds a part of the token.
local digest = require "host.digest"
local json = require "host.json"

local token = {}

local MOST_BYTES <const> = 16 * 1024
local SHALLOW <const> = { max_depth = 32 }

---@class engine.local.http.jwt.Token
---@field header table   decoded; its types are as they came
---@field claims table   likewise
---@field signed string  what the signature is of
---@field signature string

local function decode_object(text)
  local bytes = digest.from_base64url(text)
  local value = bytes and json.decode(bytes, SHALLOW)
  return type(value) == "table" and not json.is_array(value) and value or nil
end

--- Takes it apart.
---@param text string
---@return engine.local.http.jwt.Token?
---@return string? problem
function token.read(text)
  if #text > MOST_BYTES then
    return nil, "the token is too long"
  end
  local header, claims, signature = text:match "^([^.]*)%.([^.]*)%.([^.]*)$"
  if not header then
    return nil, "token contains an invalid number of segments"
  end
  local read = {
    header = decode_object(header),
    claims = decode_object(claims),
    signed = header .. "." .. claims,
    signature = digest.from_base64url(signature),
  }
  if not read.header or not read.claims or not read.signature then
    return nil, "the token is malformed"
  end
  return read
end

return token
