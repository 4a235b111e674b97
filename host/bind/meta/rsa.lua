---@meta host.rsa

--- Whether a key of RSA has signed something: RSASSA-PKCS1-v1_5 with SHA-2, which JSON web tokens call
--- RS256, RS384 and RS512 (RFC 7518).
local rsa = {}

---@class host.rsa.Claim
---@field hash "sha256"|"sha384"|"sha512"
---@field modulus string    of the public key: `n` of a JSON web key, its bytes
---@field exponent string   `e`, likewise
---@field bytes string      what is said to be signed
---@field signature string

--- Asks whether the key signed the bytes.
---
---     local rsa = require "host.rsa"
---     local is_signed = assert(rsa.verify {
---       hash = "sha256",
---       modulus = digest.from_base64url(key.n),
---       exponent = digest.from_base64url(key.e),
---       bytes = header .. "." .. payload,
---       signature = digest.from_base64url(signature),
---     })
---@param claim host.rsa.Claim
---@return boolean? is_valid  or nil and an error of kind "input" for a key that cannot be used: one of
---  less than 2048 bits or more than 8192, and numbers that are no key's
---@return table? err
function rsa.verify(claim) end

return rsa
