--- Fills the bucket of a website from its archive, and empties it: the handler of the custom resource
--- that engine.constructs.site makes.
---
--- What the bucket has already is not sent again; pages are put after what they show; what is no
--- longer in the archive goes last. Run twice, it does the same.
local aws = require "engine.aws"
local default = require "engine.aws.default"
local digest = require "host.digest"
local json = require "host.json"
local media_types = require "engine.runtime.site.media_types"
local paging = require "engine.aws.paging"
local zip = require "engine.runtime.zip"

local site = {}

local MANIFEST <const> = "MANIFEST.json"
local MOST_BYTES <const> = 1 << 30 -- of an archive; the function's memory ends sooner
local AT_ONCE <const> = 32 -- requests that are made ready together; eight of them are on their way

local function call_all(calls)
  local session = default.session()
  for first = 1, #calls, AT_ONCE do
    local batch = table.move(calls, first, math.min(first + AT_ONCE - 1, #calls), 1, {})
    for _, result in ipairs(aws.call_all(session, batch)) do
      if result.failure then
        error(result.failure, 0)
      end
    end
  end
end

-- Key → ETag of what is in the bucket.
local function list(bucket)
  local etags, params = {}, { Bucket = bucket }
  while params do
    local page = aws.call(default.session(), "s3", "ListObjectsV2", params)
    for _, object in ipairs(page.Contents or {}) do
      etags[object.Key] = object.ETag:gsub('"', "")
    end
    params = paging.next("s3", "ListObjectsV2", params, page)
  end
  return etags
end

local function fetch(properties)
  local answer = aws.call(default.session(), "s3", "GetObject", {
    Bucket = properties.SourceBucket, Key = properties.SourceKey,
  }, { max_body = MOST_BYTES })
  return answer.body
end

-- What the APIs of the service are called, for the site's own scripts.
local function manifest_of(properties)
  local manifest = json.object {}
  for name, output in pairs(properties.Outputs or {}) do
    manifest[name] = { Description = output.Description, Value = output.Value }
  end
  manifest.userdata = json.decode(properties.UserData or "{}")
  return assert(json.encode(manifest, { indent = 2 })) .. "\n"
end

local function is_page(name)
  return name:find "%.x?html?$" ~= nil
end

-- Pages last: whoever gets a new one finds what it shows.
local function in_order(entries)
  local ordered = {}
  for _, pages in ipairs { false, true } do
    for _, entry in ipairs(entries) do
      if is_page(entry.name) == pages then
        table.insert(ordered, entry)
      end
    end
  end
  return ordered
end

local function put(properties, key, body)
  return {
    "s3",
    "PutObject",
    {
      Bucket = properties.Bucket,
      Key = key,
      Body = body,
      ContentType = media_types.of(key),
      CacheControl = properties.CacheControl,
    },
  }
end

local function delete(bucket, keys)
  local calls = {}
  for _, key in ipairs(keys) do
    table.insert(calls, { "s3", "DeleteObject", { Bucket = bucket, Key = key } })
  end
  call_all(calls)
end

-- Which files are to be put, read a few at a time: an archive may hold more than memory does.
local function put_changed(properties, bytes, there, is_new_header)
  local kept, sent, batch = { [MANIFEST] = true }, 0, {}
  local function flush()
    call_all(batch)
    sent, batch = sent + #batch, {}
  end
  for _, entry in ipairs(in_order(zip.entries(bytes))) do
    kept[entry.name] = true
    local body = zip.read(bytes, entry)
    if is_new_header or there[entry.name] ~= digest.md5(body) then
      table.insert(batch, put(properties, entry.name, body))
      if #batch == AT_ONCE then
        flush()
      end
    end
  end
  flush()
  return kept, sent
end

local function not_kept(there, kept)
  local gone = {}
  for key in pairs(there) do
    if not kept[key] then
      table.insert(gone, key)
    end
  end
  table.sort(gone)
  return gone
end

--- Creates and updates: the bucket holds the archive's files and MANIFEST.json, and nothing else.
---@param request laconic.CustomRequest
---@param context laconic.Context
---@return table attributes
function site.publish(request, context)
  local properties = request.properties
  local old = request.old_properties or {}
  local there = list(properties.Bucket)
  local is_new_header = old.CacheControl ~= properties.CacheControl
  local kept, sent = put_changed(properties, fetch(properties), there, is_new_header)
  call_all { put(properties, MANIFEST, manifest_of(properties)) }
  local gone = not_kept(there, kept)
  delete(properties.Bucket, gone)
  context.log.info("site published", { sent = sent + 1, removed = #gone })
  return { Sent = sent + 1, Removed = #gone }
end

--- Deletes: CloudFormation removes empty buckets alone.
---@param request laconic.CustomRequest
---@param context laconic.Context
function site.clear(request, context)
  local bucket = request.properties.Bucket
  local ok, there = pcall(list, bucket)
  if not ok then
    if type(there) == "table" and there.code == "NoSuchBucket" then
      return -- it was removed by hand
    end
    error(there, 0)
  end
  local gone = not_kept(there, {})
  delete(bucket, gone)
  context.log.info("site cleared", { removed = #gone })
end

return site
