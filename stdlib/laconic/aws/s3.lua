--- Objects in S3.
---
---     local s3 = require "laconic.aws.s3"
---     s3.put { bucket = "photos", key = "a.txt", body = "hello", content_type = "text/plain" }
---     print(s3.get({ bucket = "photos", key = "a.txt" }).body)  --> hello
---     for object in s3.list { bucket = "photos", prefix = "2026/" } do
---       print(object.key, object.size)
---     end
---
--- Every request may name a `client` (`laconic.aws.client("s3", { region = … })`). What S3 refuses is
--- raised, with its code: "NoSuchKey", "AccessDenied", "PreconditionFailed".
---@module "laconic.aws.s3"
local aws = require "engine.aws"
local check = require "engine.check"
local client = require "laconic.aws.client"
local engine_s3 = require "engine.aws.s3"
local failure = require "engine.failure"

local s3 = {}

local TEXT = { type = "string" }
local NAME = { type = "string", required = true, least = 1 }

local function rules(more)
  local all = { client = { type = "table" }, bucket = NAME, key = NAME }
  for name, rule in pairs(more) do
    all[name] = rule or nil
  end
  return all
end

-- What S3 says in headers, as fields.
local function facts(headers)
  local metadata = {}
  for name, value in pairs(headers) do
    local own = name:match "^x%-amz%-meta%-(.+)$"
    if own then
      metadata[own] = value
    end
  end
  return {
    content_type = headers["content-type"],
    etag = headers.etag and headers.etag:gsub('"', "") or nil,
    last_modified = headers["last-modified"],
    metadata = metadata,
    size = math.tointeger(headers["content-length"]),
    version_id = headers["x-amz-version-id"],
    headers = headers,
  }
end

-- S3 answers for a bucket of another region with a redirect, which nobody follows.
local function refuse_redirect(answer, action)
  local status = answer.status
  if status >= 300 and status ~= 304 then
    local region = answer.headers["x-amz-bucket-region"]
    failure.raise("service", ("S3 refused %s: the bucket is in %s"):format(action,
      region or "another region"), {
      code = "PermanentRedirect",
      status = status,
      where = check.where(),
      hint = 'name a client of that region: laconic.aws.client("s3", { region = … })',
    })
  end
  return answer
end

local function call(request, action, params, transfer)
  local own = client.of("s3", request)
  params.Bucket, params.Key = request.bucket, request.key
  local answer = own:observed(action, function()
    return aws.call(own.session, own.service, action, params, own:call_options(transfer))
  end)
  return answer.status and refuse_redirect(answer, action) or answer
end

local PUT = rules {
  body = { type = "string", required = true },
  cache_control = TEXT,
  content_disposition = TEXT,
  content_encoding = TEXT,
  content_type = TEXT,
  encryption = TEXT,
  if_match = TEXT,
  if_none_match = TEXT,
  metadata = { type = "table" },
  storage_class = TEXT,
  tagging = TEXT,
}

---@class laconic.S3Put
---@field bucket string
---@field key string
---@field body string
---@field content_type? string      default of S3: "binary/octet-stream"
---@field metadata? table<string, string>
---@field cache_control? string
---@field content_disposition? string
---@field content_encoding? string
---@field encryption? string        "AES256", "aws:kms"
---@field if_match? string          an ETag: only in the place of that very object
---@field if_none_match? string     "*": only when there is none (else PreconditionFailed)
---@field storage_class? string     "STANDARD_IA"
---@field tagging? string           "team=shop&stage=test"
---@field client? laconic.AwsClient

--- Puts an object, whole. For files of any size there is `upload`.
---@param request laconic.S3Put
---@return { etag: string, version_id?: string }
function s3.put(request)
  check.fields("s3.put", request, PUT)
  local answer = call(request, "PutObject", {
    Body = request.body,
    CacheControl = request.cache_control,
    ContentDisposition = request.content_disposition,
    ContentEncoding = request.content_encoding,
    ContentType = request.content_type,
    IfMatch = request.if_match,
    IfNoneMatch = request.if_none_match,
    Metadata = request.metadata,
    ServerSideEncryption = request.encryption,
    StorageClass = request.storage_class,
    Tagging = request.tagging,
  })
  local said = facts(answer.headers)
  return { etag = said.etag, version_id = said.version_id }
end

local GET = rules {
  version_id = TEXT,
  range = TEXT,
  if_match = TEXT,
  if_none_match = TEXT,
  max_body = { type = "integer", least = 1, unit = "bytes" },
}

