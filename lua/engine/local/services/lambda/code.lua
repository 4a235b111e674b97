--- A function's archive: checked and unpacked when it is taken in, kept once per content.
local archive = require "host.archive"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local file = require "host.file"
local identifier = require "engine.local.identifier"
local machine = require "engine.local.services.lambda.machine"
local stored_object = require "engine.local.stored_object"

local code = {}

local MAX_DIRECT_BYTES <const> = 52428800
local LIMITS <const> = { max_bytes = 262144000 }
local BROKEN <const> = "Could not unzip uploaded file. Please check your file, then try to upload "
  .. "again."

local function refuse(format, ...)
  fault.raise("InvalidParameterValueException", format:format(...))
end

local function archive_path(cloud, sha256)
  return ("%s/%s.zip"):format(cloud.state:folder "lambda/code", sha256)
end

-- Puts the archive into a file of its own that nothing else will change.
local function fetch(cloud, region, params, path)
  if params.ZipFile then
    local bytes = type(params.ZipFile) == "string" and digest.from_base64(params.ZipFile)
    if not bytes then
      fault.raise("SerializationException", "ZipFile is not base64")
    elseif #bytes > MAX_DIRECT_BYTES then
      fault.raise("RequestEntityTooLargeException",
        ("Request must be smaller than %d bytes for the archive"):format(MAX_DIRECT_BYTES), 413)
    end
    assert(file.write(path, bytes))
    return
  elseif not (params.S3Bucket and params.S3Key) then
    refuse(params.ImageUri and "This cloud runs archives alone, no container images."
      or "Please provide a source for function code.")
  end
  local ok, source = pcall(stored_object.locate, cloud, {
    bucket = params.S3Bucket, key = params.S3Key, version = params.S3ObjectVersion, region = region,
  })
  if not ok and fault.is(source) then
    refuse("Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", source.code,
      source.message)
  end
  assert(ok, source)
  assert(file.copy(source, path))
end

local function check_archive(path)
  local entries, err = archive.list(path, LIMITS)
  if not entries and err.kind == "limit" then
    refuse("Unzipped size must be smaller than %d bytes", LIMITS.max_bytes)
  elseif not entries or #entries == 0 then
    refuse(BROKEN)
  end
end

-- Unpacks an archive whole or not at all, once for each content, and seals what it held: every
-- instance runs out of this one folder, and none may change it for the others.
local function unpack(cloud, path, sha256)
  local parent = cloud.state:folder "lambda/unpacked"
  local folder = parent .. "/" .. sha256
  if not file.exists(folder) then
    local partial = ("%s/partial-%s"):format(parent, identifier.token(12))
    local facts, err = archive.extract(path, partial, LIMITS)
    if not facts and err.kind == "input" then
      refuse(BROKEN)
    end
    assert(facts, err)
    assert(file.seal_tree(partial))
    assert(file.rename(partial, folder))
  end
  return folder
end

--- Takes in the archive that a request gives or names.
---@param params { ZipFile?: string, S3Bucket?: string, S3Key?: string, S3ObjectVersion?: string }
---@return { sha256: string, size: integer }  sha256 in hex
function code.take(cloud, region, params)
  local incoming = ("%s/incoming-%s"):format(cloud.state:folder "lambda/code", identifier.token(12))
  local ok, result = pcall(function()
    fetch(cloud, region, params, incoming)
    check_archive(incoming)
    local sha256 = assert(digest.sha256_file(incoming))
    local size = assert(file.stat(incoming)).size
    unpack(cloud, incoming, sha256) -- now, so that the first invocation need not wait for it
    assert(file.rename(incoming, archive_path(cloud, sha256)))
    return { sha256 = sha256, size = size }
  end)
  if not ok then
    file.remove(incoming)
    error(result, 0)
  end
  return result
end

--- Removes what a cloud that was killed had taken in or unpacked by halves.
function code.sweep(cloud)
  for name, whole in pairs { ["lambda/code"] = "^%x+%.zip$", ["lambda/unpacked"] = "^%x+$" } do
    local folder = cloud.state:folder(name)
    for _, entry in ipairs(assert(file.list(folder))) do
      if not entry:find(whole) then
        assert(file.remove_tree(folder .. "/" .. entry))
      end
    end
  end
end

--- CodeSha256, as Lambda writes it.
---@return string
function code.base64(sha256)
  return digest.to_base64(assert(digest.from_hex(sha256)))
end

--- The folder with the archive's files, sealed.
---@param sha256 string
---@return string folder
function code.folder(cloud, sha256)
  return unpack(cloud, archive_path(cloud, sha256), sha256)
end

--- The bytes of a function's archive.
---@return string path
function code.path(cloud, sha256)
  return archive_path(cloud, sha256)
end

--- Removes an archive and what was unpacked of it.
function code.forget(cloud, sha256)
  assert(file.remove(archive_path(cloud, sha256)))
  assert(file.remove_tree(cloud.state:folder "lambda/unpacked" .. "/" .. sha256))
end

--- The words that start the archive's bootstrap on this machine.
---@param folder string  where the archive is unpacked
---@return string[]? words
---@return string? obstacle  why there are none, in Lambda's words where it has some
function code.start_words(folder)
  local path = folder .. "/bootstrap"
  local facts = file.stat(path)
  if not facts then
    return nil, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
  elseif not facts.executable then
    return nil, "fork/exec /var/task/bootstrap: permission denied"
  end
  local words, obstacle = machine.start_words(path)
  return words, obstacle and "fork/exec /var/task/bootstrap: " .. obstacle
end

return code
