--- What the headers of a request that makes an object say of it.
local fault = require "engine.local.fault"
local json = require "host.json"
local tags = require "engine.local.services.s3.tags"

local description = {}

local MOST_METADATA = 2048

local STORED_HEADERS = {
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-storage-class",
  "x-amz-website-redirect-location",
}

-- What aws-chunked did to the body on its way is no property of the object.
local function without_chunking(encoding)
  local kept = {}
  for part in encoding:gmatch "[^,%s]+" do
    if part:lower() ~= "aws-chunked" then
      table.insert(kept, part)
    end
  end
  return #kept > 0 and table.concat(kept, ",") or nil
end

local function stored_headers(request)
  local headers = json.object {}
  for _, name in ipairs(STORED_HEADERS) do
    headers[name] = request:header(name)
  end
  if headers["content-encoding"] then
    headers["content-encoding"] = without_chunking(headers["content-encoding"])
  end
  headers["content-type"] = headers["content-type"] or "binary/octet-stream"
  return headers
end

local function stored_metadata(request)
  local metadata, size = json.object {}, 0
  for _, pair in ipairs(request.headers) do
    local name = pair[1]:lower():match "^x%-amz%-meta%-(.+)$"
    if name then
      if not utf8.len(pair[2]) then
        fault.raise("InvalidArgument", "The metadata value of " .. name .. " is not UTF-8")
      end
      metadata[name] = metadata[name] and metadata[name] .. "," .. pair[2] or pair[2]
      size = size + #name + #pair[2]
    end
  end
  if size > MOST_METADATA then
    fault.raise("MetadataTooLarge",
      "Your metadata headers exceed the maximum allowed metadata size", 400, {
        Size = tostring(size),
        MaxSizeAllowed = tostring(MOST_METADATA),
      })
  end
  return metadata
end

--- What the headers of a request that makes an object say of it.
---@return { headers: table, metadata: table, tags?: table }
function description.read(request)
  return {
    headers = stored_headers(request),
    metadata = stored_metadata(request),
    tags = tags.of_header(request),
  }
end

return description
