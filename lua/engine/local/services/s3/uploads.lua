--- Objects that come in parts. An upload is a document and a folder: the parts' bodies, and a journal
--- that names them; completing it joins the bodies to one.
local buckets = require "engine.local.services.s3.buckets"
local checksum = require "engine.local.checksum"
local clock = require "host.clock"
local conditions = require "engine.local.services.s3.conditions"
local description = require "engine.local.services.s3.description"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local file = require "host.file"
local find_source = require("engine.local.services.s3.copy_source").find
local identifier = require "engine.local.identifier"
local journal = require "engine.local.journal"
local json = require "host.json"
local loop = require "engine.local.loop"
local markup = require "engine.local.markup"
local objects = require "engine.local.services.s3.objects"

local uploads = { actions = {} }
local actions = uploads.actions

local LEAST_PART = 5 * 1024 * 1024 -- of all parts but the last
local MOST_PARTS = 10000
local BLOCK = 1024 * 1024

---@class engine.local.services.s3.Upload
---@field id string
---@field key string
---@field began number
---@field algorithm? string      "crc32": the checksum that every part has
---@field checksum_type? string  "COMPOSITE" or "FULL_OBJECT"
---@field description table      what the object will be: headers, metadata, tags

local function folder_of(bucket)
  return "s3/uploads/" .. bucket.name
end

local function find_upload(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local id = request:parameter "uploadId" or ""
  local upload = id:match "^%w+$" and cloud.state:get(folder_of(bucket) .. "/" .. id)
  if not upload or upload.key ~= params.key then
    fault.raise("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid,"
      .. " or the upload may have been aborted or completed.", 404, { UploadId = id })
  end
  if cloud:memory("s3.completing")[id] then
    fault.raise("OperationAborted", "A conflicting conditional operation is currently in progress"
      .. " against this resource. Please try again.", 409)
  end
  return upload, bucket, cloud.state:folder(folder_of(bucket) .. "/" .. upload.id)
end

-- The parts that are there, by number: read from the journal once, then kept.
local function parts_of(cloud, folder)
  local known = cloud:memory "s3.parts"
  if not known[folder] then
    known[folder] = {}
    journal.read(folder .. "/parts.jsonl", function(part)
      known[folder][part.number] = part
    end)
  end
  return known[folder]
end

local function remove_upload(cloud, bucket, upload, folder)
  cloud:memory("s3.parts")[folder] = nil
  cloud.state:remove(folder_of(bucket) .. "/" .. upload.id)
  cloud.state:remove_folder(folder_of(bucket) .. "/" .. upload.id)
end

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
  cloud.state:put(folder_of(bucket) .. "/" .. upload.id, upload)
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

-- Notes a part whose body is in `folder`; one of the same number is replaced.
local function keep_part(cloud, folder, part)
  local parts = parts_of(cloud, folder)
  local replaced = parts[part.number]
  journal.add(folder .. "/parts.jsonl", part)
  parts[part.number] = part
  if replaced then
    file.remove(folder .. "/" .. replaced.body)
  end
end

function actions.UploadPart(request, params, cloud)
  local upload, _, folder = find_upload(request, params, cloud)
  local part = { number = part_number(request), size = request:size(), modified = clock.now() }
  part.etag, part.checksums = checksum.verify(request)
  if upload.algorithm and not part.checksums[upload.algorithm] then
    part.checksums[upload.algorithm] = checksum.of(upload.algorithm, request)
  end
  part.checksums = json.object(part.checksums)
  part.body = ("%d-%s"):format(part.number, identifier.token(16))
  request:move_body(folder .. "/" .. part.body)
  keep_part(cloud, folder, part)
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

-- Appends `length` bytes of a file to `out`, letting others run now and then.
local function append(out, path, first, length)
  local source <close> = assert(io.open(path, "rb"))
  assert(source:seek("set", first))
  local count = 0
  while length > 0 do
    local block = source:read(math.min(BLOCK, length))
    if not block then
      error(path .. " is shorter than it should be", 0)
    end
    assert(out:write(block))
    length, count = length - #block, count + 1
    if count % 8 == 0 then
      loop.sleep(0)
    end
  end
end

function actions.UploadPartCopy(request, params, cloud)
  local upload, _, folder = find_upload(request, params, cloud)
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
  keep_part(cloud, folder, part)
  return buckets.document("CopyPartResult", {
    ETag = '"' .. part.etag .. '"',
    LastModified = clock.iso8601(part.modified, true),
  })
end

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
  local upload, bucket, folder = find_upload(request, params, cloud)
  local parts = chosen_parts(request, parts_of(cloud, folder))
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
  remove_upload(cloud, bucket, upload, folder)
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

function actions.AbortMultipartUpload(request, params, cloud)
  local upload, bucket, folder = find_upload(request, params, cloud)
  remove_upload(cloud, bucket, upload, folder)
  return { status = 204 }
end

local function limit_of(request, name)
  local limit = math.tointeger(tonumber(request:parameter(name) or "1000"))
  if not limit or limit < 0 then
    fault.raise("InvalidArgument", "Argument " .. name .. " must be a positive integer")
  end
  return math.min(limit, 1000)
end

function actions.ListParts(request, params, cloud)
  local upload, bucket, folder = find_upload(request, params, cloud)
  local limit = limit_of(request, "max-parts")
  local after = math.tointeger(tonumber(request:parameter "part-number-marker" or "0")) or 0
  local there, numbers = parts_of(cloud, folder), {}
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
  for _, id in ipairs(cloud.state:list(folder_of(bucket))) do
    local upload = cloud.state:get(folder_of(bucket) .. "/" .. id)
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

return uploads
