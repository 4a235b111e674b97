--- Signature Version 2 of presigned S3 URLs: what boto3 makes when nobody asks for version 4. Only this
--- form of it is taken; everything else is version 4.
local digest = require "host.digest"

local sigv2 = {}

local BLOCK = 64 -- of SHA-1

-- The parameters that are part of the signed resource; the rest is not signed.
local SIGNED = {}
for word in ([[ acl delete lifecycle location logging notification partNumber policy requestPayment
  response-cache-control response-content-disposition response-content-encoding
  response-content-language response-content-type response-expires tagging torrent uploadId uploads
  versionId versioning versions website ]]):gmatch "%S+" do
  SIGNED[word] = true
end

local function sha1(bytes)
  return assert(digest.from_hex(digest.sha1(bytes)))
end

local function hmac_sha1(key, text)
  if #key > BLOCK then
    key = sha1(key)
  end
  key = key .. ("\0"):rep(BLOCK - #key)
  local function pad(byte)
    return (key:gsub(".", function(character)
      return string.char(character:byte() ~ byte)
    end))
  end
  return sha1(pad(0x5c) .. sha1(pad(0x36) .. text))
end

local function amz_headers(request)
  local names, values = {}, {}
  for _, pair in ipairs(request.headers) do
    local name = pair[1]:lower()
    if name:find "^x%-amz%-" and not values[name] then
      values[name] = request:header(name)
      table.insert(names, name)
    end
  end
  table.sort(names)
  local lines = {}
  for i, name in ipairs(names) do
    lines[i] = name .. ":" .. values[name] .. "\n"
  end
  return table.concat(lines)
end

local function resource(request, bucket_of_host)
  local path = bucket_of_host and "/" .. bucket_of_host .. request.path or request.path
  local parts = {}
  for _, pair in ipairs(request:query_list()) do
    if SIGNED[pair[1]] then
      table.insert(parts, pair[2] ~= "" and pair[1] .. "=" .. pair[2] or pair[1])
    end
  end
  table.sort(parts)
  return #parts > 0 and path .. "?" .. table.concat(parts, "&") or path
end

--- The signature that a presigned request should have.
---@param request engine.local.Request
---@param secret string
---@param bucket_of_host? string  the bucket that the Host header names
---@return string signature  in base64
function sigv2.expected(request, secret, bucket_of_host)
  local text = table.concat({
    request.method,
    request:header "content-md5" or "",
    request:header "content-type" or "",
    request:parameter "Expires",
    amz_headers(request) .. resource(request, bucket_of_host),
  }, "\n")
  return digest.to_base64(hmac_sha1(secret, text))
end

return sigv2
