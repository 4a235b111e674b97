--- Clears away what nobody needs any more in S3: what broken-off runs left, or all of a service.
local object_key = require "engine.upload.object_key"
local objects = require "engine.aws.objects"
local s3 = require "engine.aws.s3"
local services = require "engine.aws.services"
local stack = require "engine.aws.stack"

local sweep = {}

-- Whether this session can tell what became of an upload: the same S3, the same region.
local function is_ours(session, upload)
  return upload.endpoint == session:endpoint(services.find "s3").name
    and upload.region == session:region()
end

-- The left-over uploads that this session may judge, by bucket, with the buckets in order.
local function left_over(session, journal)
  local by_bucket, buckets = {}, {}
  for _, upload in ipairs(journal.uploads) do
    if is_ours(session, upload) then
      if not by_bucket[upload.bucket] then
        by_bucket[upload.bucket] = {}
        table.insert(buckets, upload.bucket)
      end
      table.insert(by_bucket[upload.bucket], upload)
    end
  end
  return by_bucket, buckets
end

--- After a run that ended well: strikes out what it used, and deletes what earlier runs left behind
--- and neither the new template nor the live one refers to.
---@param build engine.Build
---@param session engine.Session
---@param sent engine.Sent
---@param journal engine.Journal
---@return integer count  of objects deleted
function sweep.unused(build, session, sent, journal)
  journal:strike(sent.uploads)
  local by_bucket, buckets = left_over(session, journal)
  if #buckets == 0 then
    return 0
  end
  local live = stack.live_template(session, build.service_name) or ""
  local count = 0
  for _, bucket in ipairs(buckets) do
    local unused, struck = {}, {}
    for _, upload in ipairs(by_bucket[bucket]) do
      local used = object_key.is_in(live, upload.key)
        or object_key.is_in(build.template_text, upload.key)
      table.insert(used and struck or unused, upload)
    end
    local gone, problem = objects.delete(session, bucket, unused)
    journal:strike(table.move(gone, 1, #gone, #struck + 1, struck))
    count = count + #gone
    if problem then
      error(problem, 0)
    end
  end
  return count
end

--- Deletes every artifact of a service: what is under its prefix and named by its content.
---@param session engine.Session
---@param bucket string
---@param service_name string
---@return integer count
function sweep.all(session, bucket, service_name)
  local prefix = service_name .. "/"
  local found = {}
  for _, object in ipairs(s3.call(session, "list", { bucket = bucket, prefix = prefix })) do
    if object_key.is_ours(object.key:sub(#prefix + 1)) then
      table.insert(found, { key = object.key })
    end
  end
  local gone, problem = objects.delete(session, bucket, found)
  if problem then
    error(problem, 0)
  end
  return #gone
end

return sweep
