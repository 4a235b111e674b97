--- An object of the local S3, as the file it is kept in: for services that are told a bucket and key.
local buckets = require "engine.local.services.s3.buckets"
local file = require "host.file"
local objects = require "engine.local.services.s3.objects"

local stored_object = {}

--- Finds an object, or raises S3's fault.
---@param cloud engine.local.Cloud
---@param where { bucket: string, key: string, version?: string, region?: string }
---@return string path
---@return { size: integer, id: string } version
function stored_object.locate(cloud, where)
  local bucket = buckets.find(cloud, where.bucket, where.region)
  local version, index = objects.find(cloud, bucket, where.key, where.version)
  return index:body_path(version), version
end

--- An object's bytes.
---@param max_bytes integer
---@return string
function stored_object.read(cloud, where, max_bytes)
  local path, version = stored_object.locate(cloud, where)
  if version.size == 0 then
    return ""
  end
  return assert(file.read(path, { max_bytes = max_bytes }))
end

return stored_object
