--- Where a copy takes from.
local buckets = require "engine.local.services.s3.buckets"
local conditions = require "engine.local.services.s3.conditions"
local fault = require "engine.local.fault"
local objects = require "engine.local.services.s3.objects"
local uri = require "host.uri"

local copy_source = {}

-- The header of CopyObject and UploadPartCopy: "/bucket/key?versionId=…", encoded.
local function read(request)
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
function copy_source.find(request, cloud)
  local name, key, id = read(request)
  local bucket = buckets.find(cloud, name)
  local version, index = objects.find(cloud, bucket, key, id)
  conditions.check_copy(request, version)
  return version, index:body_path(version), bucket
end

return copy_source
