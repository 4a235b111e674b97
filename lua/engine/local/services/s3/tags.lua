--- The tags of objects: in a header, in a document, and the actions upon them.
local buckets = require "engine.local.services.s3.buckets"
local fault = require "engine.local.fault"
local markup = require "engine.local.markup"
local objects = require "engine.local.services.s3.objects"
local uri = require "host.uri"

local tags = { actions = {} }
local actions = tags.actions

local MOST = 10

--- Refuses tags that S3 does not take.
---@param list { Key: string, Value: string }[]
---@return { Key: string, Value: string }[]? list  nil when there are none
function tags.check(list)
  local seen = {}
  for _, tag in ipairs(list) do
    if #tag.Key == 0 or #tag.Key > 128 or #tag.Value > 256 or seen[tag.Key] then
      fault.raise("InvalidTag", "The tag '" .. tag.Key .. "' is empty, too long, or there twice")
    end
    seen[tag.Key] = true
  end
  if #list > MOST then
    fault.raise("BadRequest", "Object tags cannot be greater than 10")
  end
  return #list > 0 and list or nil
end

--- The tags that a request gives the object that it makes.
---@return { Key: string, Value: string }[]?
function tags.of_header(request)
  local text = request:header "x-amz-tagging"
  if not text then
    return nil
  end
  local said = uri.parse_query((text:gsub("%+", "%%20")))
  if not said then
    fault.raise("InvalidArgument", "The header 'x-amz-tagging' is not URL-encoded")
  end
  local list = {}
  for _, pair in ipairs(said) do
    table.insert(list, { Key = pair[1], Value = pair[2] })
  end
  return tags.check(list)
end

function actions.GetObjectTagging(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local version = objects.find(cloud, bucket, params.key, request:parameter "versionId")
  return buckets.document("Tagging", { TagSet = { Tag = markup.flat(version.tags or {}) } })
end

local function retag(request, params, cloud, list)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local version, index = objects.find(cloud, bucket, params.key, request:parameter "versionId")
  version.tags = list
  index:rewrite(params.key)
  local headers = bucket.versioning and { { "x-amz-version-id", version.id } } or {}
  return { headers = headers }
end

function actions.PutObjectTagging(request, params, cloud)
  local list = {}
  for _, set in ipairs(buckets.read_xml(request, "Tagging")) do
    for _, tag in ipairs(set) do
      table.insert(list, {
        Key = buckets.child(tag, "Key") or "",
        Value = buckets.child(tag, "Value") or "",
      })
    end
  end
  return retag(request, params, cloud, tags.check(list))
end

function actions.DeleteObjectTagging(request, params, cloud)
  local answer = retag(request, params, cloud, nil)
  answer.status = 204
  return answer
end

return tags
