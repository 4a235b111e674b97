--- S3's actions that tell of an object.
local buckets = require "engine.local.services.s3.buckets"
local clock = require "host.clock"
local conditions = require "engine.local.services.s3.conditions"
local fault = require "engine.local.fault"
local objects = require "engine.local.services.s3.objects"

local actions = {}

-- Query parameters of a GET that put a header in the stored one's place.
local OVERRIDES = {
  ["response-cache-control"] = "cache-control",
  ["response-content-disposition"] = "content-disposition",
  ["response-content-encoding"] = "content-encoding",
  ["response-content-language"] = "content-language",
  ["response-content-type"] = "content-type",
  ["response-expires"] = "expires",
}

local function described_headers(request, bucket, version)
  local headers = objects.made_headers(bucket, version)
  table.insert(headers, { "Last-Modified", clock.http_date(version.modified) })
  table.insert(headers, { "Accept-Ranges", "bytes" })
  local values = {}
  for name, value in pairs(version.headers) do
    values[name] = value
  end
  for parameter, name in pairs(OVERRIDES) do
    values[name] = request:parameter(parameter) or values[name]
  end
  for name, value in pairs(version.metadata) do
    values["x-amz-meta-" .. name] = value
  end
  for name, value in pairs(values) do
    table.insert(headers, { name, value })
  end
  if version.tags then
    table.insert(headers, { "x-amz-tagging-count", tostring(#version.tags) })
  end
  return headers
end

-- The bytes of one part, of an object that came in parts.
local function part_range(version, text)
  local number = math.tointeger(tonumber(text))
  local sizes = version.parts or { version.size }
  if not number or number < 1 or number > 10000 then
    fault.raise("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
  elseif number > #sizes then
    fault.raise("InvalidPartNumber", "The requested partnumber is not satisfiable", 416)
  end
  local first = 0
  for i = 1, number - 1 do
    first = first + sizes[i]
  end
  return { first = first, length = sizes[number] }
end

local function wanted_range(request, version)
  local part = request:parameter "partNumber"
  if part then
    return part_range(version, part)
  end
  return conditions.range(request, version)
end

local function get_or_head(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local version, index = objects.find(cloud, bucket, params.key, request:parameter "versionId")
  conditions.check_get(request, version)
  local range = wanted_range(request, version)
  local headers = described_headers(request, bucket, version)
  local answer = { status = 200, headers = headers }
  local body = { path = index:body_path(version), offset = 0, length = version.size }
  if range then
    answer.status = 206
    body.offset, body.length = range.first, range.length
    table.insert(headers, { "Content-Range", ("bytes %d-%d/%d"):format(range.first,
      range.first + range.length - 1, version.size) })
  end
  if (request:header "x-amz-checksum-mode" or ""):upper() == "ENABLED" and not range then
    objects.add_checksums(version, headers)
  end
  if version.parts and request:parameter "partNumber" then
    table.insert(headers, { "x-amz-mp-parts-count", tostring(#version.parts) })
  end
  answer.body_file = body.length > 0 and body or nil
  return answer
end

actions.GetObject = get_or_head
actions.HeadObject = get_or_head

-- What GetObjectAttributes can be asked for → what is known of it.
local ATTRIBUTES = {
  ETag = function(version)
    return version.etag
  end,
  ObjectSize = function(version)
    return version.size
  end,
  StorageClass = function(version)
    return version.headers["x-amz-storage-class"] or "STANDARD"
  end,
  Checksum = function(version)
    local shape = { ChecksumType = version.checksum_type or "FULL_OBJECT" }
    for name, value in pairs(version.checksums) do
      shape["Checksum" .. name:upper()] = value:gsub("%-%d+$", "")
    end
    return shape
  end,
  ObjectParts = function(version)
    return version.parts and { TotalPartsCount = #version.parts, PartsCount = #version.parts }
  end,
}

function actions.GetObjectAttributes(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local version = objects.find(cloud, bucket, params.key, request:parameter "versionId")
  local result = {}
  for name in (request:header "x-amz-object-attributes" or ""):gmatch "%w+" do
    local read = ATTRIBUTES[name]
    if not read then
      fault.raise("InvalidArgument", "Invalid attribute name specified.")
    end
    result[name] = read(version)
  end
  if next(result) == nil then
    fault.raise("InvalidArgument", "Missing the header x-amz-object-attributes")
  end
  local answer = buckets.document("GetObjectAttributesResponse", result)
  table.insert(answer.headers, { "Last-Modified", clock.http_date(version.modified) })
  if bucket.versioning then
    table.insert(answer.headers, { "x-amz-version-id", version.id })
  end
  return answer
end

function actions.GetObjectAcl(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  objects.find(cloud, bucket, params.key, request:parameter "versionId")
  return buckets.acl(request)
end

return actions
