--- S3's action that makes an object of its parts.
local append = require("engine.local.services.s3.pieces").append
local buckets = require "engine.local.services.s3.buckets"
local checksum = require "engine.local.checksum"
local conditions = require "engine.local.services.s3.conditions"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local file = require "host.file"
local json = require "host.json"
local objects = require "engine.local.services.s3.objects"
local uploads = require "engine.local.services.s3.uploads"

local actions = {}

local LEAST_PART = 5 * 1024 * 1024 -- of all parts but the last

local function check_part(said, part, last)
  local etag = (buckets.child(said, "ETag") or ""):gsub('"', "")
  if not part or part.etag ~= etag then
    fault.raise("InvalidPart", "One or more of the specified parts could not be found. The part"
      .. " might not have been uploaded, or the specified entity tag might not have matched the"
      .. " part's entity tag.", 400, {
        PartNumber = buckets.child(said, "PartNumber"),
        ETag = etag,
      })
  elseif not last and part.size < LEAST_PART then
    fault.raise("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
      400, {
        PartNumber = tostring(part.number),
        ProposedSize = tostring(part.size),
        MinSizeAllowed = tostring(LEAST_PART),
        ETag = etag,
      })
  end
  for _, name in ipairs(checksum.NAMES) do
    local value = buckets.child(said, "Checksum" .. name:upper())
    if value and part.checksums[name] and value ~= part.checksums[name] then
      fault.raise("InvalidPart", "The checksum of part " .. part.number .. " does not match")
    end
  end
end

local function part_numbers(said)
  local numbers = {}
  for i, element in ipairs(said) do
    numbers[i] = math.tointeger(tonumber(buckets.child(element, "PartNumber"))) or 0
    if numbers[i] <= (numbers[i - 1] or 0) then
      fault.raise("InvalidPartOrder", "The list of parts was not in ascending order. The parts list"
        .. " must be specified in order by part number.")
    end
  end
  return numbers
end

-- The parts that the caller lists, checked against those that came.
local function chosen_parts(request, there)
  local said = {}
  for _, element in ipairs(buckets.read_xml(request, "CompleteMultipartUpload")) do
    if element.name == "Part" then
      table.insert(said, element)
    end
  end
  if #said == 0 then
    fault.raise("MalformedXML", "You must specify at least one part")
  end
  local numbers, chosen = part_numbers(said), {}
  for i, element in ipairs(said) do
    check_part(element, there[numbers[i]], i == #said)
    chosen[i] = there[numbers[i]]
  end
  return chosen
end

local function join_digests(parts, read, hash)
  local raw = {}
  for i, part in ipairs(parts) do
    raw[i] = read(part)
  end
  return hash(table.concat(raw))
end

local function multipart_etag(parts)
  local hex = join_digests(parts, function(part)
    return assert(digest.from_hex(part.etag))
  end, digest.md5)
  return ("%s-%d"):format(hex, #parts)
end

local function multipart_checksum(upload, parts, path)
  if not upload.algorithm then
    return { crc64nvme = checksum.of("crc64nvme", { body_file = path }) }, "FULL_OBJECT"
  elseif upload.checksum_type == "FULL_OBJECT" then
    local value = checksum.of(upload.algorithm, { body_file = path })
    return { [upload.algorithm] = value }, "FULL_OBJECT"
  end
  local value = join_digests(parts, function(part)
    return assert(digest.from_base64(part.checksums[upload.algorithm]))
  end, function(raw)
    return checksum.of(upload.algorithm, { body = raw })
  end)
  return { [upload.algorithm] = ("%s-%d"):format(value, #parts) }, "COMPOSITE"
end

-- Joins the parts' bodies. Others run meanwhile, so that the upload is closed to them.
local function join(cloud, upload, parts, folder, path)
  local completing = cloud:memory "s3.completing"
  completing[upload.id] = true
  local _ <close> = setmetatable({}, {
    __close = function()
      completing[upload.id] = nil
    end,
  })
  local out <close> = assert(io.open(path, "wb"))
  local sizes, size = json.array {}, 0
  for i, part in ipairs(parts) do
    append(out, folder .. "/" .. part.body, 0, part.size)
    sizes[i], size = part.size, size + part.size
  end
  assert(out:flush())
  return sizes, size
end

local function check_whole(request, version, path)
  for _, name in ipairs(checksum.NAMES) do
    local declared = request:header("x-amz-checksum-" .. name)
    if declared and version.checksums[name] and declared ~= version.checksums[name] then
      file.remove(path)
      fault.raise("BadDigest",
        ("The %s you specified did not match the calculated checksum."):format(name:upper()))
    end
  end
end

function actions.CompleteMultipartUpload(request, params, cloud)
  local upload, bucket, folder = uploads.find(request, params, cloud)
  local parts = chosen_parts(request, uploads.parts(cloud, folder))
  local index = buckets.index(cloud, bucket.name)
  conditions.check_put(request, index:latest(params.key))
  local body, path = index:new_body()
  local sizes, size = join(cloud, upload, parts, folder, path)
  local version = {
    key = params.key,
    body = body,
    size = size,
    parts = sizes,
    etag = multipart_etag(parts),
    headers = upload.description.headers,
    metadata = upload.description.metadata,
    tags = upload.description.tags,
  }
  version.checksums, version.checksum_type = multipart_checksum(upload, parts, path)
  check_whole(request, version, path)
  objects.add(cloud, bucket, version)
  uploads.remove(cloud, bucket, upload, folder)
  local result = {
    Location = ("%s/%s/%s"):format(cloud.url, bucket.name, params.key),
    Bucket = bucket.name,
    Key = params.key,
    ETag = '"' .. version.etag .. '"',
    ChecksumType = version.checksum_type,
  }
  for name, value in pairs(version.checksums) do
    result["Checksum" .. name:upper()] = value
  end
  local answer = buckets.document("CompleteMultipartUploadResult", result)
  for _, header in ipairs(objects.made_headers(bucket, version)) do
    table.insert(answer.headers, header[1] ~= "ETag" and header or nil)
  end
  return answer
end

return actions
