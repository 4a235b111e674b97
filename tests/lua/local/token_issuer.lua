--- Who issues JSON web tokens in tests: a key of RSA, made and used by the `openssl` command, and the tokens
--- that it signs.
local digest = require "host.digest"
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"

local token_issuer = {}
token_issuer.__index = token_issuer

local DIGESTS <const> = { RS256 = "-sha256", RS384 = "-sha384", RS512 = "-sha512" }

local function openssl(words)
  local result = assert(process.run {
    "openssl", timeout = 60, error = "discard", stdin = words.stdin, table.unpack(words),
  })
  assert(result.status == 0, "openssl " .. table.concat(words, " "))
  return result.output
end

--- Makes a key.
---@param id? string     default "key-1"
---@param bits? integer  default 2048
function token_issuer.new(id, bits)
  local folder = assert(file.temporary_folder())
  local path = folder .. "/key.pem"
  openssl {
    "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:" .. (bits or 2048), "-out", path,
  }
  local modulus = openssl { "rsa", "-in", path, "-noout", "-modulus" }
  return setmetatable({
    folder = folder,
    path = path,
    id = id or "key-1",
    modulus = assert(digest.from_hex(modulus:match "^Modulus=(%x+)")),
  }, token_issuer)
end

--- The public key as a JSON web key.
---@param more? table  what is said otherwise; false leaves out
function token_issuer:key(more)
  return token_issuer.with({
    kty = "RSA", kid = self.id, use = "sig", alg = "RS256", e = "AQAB",
    n = digest.to_base64url(self.modulus),
  }, more)
end

--- A copy of a table with some fields changed; false leaves out.
function token_issuer.with(fields, more)
  local changed = {}
  for name, value in pairs(fields) do
    changed[name] = value
  end
  for name, value in pairs(more or {}) do
    changed[name] = value or nil
  end
  return changed
end

--- A part of a token: a table as JSON, a text as it is.
function token_issuer.part(value)
  return digest.to_base64url(type(value) == "string" and value or assert(json.encode(value)))
end

--- A token.
---@param header table|string
---@param claims table|string
---@param algorithm? string  that it is signed by; default RS256
function token_issuer:sign(header, claims, algorithm)
  local signed = token_issuer.part(header) .. "." .. token_issuer.part(claims)
  local signature = openssl {
    "dgst", DIGESTS[algorithm or "RS256"], "-sign", self.path, stdin = signed,
  }
  return signed .. "." .. digest.to_base64url(signature)
end

function token_issuer:close()
  file.remove_tree(self.folder)
end

token_issuer.__close = token_issuer.close

return token_issuer
