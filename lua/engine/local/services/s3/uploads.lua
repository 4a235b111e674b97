--- Objects that come in parts. An upload is a document and a folder: the parts' bodies, and a journal
--- that names them; completing it joins the bodies to one.
local buckets = require "engine.local.services.s3.buckets"
local fault = require "engine.local.fault"
local file = require "host.file"
local journal = require "engine.local.journal"

local uploads = {}

---@class engine.local.services.s3.Upload
---@field id string
---@field key string
---@field began number
---@field algorithm? string      "crc32": the checksum that every part has
---@field checksum_type? string  "COMPOSITE" or "FULL_OBJECT"
---@field description table      what the object will be: headers, metadata, tags

--- Where the documents and folders of a bucket's uploads are.
---@return string
function uploads.folder(bucket)
  return "s3/uploads/" .. bucket.name
end

--- The upload that a request means, its bucket, and the folder of its parts.
---@return engine.local.services.s3.Upload
---@return engine.local.services.s3.Bucket
---@return string folder
function uploads.find(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local id = request:parameter "uploadId" or ""
  local upload = id:match "^%w+$" and cloud.state:get(uploads.folder(bucket) .. "/" .. id)
  if not upload or upload.key ~= params.key then
    fault.raise("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid,"
      .. " or the upload may have been aborted or completed.", 404, { UploadId = id })
  end
  if cloud:memory("s3.completing")[id] then
    fault.raise("OperationAborted", "A conflicting conditional operation is currently in progress"
      .. " against this resource. Please try again.", 409)
  end
  return upload, bucket, cloud.state:folder(uploads.folder(bucket) .. "/" .. upload.id)
end

--- The parts that are there, by their numbers: read from the journal once, then kept.
---@param folder string
---@return table<integer, table>
function uploads.parts(cloud, folder)
  local known = cloud:memory "s3.parts"
  if not known[folder] then
    known[folder] = {}
    journal.read(folder .. "/parts.jsonl", function(part)
      known[folder][part.number] = part
    end)
  end
  return known[folder]
end

--- Notes a part whose body is in `folder`; one of the same number is replaced.
---@param folder string
---@param part table
function uploads.keep_part(cloud, folder, part)
  local parts = uploads.parts(cloud, folder)
  local replaced = parts[part.number]
  journal.add(folder .. "/parts.jsonl", part)
  parts[part.number] = part
  if replaced then
    file.remove(folder .. "/" .. replaced.body)
  end
end

--- Forgets an upload and its parts.
---@param upload engine.local.services.s3.Upload
---@param folder string
function uploads.remove(cloud, bucket, upload, folder)
  cloud:memory("s3.parts")[folder] = nil
  cloud.state:remove(uploads.folder(bucket) .. "/" .. upload.id)
  cloud.state:remove_folder(uploads.folder(bucket) .. "/" .. upload.id)
end

return uploads