---@class laconic.S3Object
---@field body string
---@field size integer               of the body
---@field etag string
---@field content_type? string
---@field last_modified string       "Sun, 30 Aug 2015 12:36:00 GMT"
---@field metadata table<string, string>
---@field version_id? string
---@field headers table<string, string>

---@class laconic.S3Key
---@field bucket string
---@field key string
---@field version_id? string
---@field client? laconic.AwsClient

---@class laconic.S3Get: laconic.S3Key
---@field range? string           "bytes=0-99"
---@field if_match? string        an ETag
---@field if_none_match? string   an ETag
---@field max_body? integer       bytes; default 64 MiB

--- Gets an object. Raises "NoSuchKey" when there is none.
---@param request laconic.S3Get
---@return laconic.S3Object? object  nil when `if_none_match` is the ETag that it still has
function s3.get(request)
  check.fields("s3.get", request, GET)
  local answer = call(request, "GetObject", {
    IfMatch = request.if_match,
    IfNoneMatch = request.if_none_match,
    Range = request.range,
    VersionId = request.version_id,
  }, { max_body = request.max_body })
  if answer.status == 304 then
    return nil
  end
  local object = facts(answer.headers)
  object.body = answer.body
  object.size = #answer.body
  return object
end

--- What is known of an object; nil when there is none.
---@param request laconic.S3Key
---@return laconic.S3Object? facts  without the body
function s3.head(request)
  check.fields("s3.head", request, rules { version_id = TEXT })
  local ok, answer = pcall(call, request, "HeadObject", { VersionId = request.version_id })
  if ok then
    return facts(answer.headers)
  elseif failure.is(answer) and answer.status == 404 then
    return nil
  end
  error(answer, 0)
end

--- Deletes an object, or one version of it. One that is not there counts as deleted.
---@param request laconic.S3Key
function s3.delete(request)
  check.fields("s3.delete", request, rules { version_id = TEXT })
  call(request, "DeleteObject", { VersionId = request.version_id })
end

local COPY = rules {
  content_type = TEXT,
  from_bucket = TEXT,
  from_key = NAME,
  from_version_id = TEXT,
  metadata = { type = "table" },
}

---@class laconic.S3Copy
---@field bucket string              where to
---@field key string
---@field from_bucket? string        default: the same
---@field from_key string
---@field from_version_id? string
---@field metadata? table<string, string>  in the place of the copied object's
---@field content_type? string
---@field client? laconic.AwsClient

--- Copies an object of up to 5 GB within S3. Its metadata goes along, unless other is given.
---@param request laconic.S3Copy
---@return { etag: string }
function s3.copy(request)
  check.fields("s3.copy", request, COPY)
  local uri = require "host.uri"
  local from = (request.from_bucket or request.bucket) .. "/" .. uri.encode(request.from_key, "/")
  if request.from_version_id then
    from = from .. "?versionId=" .. uri.encode(request.from_version_id)
  end
  local other = request.metadata or request.content_type
  local answer = call(request, "CopyObject", {
    ContentType = request.content_type,
    CopySource = from,
    Metadata = request.metadata,
    MetadataDirective = other and "REPLACE" or nil,
  })
  return { etag = (answer.ETag or ""):gsub('"', "") }
end

local LIST = rules {
  key = false,
  delimiter = TEXT,
  page_size = { type = "integer", least = 1, most = 1000 },
  prefix = TEXT,
  start_after = TEXT,
}

-- Keys come percent-encoded: XML cannot hold all that a key may.
local function plain(text)
  return (assert(require("host.uri").decode(text, true)))
end

local function read_page(answer)
  local page = { objects = {}, prefixes = {} }
  for i, item in ipairs(answer.Contents or {}) do
    page.objects[i] = {
      key = plain(item.Key),
      size = math.tointeger(item.Size),
      etag = item.ETag and item.ETag:gsub('"', "") or nil,
      last_modified = item.LastModified,
      storage_class = item.StorageClass,
    }
  end
  for i, item in ipairs(answer.CommonPrefixes or {}) do
    page.prefixes[i] = plain(item.Prefix)
  end
  return page
end

---@class laconic.S3List
---@field bucket string
---@field prefix? string
---@field delimiter? string      "/": what is deeper is summed up in `prefixes`
---@field start_after? string    a key
---@field page_size? integer     objects, 1 to 1,000; default 1,000
---@field client? laconic.AwsClient

