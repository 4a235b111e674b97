--- What S3 has beside its actions: addresses, URLs that are signed for somebody else, and files of any
--- size, in parts when they are large.
local check = require "engine.check"
local refusal = require "engine.aws.refusal"
local services = require "engine.aws.services"

local s3 = {}

--- The address of a bucket: its name goes into the host's at AWS, into the path elsewhere, and where
--- the name has dots (no certificate covers those).
---@param place table   what session:endpoint returns
---@param bucket any
---@return string
function s3.bucket_url(place, bucket)
  if type(bucket) ~= "string" or not bucket:find "^[%w._%-]+$" then
    check.fail("E105", ("'%s' is not the name of a bucket"):format(tostring(bucket)))
  elseif place.custom or bucket:find(".", 1, true) then
    return place.url .. "/" .. bucket
  end
  return (place.url:gsub("^https://", "https://" .. bucket .. "."))
end

--- The address of an object, as CloudFormation wants it in TemplateURL.
---@param session engine.Session
---@param bucket string
---@param key string
---@return string
function s3.object_url(session, bucket, key)
  local place = session:endpoint(services.find "s3")
  return s3.bucket_url(place, bucket) .. "/" .. require("host.uri").encode(key, "/")
end

--- A URL that lets whoever holds it make one request, until it expires. It is a secret.
---@param session engine.Session
---@param request { method: string, bucket: string, key: string, query?: table, headers?: table, expires: integer }
---@return string url
function s3.presign(session, request)
  local service = services.find "s3"
  local place, keys, uri = session:endpoint(service), session:credentials(), require "host.uri"
  local base = s3.bucket_url(place, request.bucket)
  local authority, prefix = base:match "^https?://([^/]+)(.*)$"
  local path = prefix .. "/" .. uri.encode(request.key, "/")
  local headers = { Host = assert(uri.parse(base)).authority }
  for name, value in pairs(request.headers or {}) do
    headers[name] = value
  end
  local signed = assert(require("host.sigv4").presign({
    access_key_id = keys.access_key_id,
    secret_access_key = keys.secret_access_key,
    session_token = keys.session_token,
    region = place.signing_region,
    service = service.signing,
    amz_date = require("host.clock").amz_date(session.clock.now()),
  }, {
    method = request.method,
    path = path,
    query = uri.build_query(request.query or {}),
    headers = headers,
    expires = request.expires,
  }))
  return ("%s://%s%s?%s"):format(base:match "^https?", authority, path, signed.query)
end

--- Calls a verb of host.s3 ("put" for files of any size, "list"), with the session's credentials.
---@param session engine.Session
---@param verb string
---@param request table  bucket, key, and the verb's own fields
---@param options? engine.CallOptions  `where` alone
---@return any
function s3.call(session, verb, request, options)
  local service = services.find "s3"
  local place = session:endpoint(service)
  local full = {
    credentials = session:credentials(),
    region = place.signing_region,
    endpoint = place.custom and place.url or nil,
  }
  for name, value in pairs(request) do
    full[name] = value
  end
  local primitive = session.transport and session.transport.s3 or require "host.s3"
  local result, err = primitive[verb](full)
  return result or refusal.raise(err, {
    service = service,
    action = verb,
    place = place,
    where = options and options.where,
  })
end

return s3
