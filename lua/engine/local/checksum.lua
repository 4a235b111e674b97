--- The checksums that S3's clients declare: computed over a body wherever it is, and compared.
local digest = require "host.digest"
local fault = require "engine.local.fault"

local checksum = {}

local BLOCK = 1024 * 1024

local function over_blocks(body, step)
  if body.body then
    return step(body.body, 0)
  end
  local source <close> = assert(io.open(body.body_file, "rb"))
  local value = 0
  for block in source:lines(BLOCK) do
    value = step(block, value)
  end
  return value
end

local function hashed(body, of_text, of_file)
  local hex = body.body and of_text(body.body) or assert(of_file(body.body_file))
  return assert(digest.from_hex(hex))
end

-- By the name in "x-amz-checksum-<name>": the raw bytes of the checksum.
local ALGORITHMS = {
  crc32 = function(body)
    return (">I4"):pack(over_blocks(body, digest.crc32))
  end,
  crc32c = function(body)
    return (">I4"):pack(over_blocks(body, digest.crc32c))
  end,
  crc64nvme = function(body)
    return (">i8"):pack(over_blocks(body, digest.crc64nvme))
  end,
  sha1 = function(body)
    return hashed(body, digest.sha1, digest.sha1_file)
  end,
  sha256 = function(body)
    return hashed(body, digest.sha256, digest.sha256_file)
  end,
}

--- The algorithms' names in the order in which they are looked for.
checksum.NAMES = { "crc32", "crc32c", "crc64nvme", "sha1", "sha256" }

--- A checksum of a body, in base64.
---@param name string  "crc32"
---@param body { body?: string, body_file?: string }
---@return string
function checksum.of(name, body)
  return digest.to_base64(ALGORITHMS[name](body))
end

--- The MD5 of a body, in hexadecimal: an ETag without its quotes.
---@param body { body?: string, body_file?: string }
---@return string
function checksum.md5(body)
  return body.body and digest.md5(body.body) or assert(digest.md5_file(body.body_file))
end

local function check_md5(request, md5)
  local declared = request:header "content-md5"
  if not declared then
    return
  end
  local raw = digest.from_base64(declared)
  if not raw or #raw ~= 16 then
    fault.raise("InvalidDigest", "The Content-MD5 you specified is not valid.")
  elseif digest.to_hex(raw) ~= md5 then
    fault.raise("BadDigest", "The Content-MD5 you specified did not match what we received.", 400, {
      ExpectedDigest = declared,
      CalculatedDigest = digest.to_base64(assert(digest.from_hex(md5))),
    })
  end
end

--- Checks a request's body against everything that its headers and trailers declare.
---@param request engine.local.Request
---@return string md5                      in hexadecimal
---@return table<string, string> declared  checksum by algorithm name, in base64
function checksum.verify(request)
  local md5 = checksum.md5(request)
  check_md5(request, md5)
  local declared = {}
  for _, name in ipairs(checksum.NAMES) do
    local header = "x-amz-checksum-" .. name
    local value = request:header(header) or request.trailers and request.trailers[header]
    if value then
      if checksum.of(name, request) ~= value then
        fault.raise("BadDigest",
          ("The %s you specified did not match the calculated checksum."):format(name:upper()))
      end
      declared[name] = value
    end
  end
  return md5, declared
end

return checksum
