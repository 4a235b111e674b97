--- S3's actions that make and delete objects.
local buckets = require "engine.local.services.s3.buckets"
local checksum = require "engine.local.checksum"
local clock = require "host.clock"
local conditions = require "engine.local.services.s3.conditions"
local description = require "engine.local.services.s3.description"
local fault = require "engine.local.fault"
local file = require "host.file"
local find_source = require("engine.local.services.s3.copy_source").find
local json = require "host.json"
local markup = require "engine.local.markup"
local objects = require "engine.local.services.s3.objects"

local actions = {}

function actions.PutObject(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  objects.check_key(params.key)
  local index = buckets.index(cloud, bucket.name)
  conditions.check_put(request, index:latest(params.key))
  local version = description.read(request)
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
  objects.add_checksums(version, headers)
  return { headers = headers }
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
  objects.check_key(params.key)
  local source, path, source_bucket = find_source(request, cloud)
  check_copy_changes(request, source, source_bucket, params)
  local said = description.read(request)
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

return actions
