--- The headers that make a request conditional, and those that ask for a range of bytes.
local clock = require "host.clock"
local fault = require "engine.local.fault"

local conditions = {}

local function failed(name)
  fault.raise("PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
    412, { Condition = name })
end

-- Whether a list such as `"a", W/"b"` or `*` has the ETag.
local function names(list, etag)
  if list:match "^%s*%*%s*$" then
    return true
  end
  for item in list:gmatch "[^,]+" do
    if item:gsub("^%s*W?/?", ""):gsub('["%s]', "") == etag then
      return true
    end
  end
  return false
end

local function not_modified(version)
  fault.raise("NotModified", "Not Modified", 304, nil, {
    ["ETag"] = '"' .. version.etag .. '"',
    ["Last-Modified"] = clock.http_date(version.modified),
  })
end

-- HTTP dates have whole seconds.
local function changed_since(version, text)
  local time = clock.parse(text)
  return not time or version.modified // 1 > time
end

--- Refuses a GET or HEAD whose conditions do not hold (412), or which has nothing new to get (304).
---@param request engine.local.Request
---@param version engine.local.services.s3.Version
function conditions.check_get(request, version)
  local if_match, if_none_match = request:header "if-match", request:header "if-none-match"
  local unmodified, modified = request:header "if-unmodified-since",
    request:header "if-modified-since"
  if if_match and not names(if_match, version.etag) then
    failed "If-Match"
  elseif unmodified and not if_match and changed_since(version, unmodified) then
    failed "If-Unmodified-Since"
  elseif if_none_match and names(if_none_match, version.etag) then
    not_modified(version)
  elseif modified and not if_none_match and not changed_since(version, modified) then
    not_modified(version)
  end
end

--- The same of a copy's source; all of them are 412.
---@param request engine.local.Request
---@param version engine.local.services.s3.Version
function conditions.check_copy(request, version)
  local prefix = "x-amz-copy-source-"
  local if_match = request:header(prefix .. "if-match")
  local if_none_match = request:header(prefix .. "if-none-match")
  local unmodified = request:header(prefix .. "if-unmodified-since")
  local modified = request:header(prefix .. "if-modified-since")
  if if_match and not names(if_match, version.etag) then
    failed(prefix .. "If-Match")
  elseif if_none_match and names(if_none_match, version.etag) then
    failed(prefix .. "If-None-Match")
  elseif unmodified and not if_match and changed_since(version, unmodified) then
    failed(prefix .. "If-Unmodified-Since")
  elseif modified and not if_none_match and not changed_since(version, modified) then
    failed(prefix .. "If-Modified-Since")
  end
end

--- Conditional writes: If-None-Match: * (only when absent), If-Match (only over that ETag).
---@param request engine.local.Request
---@param latest? engine.local.services.s3.Version
function conditions.check_put(request, latest)
  local there = latest and not latest.marker
  local if_match, if_none_match = request:header "if-match", request:header "if-none-match"
  if if_none_match then
    if if_none_match ~= "*" then
      fault.raise("NotImplemented", "A header you provided implies functionality that is not"
        .. " implemented", 501, { Header = "If-None-Match" })
    elseif there then
      failed "If-None-Match"
    end
  end
  if if_match then
    if not there then
      fault.raise("NoSuchKey", "The specified key does not exist.", 404)
    elseif not names(if_match, latest.etag) then
      failed "If-Match"
    end
  end
end

--- A conditional delete: If-Match, of the latest version.
---@param request engine.local.Request
---@param latest? engine.local.services.s3.Version
function conditions.check_delete(request, latest)
  local if_match = request:header "if-match"
  if if_match and latest and not latest.marker and not names(if_match, latest.etag) then
    failed "If-Match"
  end
end

local function unsatisfiable(text, size)
  fault.raise("InvalidRange", "The requested range is not satisfiable", 416, {
    ActualObjectSize = tostring(size),
    RangeRequested = text,
  }, { ["Content-Range"] = "bytes */" .. size })
end

--- Reads "bytes=a-b", "bytes=a-" or "bytes=-n" of an object; nil when it is none of these: then the
--- whole object is meant.
---@param text string
---@param size integer
---@return { first: integer, length: integer }?
function conditions.parse_range(text, size)
  local first, last = text:match "^bytes=(%d*)%-(%d*)$"
  local from, to = math.tointeger(tonumber(first)), math.tointeger(tonumber(last))
  if not from and not to then
    return nil
  elseif not from then
    if to == 0 or size == 0 then
      unsatisfiable(text, size)
    end
    from, to = math.max(size - to, 0), size - 1
  elseif to and to < from then
    return nil
  elseif from >= size then
    unsatisfiable(text, size)
  end
  to = math.min(to or size - 1, size - 1)
  return { first = from, length = to - from + 1 }
end

--- The range of bytes that a request asks for.
---@param request engine.local.Request
---@param version engine.local.services.s3.Version
---@return { first: integer, length: integer }?
function conditions.range(request, version)
  local text = request:header "range"
  local condition = request:header "if-range"
  if not text or condition and not names(condition, version.etag) then
    return nil
  end
  return conditions.parse_range(text, version.size)
end

return conditions
