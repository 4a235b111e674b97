--- S3's actions that begin an upload in parts, take its parts, and give it up.
local append = require("engine.local.services.s3.pieces").append
local buckets = require "engine.local.services.s3.buckets"
local checksum = require "engine.local.checksum"
local clock = require "host.clock"
local conditions = require "engine.local.services.s3.conditions"
local description = require "engine.local.services.s3.description"
local fault = require "engine.local.fault"
local find_source = require("engine.local.services.s3.copy_source").find
local identifier = require "engine.local.identifier"
local json = require "host.json"
local objects = require "engine.local.services.s3.objects"
local uploads = require "engine.local.services.s3.uploads"

local actions = {}

local MOST_PARTS = 10000

local function checksum_choice(request)
  local algorithm = (request:header "x-amz-checksum-algorithm" or ""):lower()
  if algorithm == "" then
    return nil
  end
  for _, name in ipairs(checksum.NAMES) do
    if name == algorithm then
      local kind = request:header "x-amz-checksum-type"
      return name, kind or (name == "crc64nvme" and "FULL_OBJECT" or "COMPOSITE")
    end
  end
  fault.raise("InvalidRequest", "Checksum algorithm provided is unsupported.")
end

function actions.CreateMultipartUpload(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  objects.check_key(params.key)
  local algorithm, kind = checksum_choice(request)
  local upload = {
    id = identifier.token(64),
    key = params.key,
    began = clock.now(),
    algorithm = algorithm,
    checksum_type = kind,
    description = description.read(request),
  }
  cloud.state:put(uploads.folder(bucket) .. "/" .. upload.id, upload)
  local answer = buckets.document("InitiateMultipartUploadResult", {
    Bucket = bucket.name,
    Key = params.key,
    UploadId = upload.id,
  })
  table.insert(answer.headers, { "x-amz-server-side-encryption", "AES256" })
  if algorithm then
    table.insert(answer.headers, { "x-amz-checksum-algorithm", algorithm:upper() })
    table.insert(answer.headers, { "x-amz-checksum-type", kind })
  end
  return answer
end

local function part_number(request)
  local number = math.tointeger(tonumber(request:parameter "partNumber"))
  if not number or number < 1 or number > MOST_PARTS then
    fault.raise("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
  end
  return number
end

function actions.UploadPart(request, params, cloud)
  local upload, _, folder = uploads.find(request, params, cloud)
  local part = { number = part_number(request), size = request:size(), modified = clock.now() }
  part.etag, part.checksums = checksum.verify(request)
  if upload.algorithm and not part.checksums[upload.algorithm] then
    part.checksums[upload.algorithm] = checksum.of(upload.algorithm, request)
  end
  part.checksums = json.object(part.checksums)
  part.body = ("%d-%s"):format(part.number, identifier.token(16))
  request:move_body(folder .. "/" .. part.body)
  uploads.keep_part(cloud, folder, part)
  local headers = {
    { "ETag", '"' .. part.etag .. '"' },
    { "x-amz-server-side-encryption", "AES256" },
  }
  for _, name in ipairs(checksum.NAMES) do
    if part.checksums[name] then
      table.insert(headers, { "x-amz-checksum-" .. name, part.checksums[name] })
    end
  end
  return { headers = headers }
end

function actions.UploadPartCopy(request, params, cloud)
  local upload, _, folder = uploads.find(request, params, cloud)
  local number = part_number(request)
  local source, path = find_source(request, cloud)
  local text = request:header "x-amz-copy-source-range"
  local range = { first = 0, length = source.size }
  if text then
    range = conditions.parse_range(text, source.size)
    if not range or not text:match "^bytes=%d+%-%d+$" then
      fault.raise("InvalidArgument", "The x-amz-copy-source-range value must be of the form"
        .. " bytes=first-last where first and last are the zero-based offsets")
    end
  end
  local body = ("%d-%s"):format(number, identifier.token(16))
  local out <close> = assert(io.open(folder .. "/" .. body, "wb"))
  append(out, path, range.first, range.length)
  assert(out:flush())
  local whole = { body_file = folder .. "/" .. body }
  local part = {
    number = number,
    size = range.length,
    modified = clock.now(),
    etag = checksum.md5(whole),
    body = body,
    checksums = json.object {},
  }
  if upload.algorithm then
    part.checksums[upload.algorithm] = checksum.of(upload.algorithm, whole)
  end
  uploads.keep_part(cloud, folder, part)
  return buckets.document("CopyPartResult", {
    ETag = '"' .. part.etag .. '"',
    LastModified = clock.iso8601(part.modified, true),
  })
end

function actions.AbortMultipartUpload(request, params, cloud)
  local upload, bucket, folder = uploads.find(request, params, cloud)
  uploads.remove(cloud, bucket, upload, folder)
  return { status = 204 }
end

return actions
