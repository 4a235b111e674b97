--- Listings: keys in byte order, page after page, rolled up at a delimiter.
local buckets = require "engine.local.services.s3.buckets"
local clock = require "host.clock"
local digest = require "host.digest"
local fault = require "engine.local.fault"
local markup = require "engine.local.markup"
local uri = require "host.uri"

local listing = { actions = {} }
local actions = listing.actions

local MOST_KEYS = 1000

-- The place of the first key that is not below `key`.
local function lower_bound(keys, key)
  local low, high = 1, #keys + 1
  while low < high do
    local middle = (low + high) // 2
    if keys[middle] < key then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- The first text after all that begin with `prefix`; nil when there is none.
local function after_prefix(prefix)
  local head = prefix:gsub("\xff+$", "")
  return head ~= "" and head:sub(1, -2) .. string.char(head:byte(-1) + 1) or nil
end

local function starts_with(key, prefix)
  return key:sub(1, #prefix) == prefix
end

--- Walks the keys under a prefix, after `after`, calling `take(key, common)` for each key or common
--- prefix until it returns false.
---@param keys string[]  sorted
---@param options { prefix: string, delimiter?: string, after?: string }
---@param take fun(key: string, common: boolean): boolean
function listing.walk(keys, options, take)
  local prefix, delimiter = options.prefix, options.delimiter
  local place = lower_bound(keys, prefix)
  if options.after then
    local after = options.after
    place = math.max(place, lower_bound(keys, after))
    if keys[place] == after then
      place = place + 1
    end
    local rolled = delimiter and starts_with(after, prefix)
      and select(2, after:find(delimiter, #prefix + 1, true))
    if rolled and rolled == #after then -- it was a common prefix: its keys are behind us
      local beyond = after_prefix(after)
      place = beyond and math.max(place, lower_bound(keys, beyond)) or #keys + 1
    end
  end
  while keys[place] and starts_with(keys[place], prefix) do
    local key = keys[place]
    local stop = delimiter and select(2, key:find(delimiter, #prefix + 1, true))
    local common = stop and key:sub(1, stop)
    if not take(common or key, common ~= nil) then
      return
    end
    local beyond = common and after_prefix(common)
    if not common then
      place = place + 1
    else
      place = beyond and lower_bound(keys, beyond) or #keys + 1
    end
  end
end

local function read_limit(request, name)
  local text = request:parameter(name)
  local limit = text and text ~= "" and math.tointeger(tonumber(text)) or not text and MOST_KEYS
  if not limit or limit < 0 then
    fault.raise("InvalidArgument", "Argument " .. name .. " must be an integer between 0 and "
      .. "2147483647", 400, { ArgumentName = name, ArgumentValue = text })
  end
  return math.min(limit, MOST_KEYS)
end

local function given(request, name)
  local value = request:parameter(name)
  return value ~= "" and value or nil
end

-- How keys are written: as they are, or with encoding-type=url.
local function key_writer(request)
  local encoding = given(request, "encoding-type")
  if encoding and encoding ~= "url" then
    fault.raise("InvalidArgument", "Invalid Encoding Method specified in Request", 400, {
      ArgumentName = "encoding-type",
      ArgumentValue = encoding,
    })
  end
  return function(key)
    return encoding and key and uri.encode(key, "/") or key
  end, encoding
end

local function describe(version, write)
  return {
    Key = write(version.key),
    LastModified = clock.iso8601(version.modified, true),
    ETag = '"' .. version.etag .. '"',
    Size = version.size,
    StorageClass = version.headers["x-amz-storage-class"] or "STANDARD",
  }
end

local function owner(request)
  return { ID = request.account, DisplayName = "laconic-local" }
end

-- One page of objects: contents, common prefixes, and the last name when there is more.
local function page(request, index, after, write, with_owner)
  local limit = read_limit(request, "max-keys")
  local contents, prefixes, count, last, more = {}, {}, 0, nil, false
  local options = {
    prefix = request:parameter "prefix" or "",
    delimiter = given(request, "delimiter"),
    after = after,
  }
  if limit > 0 then
    listing.walk(index:sorted_keys(), options, function(key, common)
      local version = not common and index:latest(key)
      if version and version.marker then
        return true
      elseif common and not listing.has_live(index, key) then
        return true
      elseif count == limit then
        more = true
        return false
      end
      if common then
        table.insert(prefixes, { Prefix = write(key) })
      else
        local item = describe(version, write)
        item.Owner = with_owner and owner(request) or nil
        table.insert(contents, item)
      end
      count, last = count + 1, key
      return true
    end)
  end
  return {
    Contents = markup.flat(contents),
    CommonPrefixes = markup.flat(prefixes),
    MaxKeys = limit,
    IsTruncated = tostring(more),
    Prefix = write(options.prefix),
    Delimiter = write(options.delimiter),
  }, last, count, more
end

--- Whether any object under a prefix is there, and not only delete markers.
---@param prefix string
---@return boolean
function listing.has_live(index, prefix)
  local keys = index:sorted_keys()
  local place = lower_bound(keys, prefix)
  while keys[place] and starts_with(keys[place], prefix) do
    if not index:latest(keys[place]).marker then
      return true
    end
    place = place + 1
  end
  return false
end

function actions.ListObjects(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local write, encoding = key_writer(request)
  local marker = given(request, "marker")
  local result, last, _, more =
    page(request, buckets.index(cloud, bucket.name), marker, write, true)
  result.Name = bucket.name
  result.Marker = write(marker) or ""
  result.EncodingType = encoding
  result.NextMarker = more and write(last) or nil
  return buckets.document("ListBucketResult", result)
end

local function read_token(request)
  local token = request:parameter "continuation-token"
  if not token then
    return nil
  end
  local text = digest.from_base64(token)
  if not text or text == "" then
    fault.raise("InvalidArgument", "The continuation token provided is incorrect", 400, {
      ArgumentName = "continuation-token",
    })
  end
  return text
end

function actions.ListObjectsV2(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local write, encoding = key_writer(request)
  local after = read_token(request) or given(request, "start-after")
  local with_owner = request:parameter "fetch-owner" == "true"
  local result, last, count, more =
    page(request, buckets.index(cloud, bucket.name), after, write, with_owner)
  result.Name = bucket.name
  result.KeyCount = count
  result.EncodingType = encoding
  result.StartAfter = write(given(request, "start-after"))
  result.ContinuationToken = request:parameter "continuation-token"
  result.NextContinuationToken = more and digest.to_base64(last) or nil
  return buckets.document("ListBucketResult", result)
end

local function describe_version(request, version, is_latest, write)
  local item
  if version.marker then
    item = { Key = write(version.key), LastModified = clock.iso8601(version.modified, true) }
  else
    item = describe(version, write)
  end
  item.VersionId = version.id
  item.IsLatest = tostring(is_latest)
  item.Owner = owner(request)
  return item
end

-- The versions of one key, the latest first, those after `after` only.
local function newest_first(versions, after)
  local list, seen = {}, after == nil
  for place = #versions, 1, -1 do
    if seen then
      table.insert(list, { versions[place], place == #versions })
    end
    seen = seen or versions[place].id == after
  end
  return list
end

function actions.ListObjectVersions(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local index = buckets.index(cloud, bucket.name)
  local write, encoding = key_writer(request)
  local limit = read_limit(request, "max-keys")
  local key_marker, id_marker = given(request, "key-marker"), given(request, "version-id-marker")
  local versions, markers, prefixes, count = {}, {}, {}, 0
  local last_key, last_id, more

  local function room(key, id)
    if count == limit then
      more = true
      return false
    end
    count, last_key, last_id = count + 1, key, id
    return true
  end

  local function take_versions(list)
    for _, item in ipairs(list) do
      local version, is_latest = item[1], item[2]
      if not room(version.key, version.id) then
        return false
      end
      table.insert(version.marker and markers or versions,
        describe_version(request, version, is_latest, write))
    end
    return true
  end

  local options = {
    prefix = request:parameter "prefix" or "",
    delimiter = given(request, "delimiter"),
    after = key_marker,
  }
  local rest = id_marker and key_marker and index:versions(key_marker)
  if not rest or take_versions(newest_first(rest, id_marker)) then
    listing.walk(index:sorted_keys(), options, function(key, common)
      if not common then
        return take_versions(newest_first(index:versions(key)))
      elseif room(key) then
        table.insert(prefixes, { Prefix = write(key) })
        return true
      end
      return false
    end)
  end
  return buckets.document("ListVersionsResult", {
    Name = bucket.name,
    Prefix = write(options.prefix),
    Delimiter = write(options.delimiter),
    KeyMarker = write(key_marker) or "",
    VersionIdMarker = id_marker or "",
    NextKeyMarker = more and write(last_key) or nil,
    NextVersionIdMarker = more and last_id or nil,
    MaxKeys = limit,
    EncodingType = encoding,
    IsTruncated = tostring(more or false),
    Version = markup.flat(versions),
    DeleteMarker = markup.flat(markers),
    CommonPrefixes = markup.flat(prefixes),
  })
end

return listing
