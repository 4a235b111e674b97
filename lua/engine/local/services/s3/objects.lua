--- Objects: put, get, head, copied, tagged, deleted, with S3's versions and conditions.
local buckets = require "engine.local.services.s3.buckets"
local checksum = require "engine.local.checksum"
local clock = require "host.clock"
local conditions = require "engine.local.services.s3.conditions"
local fault = require "engine.local.fault"
local file = require "host.file"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local markup = require "engine.local.markup"
local uri = require "host.uri"

local objects = { actions = {} }
local actions = objects.actions

local LONGEST_KEY = 1024
local MOST_METADATA = 2048
local MOST_TAGS = 10

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

-- Query parameters of a GET that put a header in the stored one's place.
local OVERRIDES = {
  ["response-cache-control"] = "cache-control",
  ["response-content-disposition"] = "content-disposition",
  ["response-content-encoding"] = "content-encoding",
  ["response-content-language"] = "content-language",
  ["response-content-type"] = "content-type",
  ["response-expires"] = "expires",
}

local function check_key(key)
  if #key > LONGEST_KEY then
    fault.raise("KeyTooLongError", "Your key is too long", 400, {
      Size = tostring(#key),
      MaxSizeAllowed = tostring(LONGEST_KEY),
    })
  elseif not utf8.len(key) then
    fault.raise("InvalidURI", "The key is not UTF-8")
  end
end

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

local function check_tags(tags)
  local seen = {}
  for _, tag in ipairs(tags) do
    if #tag.Key == 0 or #tag.Key > 128 or #tag.Value > 256 or seen[tag.Key] then
      fault.raise("InvalidTag", "The tag '" .. tag.Key .. "' is empty, too long, or there twice")
    end
    seen[tag.Key] = true
  end
  if #tags > MOST_TAGS then
    fault.raise("BadRequest", "Object tags cannot be greater than 10")
  end
  return #tags > 0 and tags or nil
end

local function header_tags(request)
  local text = request:header "x-amz-tagging"
  if not text then
    return nil
  end
  local list = uri.parse_query((text:gsub("%+", "%%20")))
  if not list then
    fault.raise("InvalidArgument", "The header 'x-amz-tagging' is not URL-encoded")
  end
  local tags = {}
  for _, pair in ipairs(list) do
    table.insert(tags, { Key = pair[1], Value = pair[2] })
  end
  return check_tags(tags)
end

--- What the headers of a request that makes an object say of it.
---@return { headers: table, metadata: table, tags?: table }
function objects.description(request)
  return {
    headers = stored_headers(request),
    metadata = stored_metadata(request),
    tags = header_tags(request),
  }
end

--- Adds a new version whose body is in place, as the bucket's versioning has it.
---@param bucket engine.local.services.s3.Bucket
---@param version engine.local.services.s3.Version  without id and modified
---@return engine.local.services.s3.Version
function objects.add(cloud, bucket, version)
  version.id = bucket.versioning == "Enabled" and identifier.token(32) or "null"
  version.modified = clock.now()
  buckets.index(cloud, bucket.name):put(version)
  return version
end

local function checksum_headers(version, headers)
  for _, name in ipairs(checksum.NAMES) do
    local value = version.checksums and version.checksums[name]
    if value then
      table.insert(headers, { "x-amz-checksum-" .. name, value })
      table.insert(headers, { "x-amz-checksum-type", version.checksum_type or "FULL_OBJECT" })
    end
  end
end

--- The headers that tell of a version that was just made.
---@return { [1]: string, [2]: string }[]
function objects.made_headers(bucket, version)
  local headers = { { "x-amz-server-side-encryption", "AES256" } }
  if version.etag then
    table.insert(headers, { "ETag", '"' .. version.etag .. '"' })
  end
  if bucket.versioning then
    table.insert(headers, { "x-amz-version-id", version.id })
  end
  return headers
end

--- Refuses what a key may not be.
objects.check_key = check_key

function actions.PutObject(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  check_key(params.key)
  local index = buckets.index(cloud, bucket.name)
  conditions.check_put(request, index:latest(params.key))
  local version = objects.description(request)
  local md5, declared = checksum.verify(request)
  version.key, version.etag, version.size = params.key, md5, request:size()
  version.checksums = declared
  if next(declared) == nil then
    declared.crc64nvme = checksum.of("crc64nvme", request) -- as S3 does of its own accord
  end
  local path
  version.body, path = index:new_body()
  request:move_body(path)
  objects.add(cloud, bucket, version)
  local headers = objects.made_headers(bucket, version)
  checksum_headers(version, headers)
  return { headers = headers }
end

local function no_such_key(key)
  fault.raise("NoSuchKey", "The specified key does not exist.", 404, { Key = key })
end

local function find_version(index, key, id)
  if not id then
    local latest = index:latest(key)
    if latest and latest.marker then
      fault.raise("NoSuchKey", "The specified key does not exist.", 404, { Key = key }, {
        ["x-amz-delete-marker"] = "true",
        ["x-amz-version-id"] = latest.id,
      })
    end
    return latest or no_such_key(key)
  end
  local version = index:find(key, id)
  if not version then
    fault.raise("NoSuchVersion", "The specified version does not exist.", 404, {
      Key = key,
      VersionId = id,
    })
  elseif version.marker then
    fault.raise("MethodNotAllowed", "The specified method is not allowed against this resource.",
      405, { Method = "GET", ResourceType = "DeleteMarker" }, {
        ["x-amz-delete-marker"] = "true",
        ["x-amz-version-id"] = id,
        ["Allow"] = "DELETE",
      })
  end
  return version
end

--- The version of an object that a request means, or S3's refusal.
---@param bucket engine.local.services.s3.Bucket
---@param key string
---@param id? string  a version id; default: the latest
---@return engine.local.services.s3.Version
---@return engine.local.services.s3.Index
function objects.find(cloud, bucket, key, id)
  local index = buckets.index(cloud, bucket.name)
  return find_version(index, key, id), index
end

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
    checksum_headers(version, headers)
  end
  if version.parts and request:parameter "partNumber" then
    table.insert(headers, { "x-amz-mp-parts-count", tostring(#version.parts) })
  end
  answer.body_file = body.length > 0 and body or nil
  return answer
end

actions.GetObject = get_or_head
actions.HeadObject = get_or_head

-- Where CopyObject and UploadPartCopy take from: "/bucket/key?versionId=…", encoded.
local function copy_source(request)
  local text = request:header "x-amz-copy-source"
  local path, id = text:match "^(.-)%?versionId=(.+)$"
  local decoded = uri.decode(((path or text):gsub("^/", "")), true)
  local bucket, key = (decoded or ""):match "^([^/]+)/(.+)$"
  if not bucket then
    fault.raise("InvalidArgument", "Copy Source must mention the source bucket and key:"
      .. " sourcebucket/sourcekey")
  end
  return bucket, key, id
end

--- The object that x-amz-copy-source names, its conditions checked.
---@return engine.local.services.s3.Version
---@return string path
---@return engine.local.services.s3.Bucket
function objects.find_source(request, cloud)
  local name, key, id = copy_source(request)
  local bucket = buckets.find(cloud, name)
  local version, index = objects.find(cloud, bucket, key, id)
  conditions.check_copy(request, version)
  return version, index:body_path(version), bucket
end

local function check_copy_changes(request, source, source_bucket, params)
  local same = source.key == params.key and source_bucket.name == params.bucket
  if same and not source_bucket.versioning
    and (request:header "x-amz-metadata-directive" or "COPY") == "COPY"
    and not request:header "x-amz-storage-class"
    and not request:header "x-amz-website-redirect-location" then
    fault.raise("InvalidRequest", "This copy request is illegal because it is trying to copy an"
      .. " object to itself without changing the object's metadata, storage class, website redirect"
      .. " location or encryption attributes.")
  end
end

function actions.CopyObject(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  check_key(params.key)
  local source, path, source_bucket = objects.find_source(request, cloud)
  check_copy_changes(request, source, source_bucket, params)
  local said = objects.description(request)
  local replace = request:header "x-amz-metadata-directive" == "REPLACE"
  local retag = request:header "x-amz-tagging-directive" == "REPLACE"
  local name, to = buckets.index(cloud, bucket.name):new_body()
  assert(file.copy(path, to))
  local version = objects.add(cloud, bucket, {
    key = params.key,
    body = name,
    size = source.size,
    etag = source.parts and checksum.md5 { body_file = to } or source.etag,
    headers = replace and said.headers or source.headers,
    metadata = replace and said.metadata or source.metadata,
    tags = retag and said.tags or not retag and source.tags or nil,
    checksums = not source.parts and source.checksums
      or json.object { crc64nvme = checksum.of("crc64nvme", { body_file = to }) },
  })
  local answer = buckets.document("CopyObjectResult", {
    ETag = '"' .. version.etag .. '"',
    LastModified = clock.iso8601(version.modified, true),
  })
  for _, header in ipairs(objects.made_headers(bucket, version)) do
    table.insert(answer.headers, header)
  end
  if source_bucket.versioning then
    table.insert(answer.headers, { "x-amz-copy-source-version-id", source.id })
  end
  return answer
end

--- Deletes as S3 does: a version for good, or by a marker where the bucket has versions.
---@param id? string
---@return { version_id?: string, marker?: boolean } deleted
function objects.delete(cloud, bucket, key, id)
  local index = buckets.index(cloud, bucket.name)
  if id then
    local gone = index:drop(key, id)
    return { version_id = id, marker = gone and gone.marker }
  elseif not bucket.versioning then
    index:drop(key, "null")
    return {}
  end
  local marker = objects.add(cloud, bucket, { key = key, marker = true })
  return { version_id = marker.id, marker = true }
end

function actions.DeleteObject(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local id = request:parameter "versionId"
  conditions.check_delete(request, buckets.index(cloud, bucket.name):latest(params.key))
  local deleted = objects.delete(cloud, bucket, params.key, id)
  local headers = {}
  if deleted.version_id then
    table.insert(headers, { "x-amz-version-id", deleted.version_id })
  end
  if deleted.marker then
    table.insert(headers, { "x-amz-delete-marker", "true" })
  end
  return { status = 204, headers = headers }
end

local function check_delete_list(request)
  local declared = request:header "content-md5"
  for _, name in ipairs(checksum.NAMES) do
    local header = "x-amz-checksum-" .. name
    declared = declared or request:header(header) or request.trailers and request.trailers[header]
  end
  if not declared then
    fault.raise("InvalidRequest", "Missing required header for this request: Content-MD5")
  end
  checksum.verify(request)
end

function actions.DeleteObjects(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  check_delete_list(request)
  local root = buckets.read_xml(request, "Delete")
  local quiet = (buckets.child(root, "Quiet") or ""):lower() == "true"
  local done, count = {}, 0
  for _, item in ipairs(root) do
    local key, id = buckets.child(item, "Key"), buckets.child(item, "VersionId")
    if item.name == "Object" then
      count = count + 1
      if not key or key == "" or count > 1000 then
        fault.raise("MalformedXML", "The XML must name 1 to 1000 objects, each with a key")
      end
      local deleted = objects.delete(cloud, bucket, key, id)
      table.insert(done, {
        Key = key,
        VersionId = id,
        DeleteMarker = deleted.marker,
        DeleteMarkerVersionId = deleted.marker and deleted.version_id or nil,
      })
    end
  end
  return buckets.document("DeleteResult", not quiet and { Deleted = markup.flat(done) } or "")
end

function actions.GetObjectTagging(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local version = objects.find(cloud, bucket, params.key, request:parameter "versionId")
  return buckets.document("Tagging", { TagSet = { Tag = markup.flat(version.tags or {}) } })
end

local function retag(request, params, cloud, tags)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local version, index = objects.find(cloud, bucket, params.key, request:parameter "versionId")
  version.tags = tags
  index:rewrite(params.key)
  local headers = bucket.versioning and { { "x-amz-version-id", version.id } } or {}
  return { headers = headers }
end

function actions.PutObjectTagging(request, params, cloud)
  local tags = {}
  for _, set in ipairs(buckets.read_xml(request, "Tagging")) do
    for _, tag in ipairs(set) do
      table.insert(tags, {
        Key = buckets.child(tag, "Key") or "",
        Value = buckets.child(tag, "Value") or "",
      })
    end
  end
  return retag(request, params, cloud, check_tags(tags))
end

function actions.DeleteObjectTagging(request, params, cloud)
  local answer = retag(request, params, cloud, nil)
  answer.status = 204
  return answer
end

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

return objects
