--- S3: which bucket, key and action a request means, and the objects for the other services.
local buckets = require "engine.local.services.s3.buckets"
local complete_action = require "engine.local.services.s3.complete_action"
local fault = require "engine.local.fault"
local host_bucket = require("engine.local.services.s3.host").bucket
local listing = require "engine.local.services.s3.listing"
local objects = require "engine.local.services.s3.objects"
local read_actions = require "engine.local.services.s3.read_actions"
local tags = require "engine.local.services.s3.tags"
local upload_actions = require "engine.local.services.s3.upload_actions"
local upload_lists = require "engine.local.services.s3.upload_lists"
local uri = require "host.uri"
local write_actions = require "engine.local.services.s3.write_actions"

local s3 = { protocol = "s3", actions = {} }

for _, group in ipairs {
  buckets.actions, listing.actions, tags.actions,
  read_actions, write_actions, upload_actions, complete_action, upload_lists,
} do
  for name, action in pairs(group) do
    s3.actions[name] = action
  end
end

-- By level and method: the query parameter or header that says the action, in the order in which
-- they are looked for; false is the action without any.
local ROUTES = {
  service = { GET = { { false, "ListBuckets" } } },
  bucket = {
    GET = {
      { "location", "GetBucketLocation" },
      { "versioning", "GetBucketVersioning" },
      { "acl", "GetBucketAcl" },
      { "versions", "ListObjectVersions" },
      { "uploads", "ListMultipartUploads" },
      { "list-type", "ListObjectsV2" },
      { false, "ListObjects" },
    },
    HEAD = { { false, "HeadBucket" } },
    PUT = { { "versioning", "PutBucketVersioning" }, { false, "CreateBucket" } },
    POST = { { "delete", "DeleteObjects" } },
    DELETE = { { false, "DeleteBucket" } },
  },
  object = {
    GET = {
      { "tagging", "GetObjectTagging" },
      { "acl", "GetObjectAcl" },
      { "attributes", "GetObjectAttributes" },
      { "uploadId", "ListParts" },
      { false, "GetObject" },
    },
    HEAD = { { false, "HeadObject" } },
    PUT = {
      { "tagging", "PutObjectTagging" },
      { "partNumber", "UploadPart", "UploadPartCopy" },
      { false, "PutObject", "CopyObject" }, -- the latter with x-amz-copy-source
    },
    POST = { { "uploads", "CreateMultipartUpload" }, { "uploadId", "CompleteMultipartUpload" } },
    DELETE = {
      { "tagging", "DeleteObjectTagging" },
      { "uploadId", "AbortMultipartUpload" },
      { false, "DeleteObject" },
    },
  },
}

local SETTING_ACTIONS = {
  GET = "GetBucketSetting",
  PUT = "PutBucketSetting",
  DELETE = "DeleteBucketSetting",
}

-- Subresources of S3 that change what a request means; the rest of a query is parameters.
local SUBRESOURCES = {}
for word in ([[ accelerate acl analytics attributes cors delete encryption intelligent-tiering
  inventory legal-hold lifecycle location logging metadataTable metrics notification object-lock
  ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore
  retention select tagging torrent uploads versioning versions website ]]):gmatch "%S+" do
  SUBRESOURCES[word] = true
end

local function decode(text)
  local value = uri.decode(text)
  if not value then
    fault.raise("InvalidURI", "Couldn't parse the specified URI.")
  end
  return value
end

local function where(request)
  local bucket = host_bucket(request)
  local key
  if bucket then
    key = request.path:sub(2)
  else
    bucket, key = request.path:match "^/([^/]*)/?(.*)$"
    bucket = decode(bucket or "")
  end
  return bucket ~= "" and bucket or nil, key ~= "" and decode(key) or nil
end

local function subresource(request)
  for _, pair in ipairs(request:query_list()) do
    if SUBRESOURCES[pair[1]] then
      return pair[1]
    end
  end
end

local function choose(level, request)
  local name = subresource(request)
  if level == "bucket" and name and buckets.is_setting(name) then
    return SETTING_ACTIONS[request.method], name
  end
  for _, route in ipairs(ROUTES[level][request.method] or {}) do
    local says = route[1]
    if says and request:parameter(says) or not says and not name then
      return request:header "x-amz-copy-source" and route[3] or route[2]
    end
  end
  return ("%s%s on a%s %s"):format(request.method, name and " ?" .. name or "",
    level == "object" and "n" or "", level)
end

--- The action of a request, its bucket and its key.
---@param request engine.local.Request
---@return string action
---@return { bucket?: string, key?: string, setting?: string } params
function s3.route(request)
  local bucket, key = where(request)
  local level = key and "object" or bucket and "bucket" or "service"
  local action, setting = choose(level, request)
  return action, { bucket = bucket, key = key, setting = setting }
end

--- An object for another service: where its bytes are, and what is known of it. Raises S3's faults.
---
---     local code = s3.object(cloud, "artifacts", "code.zip")
---     archive.extract(code.path, folder)
---
---@param bucket string
---@param key string
---@param version_id? string
---@return { path: string, size: integer, etag: string, version_id: string }
function s3.object(cloud, bucket, key, version_id)
  local version, index = objects.find(cloud, buckets.find(cloud, bucket), key, version_id)
  return {
    path = index:body_path(version),
    size = version.size,
    etag = version.etag,
    version_id = version.id,
  }
end

--- Makes, finds and removes buckets for another service (AWS::S3::Bucket).
s3.buckets = buckets

return s3
