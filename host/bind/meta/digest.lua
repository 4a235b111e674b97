---@meta host.digest

--- Hashes, checksums, base64, hex, and random bytes. Text in, text out; NUL is data.
local digest = {}

---@param bytes string
---@return string hex  64 lower-case digits
function digest.sha256(bytes) end

--- SHA-256 of a file, read in pieces.
---@param path string
---@return string hex  or nil and an error
---@return table? err
function digest.sha256_file(path) end

---@return string raw  32 bytes
function digest.hmac_sha256(key, bytes) end

---@return string hex  40 digits
function digest.sha1(bytes) end

---@return string hex
---@return table? err
function digest.sha1_file(path) end

---@return string hex  32 digits: what S3 calls an ETag
function digest.md5(bytes) end

---@return string hex
---@return table? err
function digest.md5_file(path) end

--- CRC-32 (zip, x-amz-checksum-crc32) and CRC-32C (x-amz-checksum-crc32c) as unsigned integers. For
--- bytes in pieces: `before` is the checksum of those that came before.
---@param bytes string
---@param before? integer  default 0
---@return integer
function digest.crc32(bytes, before) end
---@return integer
function digest.crc32c(bytes, before) end

--- CRC-64/NVME (x-amz-checksum-crc64nvme), as the 64 bits of an integer: negative when the first is set.
---@return integer
function digest.crc64nvme(bytes, before) end

---@return string
function digest.to_hex(bytes) end
--- Digits of either case.
---@return string bytes  or nil and an error
---@return table? err
function digest.from_hex(text) end
---@return string
function digest.to_base64(bytes) end
--- Strict: RFC 4648 with its padding.
---@return string bytes  or nil and an error
---@return table? err
function digest.from_base64(text) end
--- With "-" and "_" for "+" and "/", and without padding: RFC 4648, 5, as JSON web tokens have it.
---@return string
function digest.to_base64url(bytes) end
---@return string bytes  or nil and an error
---@return table? err
function digest.from_base64url(text) end

--- Whether two texts are the same. How long it takes depends on their lengths alone, and tells nobody
--- how much of a guess was right: for signatures, tokens and passwords.
---@param a string
---@param b string
---@return boolean
function digest.equal(a, b) end

--- Bytes from the operating system's generator.
---@param count integer  1 to 65,536
---@return string
function digest.random(count) end

--- Random bytes as twice as many hexadecimal digits.
---@param count integer  of bytes, 1 to 64
---@return string hex
---@return table? err
function digest.random_hex(count) end

--- A random UUID, of version 4: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed".
---@return string uuid
---@return table? err
function digest.uuid() end

return digest
