--- S3's actions that list uploads and their parts.
local buckets = require "engine.local.services.s3.buckets"
local clock = require "host.clock"
local fault = require "engine.local.fault"
local markup = require "engine.local.markup"
local uploads = require "engine.local.services.s3.uploads"

local actions = {}

local function limit_of(request, name)
  local limit = math.tointeger(tonumber(request:parameter(name) or "1000"))
  if not limit or limit < 0 then
    fault.raise("InvalidArgument", "Argument " .. name .. " must be a positive integer")
  end
  return math.min(limit, 1000)
end

function actions.ListParts(request, params, cloud)
  local upload, bucket, folder = uploads.find(request, params, cloud)
  local limit = limit_of(request, "max-parts")
  local after = math.tointeger(tonumber(request:parameter "part-number-marker" or "0")) or 0
  local there, numbers = uploads.parts(cloud, folder), {}
  for number in pairs(there) do
    table.insert(numbers, number > after and number or nil)
  end
  table.sort(numbers)
  local list = {}
  for i = 1, math.min(limit, #numbers) do
    local part = there[numbers[i]]
    local item = {
      PartNumber = part.number,
      LastModified = clock.iso8601(part.modified, true),
      ETag = '"' .. part.etag .. '"',
      Size = part.size,
    }
    for name, value in pairs(part.checksums) do
      item["Checksum" .. name:upper()] = value
    end
    list[i] = item
  end
  local more = #numbers > limit
  return buckets.document("ListPartsResult", {
    Bucket = bucket.name,
    Key = upload.key,
    UploadId = upload.id,
    PartNumberMarker = after,
    NextPartNumberMarker = more and numbers[limit] or nil,
    MaxParts = limit,
    IsTruncated = tostring(more),
    StorageClass = "STANDARD",
    ChecksumAlgorithm = upload.algorithm and upload.algorithm:upper() or nil,
    ChecksumType = upload.checksum_type,
    Part = markup.flat(list),
  })
end

local function before(a, b)
  if a.key ~= b.key then
    return a.key < b.key
  elseif a.began ~= b.began then
    return a.began < b.began
  end
  return a.id < b.id
end

-- Every upload of a bucket that has not ended, by key and time.
local function all_uploads(cloud, bucket, prefix)
  local list = {}
  for _, id in ipairs(cloud.state:list(uploads.folder(bucket))) do
    local upload = cloud.state:get(uploads.folder(bucket) .. "/" .. id)
    if upload and upload.key:sub(1, #prefix) == prefix then
      table.insert(list, upload)
    end
  end
  table.sort(list, before)
  return list
end

-- The place after the markers of the page before.
local function first_after(list, key, id)
  for place, upload in ipairs(list) do
    if upload.id == id and upload.key == key then
      return place + 1
    elseif upload.key > key then
      return place
    end
  end
  return #list + 1
end

function actions.ListMultipartUploads(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local prefix = request:parameter "prefix" or ""
  local key_marker = request:parameter "key-marker" or ""
  local id_marker = request:parameter "upload-id-marker" or ""
  local limit = limit_of(request, "max-uploads")
  local all = all_uploads(cloud, bucket, prefix)
  local first = key_marker ~= "" and first_after(all, key_marker, id_marker) or 1
  local list = {}
  for place = first, math.min(#all, first + limit - 1) do
    table.insert(list, {
      Key = all[place].key,
      UploadId = all[place].id,
      Initiated = clock.iso8601(all[place].began, true),
      StorageClass = "STANDARD",
      Initiator = { ID = request.identity.arn, DisplayName = "laconic-local" },
      Owner = { ID = request.account, DisplayName = "laconic-local" },
    })
  end
  local last = all[first + limit - 1]
  local more = last ~= nil and #all > first + limit - 1
  return buckets.document("ListMultipartUploadsResult", {
    Bucket = bucket.name,
    Prefix = prefix,
    KeyMarker = key_marker,
    UploadIdMarker = id_marker,
    NextKeyMarker = more and last.key or nil,
    NextUploadIdMarker = more and last.id or nil,
    MaxUploads = limit,
    IsTruncated = tostring(more),
    Upload = markup.flat(list),
  })
end

return actions
