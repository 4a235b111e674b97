--- Stage 6: sends artifacts to S3, side by side, once. Their keys are made of their content, so what
--- is there already is not sent again, and what one run sends never changes what another one uses.
local aws = require "engine.aws"
local create_bucket = require("engine.aws.bucket").create
local foreseen = require "engine.foreseen"
local json = require "host.json"
local object_key = require "engine.upload.object_key"
local objects = require "engine.aws.objects"
local order = require "engine.order"
local s3 = require "engine.aws.s3"
local services = require "engine.aws.services"
local stack = require "engine.aws.stack"

local upload = {}

-- Above this, host.s3 sends a file in parts, several at once.
local WHOLE = 8 * 1024 * 1024 -- bytes

---@class engine.Parcel
---@field key string
---@field bytes integer
---@field path? string          the file, or
---@field body? string          the bytes
---@field content_type string

---@class engine.Sent
---@field sent integer          objects
---@field skipped integer       objects that were there
---@field bytes integer         sent
---@field uploads engine.Upload[]  all of them, sent or not

local function upload_of(session, build, parcel)
  return {
    endpoint = session:endpoint(services.find "s3").name,
    region = session:region(),
    bucket = build.bucket,
    key = parcel.key,
  }
end

-- The parcels that S3 does not hold, or holds with another size.
local function find_missing(session, bucket, parcels)
  local calls = {}
  for i, parcel in ipairs(parcels) do
    calls[i] = { "s3", "HeadObject", { Bucket = bucket, Key = parcel.key } }
  end
  local missing = {}
  for i, result in ipairs(aws.call_all(session, calls)) do
    local parcel = parcels[i]
    if result.failure and result.failure.status ~= 404 then
      error(result.failure, 0)
    end
    local size = result.answer and tonumber(result.answer.headers["content-length"])
    if size ~= parcel.bytes then
      table.insert(missing, parcel)
    end
  end
  return missing
end

local function put_whole(session, bucket, parcels, created)
  local calls = {}
  for i, parcel in ipairs(parcels) do
    calls[i] = {
      "s3",
      "PutObject",
      {
        Bucket = bucket,
        Key = parcel.key,
        ContentType = parcel.content_type,
        Body = parcel.body or { path = parcel.path },
      },
    }
  end
  local problem
  for i, result in ipairs(aws.call_all(session, calls)) do
    if result.answer then
      local version = result.answer.headers["x-amz-version-id"]
      table.insert(created, { key = parcels[i].key, version_id = version })
    end
    problem = problem or result.failure
  end
  if problem then
    error(problem, 0)
  end
end

local function put_in_parts(session, bucket, parcel, created, on_bytes)
  local result = s3.call(session, "put", {
    bucket = bucket,
    key = parcel.key,
    path = parcel.path,
    content_type = parcel.content_type,
    progress = on_bytes and function(sent, total)
      on_bytes(parcel.key, sent, total)
    end or nil,
  })
  table.insert(created, { key = parcel.key, version_id = result.version_id })
end

-- What may go: nothing while the stack is changing (it may need all of it), and nothing that the
-- live template refers to. What stays is in the journal, and a later run looks again.
local function not_needed(session, build, created)
  local found = stack.describe(session, build.service_name)
  if not found or found.status == "REVIEW_IN_PROGRESS" or found.status == "DELETE_COMPLETE" then
    return created
  elseif not stack.TERMINAL[found.status] then
    return {}
  end
  local live = stack.live_template(session, build.service_name) or ""
  local free = {}
  for _, object in ipairs(created) do
    if not object_key.is_in(live, object.key) then
      table.insert(free, object)
    end
  end
  return free
end

-- Takes back what this run created, and nothing else.
local function take_back(session, build, created, journal)
  if #created == 0 then
    return
  end
  local free = not_needed(session, build, created)
  local gone, problem = objects.delete(session, build.bucket, free)
  local struck = {}
  for i, object in ipairs(gone) do
    struck[i] = upload_of(session, build, object)
  end
  journal:strike(struck)
  if problem then
    error(problem, 0)
  end
end

local function send(session, build, missing, created, on_bytes)
  local small, bytes = {}, 0
  for _, parcel in ipairs(missing) do
    bytes = bytes + parcel.bytes
    if parcel.bytes <= WHOLE then
      table.insert(small, parcel)
    end
  end
  put_whole(session, build.bucket, small, created)
  for _, parcel in ipairs(missing) do
    if parcel.bytes > WHOLE then
      put_in_parts(session, build.bucket, parcel, created, on_bytes)
    end
  end
  return bytes
end

local function archive_parcel(artifact)
  return {
    key = artifact.key,
    path = artifact.path,
    bytes = artifact.bytes,
    content_type = "application/zip",
  }
end

-- Where the stack will be, by the names that templates have for it.
local function place_of(build, session)
  local region = session:region()
  local partition = require("engine.aws.endpoint").partition(region)
  return {
    ["AWS::AccountId"] = session:account(),
    ["AWS::Partition"] = partition.id,
    ["AWS::Region"] = region,
    ["AWS::StackName"] = build.service_name,
    ["AWS::URLSuffix"] = partition.suffix,
  }
end

local function add_descriptions(parcels, build, session)
  if not build.descriptions then
    return
  end
  local stack_place = place_of(build, session)
  for _, id in ipairs(order.keys(build.descriptions)) do
    local description = build.descriptions[id]
    local text = assert(json.encode(foreseen.filled(description.value, stack_place)))
    table.insert(parcels, {
      key = (description.key:gsub("%${([^}]+)}", stack_place)),
      body = text,
      bytes = #text,
      content_type = "application/json",
    })
  end
end

-- What travels: the archives, the template, and the descriptions that it has no room for.
local function parcels_of(build, session)
  local digest = require "host.digest"
  local text = build.template_text
  build.template_key = ("%s/template-%s.json"):format(build.service_name, digest.sha256(text))
  local parcels = {
    {
      key = build.template_key,
      body = text,
      bytes = #text,
      content_type = "application/json",
    },
  }
  if build.code then
    table.insert(parcels, archive_parcel(build.code))
  end
  for _, name in ipairs(order.keys(build.archives or {})) do
    table.insert(parcels, archive_parcel(build.archives[name]))
  end
  add_descriptions(parcels, build, session)
  return parcels
end

--- Puts the archives, the descriptions and the template into `build.bucket`, and the template's key into
--- `build.template_key`. The undo deletes what this run created.
---@param build engine.Build
---@param session engine.Session
---@param journal engine.Journal
---@param on_bytes? fun(key: string, sent: integer, total: integer)
---@return engine.Sent sent
---@return fun() undo
function upload.put(build, session, journal, on_bytes)
  if build.bucket_absent then
    create_bucket(session, build.bucket)
  end
  local parcels = parcels_of(build, session)
  local missing = find_missing(session, build.bucket, parcels)
  local uploads, pending = {}, {}
  for i, parcel in ipairs(parcels) do
    uploads[i] = upload_of(session, build, parcel)
  end
  for i, parcel in ipairs(missing) do
    pending[i] = upload_of(session, build, parcel)
  end
  journal:note(pending)
  local created = {}
  local function undo()
    take_back(session, build, created, journal)
  end
  local ok, bytes = pcall(send, session, build, missing, created, on_bytes)
  if not ok then
    pcall(undo) -- what cannot be taken back now stays in the journal
    error(bytes, 0)
  end
  local sent = #missing
  return { sent = sent, skipped = #parcels - sent, bytes = bytes, uploads = uploads }, undo
end

return upload