--- The objects of a bucket in key order, page by page.
---@param request laconic.S3List
---@return fun(): { objects: table[], prefixes: string[] }?
function s3.pages(request)
  check.fields("s3.pages", request, LIST)
  local pages = client.of("s3", request):pages("ListObjectsV2", {
    Bucket = request.bucket,
    Delimiter = request.delimiter,
    EncodingType = "url",
    MaxKeys = request.page_size,
    Prefix = request.prefix,
    StartAfter = request.start_after,
  })
  return function()
    local answer = pages()
    return answer and read_page(answer)
  end
end

--- The objects of a bucket in key order, one by one; the pages are asked for on the way.
---@param request laconic.S3List
---@return fun(): { key: string, size: integer, etag: string, last_modified: string, storage_class?: string }?
function s3.list(request)
  check.fields("s3.list", request, LIST)
  local pages, objects, i = s3.pages(request), {}, 0
  return function()
    i = i + 1
    while objects and not objects[i] do
      local page = pages()
      objects, i = page and page.objects, 1
    end
    return objects and objects[i]
  end
end

local PRESIGN = rules {
  content_type = TEXT,
  expires = { type = "integer", least = 1, most = 604800, unit = "seconds" },
  method = { one_of = { "GET", "PUT", "HEAD", "DELETE" } },
  response_content_disposition = TEXT,
  response_content_type = TEXT,
  version_id = TEXT,
}

---@class laconic.S3Presign: laconic.S3Key
---@field method? "GET"|"PUT"|"HEAD"|"DELETE"  default "GET"
---@field expires? integer          seconds, default 900, at most a week; never longer than the
---  credentials that sign it
---@field content_type? string      the one that a PUT must then come with
---@field response_content_type? string
---@field response_content_disposition? string  'attachment; filename="report.pdf"'

--- A URL that lets whoever holds it get (or put) one object, without credentials, until it expires.
--- Treat it as the secret that it is: no log, no message.
---@param request laconic.S3Presign
---@return string url
function s3.presign(request)
  check.fields("s3.presign", request, PRESIGN)
  return engine_s3.presign(client.of("s3", request).session, {
    method = request.method or "GET",
    bucket = request.bucket,
    key = request.key,
    expires = request.expires or 900,
    headers = { ["Content-Type"] = request.content_type },
    query = {
      versionId = request.version_id,
      ["response-content-type"] = request.response_content_type,
      ["response-content-disposition"] = request.response_content_disposition,
    },
  })
end

local UPLOAD = rules {
  path = NAME,
  content_type = TEXT,
  metadata = { type = "table" },
  part_size = { type = "integer", least = 5 * 1024 * 1024, unit = "bytes" },
  parallel = { type = "integer", least = 1, most = 64 },
  progress = { type = "function" },
}

-- For host.s3, which has its own words. Its time-out is for each request, of which a large file takes
-- many: inside an invocation none of them may last longer than it.
local function transfer(verb, request, more)
  local own = client.of("s3", request)
  local options = own:call_options()
  local full = {
    bucket = request.bucket,
    key = request.key,
    attempts = own.attempts,
    timeout = own.timeout,
    connect_timeout = own.connect_timeout,
  }
  if options.deadline then
    local left = math.max(0.001, options.deadline - own.session.clock.now())
    full.timeout = math.min(own.timeout or left, left)
  end
  for name, value in pairs(more) do
    full[name] = value
  end
  return own:observed(verb, function()
    return engine_s3.call(own.session, verb, full, options)
  end)
end

---@class laconic.S3Upload
---@field bucket string
---@field key string
---@field path string            the file
---@field content_type? string
---@field metadata? table<string, string>
---@field part_size? integer     bytes; default 8 MiB, least 5 MiB
---@field parallel? integer      parts at once, 1 to 64; default 4
---@field progress? fun(sent: integer, total: integer)
---@field client? laconic.AwsClient

--- Puts a file, in parts side by side when it is large. An upload that fails leaves no part behind.
---@param request laconic.S3Upload
---@return { etag: string, version_id?: string, parts?: integer }
function s3.upload(request)
  check.fields("s3.upload", request, UPLOAD)
  return transfer("put", request, {
    path = request.path,
    content_type = request.content_type,
    metadata = request.metadata,
    part_size = request.part_size,
    parallel = request.parallel,
    progress = request.progress,
  })
end

---@class laconic.S3Download: laconic.S3Key
---@field path string  the file

--- Gets an object into a file, of any size: the file appears whole, or not at all.
---@param request laconic.S3Download
---@return { headers: table<string, string>, version_id?: string }
function s3.download(request)
  check.fields("s3.download", request, rules { path = NAME, version_id = TEXT })
  local object = transfer("get", request, {
    to_file = request.path,
    version_id = request.version_id,
  })
  return { headers = object.headers, version_id = object.version_id }
end

return s3
