--- Whether a JSON web token is signed by its issuer (RFC 7515). RSA alone is taken.
local keys = require "engine.local.http.jwt.keys"
local log = require "host.log"
local rsa = require "host.rsa"

local signature = {}

local HASHES <const> = { RS256 = "sha256", RS384 = "sha384", RS512 = "sha512" }

-- What is wrong with a token's header; nil when nothing is. An extension that has to be understood
-- is not (RFC 7515, 4.1.11).
local function header_problem(header)
  if not HASHES[header.alg] then
    return "the token is not signed by RS256, RS384 or RS512"
  elseif type(header.kid) ~= "string" then
    return "the token does not name its key"
  elseif header.crit ~= nil then
    return "the token has an extension that is not known"
  end
end

local function bytes_problem(read, key, issuer)
  if key.algorithm ~= nil and key.algorithm ~= read.header.alg then
    return "the token's key is for another algorithm"
  end
  local is_valid, err = rsa.verify {
    hash = HASHES[read.header.alg],
    modulus = key.modulus,
    exponent = key.exponent,
    bytes = read.signed,
    signature = read.signature,
  }
  if err then
    log.warn("tokens cannot be checked: a key of their issuer is not taken", {
      issuer = keys.shown(issuer), because = tostring(err),
    })
    return "the token's key cannot be used"
  end
  return not is_valid and "the token's signature is invalid" or nil
end

--- What is wrong with a token's signature; nil when nothing is. Only for tasks: the issuer may have to
--- be asked for its keys.
---@param cloud engine.local.Cloud
---@param read engine.local.http.jwt.Token
---@param source engine.local.http.jwt.Source  of the issuer that has to have signed it
---@return string? problem
---@return boolean? is_unreachable  the keys cannot be had, and the token may be good
function signature.problem(cloud, read, source)
  local problem = header_problem(read.header)
  if problem then
    return problem
  end
  local key, obstacle = keys.find(cloud, source, read.header.kid)
  if obstacle == "unreachable" then
    return "the keys of the token's issuer cannot be had", true
  end
  if not key then
    return "the token's key is not known"
  end
  return bytes_problem(read, key, source.issuer)
end

return signature
