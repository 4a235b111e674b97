--- Objects and their versions: found, added, deleted, and what the headers of an answer say of one.
local buckets = require "engine.local.services.s3.buckets"
local checksum = require "engine.local.checksum"
local clock = require "host.clock"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"

local objects = {}

local LONGEST_KEY = 1024

--- Refuses what a key may not be.
---@param key string
function objects.check_key(key)
  if #key > LONGEST_KEY then
    fault.raise("KeyTooLongError", "Your key is too long", 400, {
      Size = tostring(#key),
      MaxSizeAllowed = tostring(LONGEST_KEY),
    })
  elseif not utf8.len(key) then
    fault.raise("InvalidURI", "The key is not UTF-8")
  end
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

--- Adds the headers that tell a version's checksums.
---@param version engine.local.services.s3.Version
---@param headers { [1]: string, [2]: string }[]
function objects.add_checksums(version, headers)
  for _, name in ipairs(checksum.NAMES) do
    local value = version.checksums and version.checksums[name]
    if value then
      table.insert(headers, { "x-amz-checksum-" .. name, value })
      table.insert(headers, { "x-amz-checksum-type", version.checksum_type or "FULL_OBJECT" })
    end
  end
end

return objects
