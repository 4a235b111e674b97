--- Buckets as websites: pages for people, without signatures. What may be read is what the bucket's
--- policy lets anybody read.
local buckets = require "engine.local.services.s3.buckets"
local clock = require "host.clock"
local conditions = require "engine.local.services.s3.conditions"
local fault = require "engine.local.fault"
local json = require "host.json"
local markup = require "engine.local.markup"
local uri = require "host.uri"
local wildcard = require "engine.local.wildcard"
local xml = require "host.xml"

local website = {}

-- Of a redirect, CloudFormation's and S3's names are the same.
local function routing_rules(said)
  return said and #said > 0 and { RoutingRule = markup.flat(said) } or nil
end

--- Keeps what CloudFormation says of a bucket's website; nil takes it away.
---@param said? table  WebsiteConfiguration of AWS::S3::Bucket
function website.set(cloud, bucket, said)
  buckets.set(cloud, bucket, "website", said and {
    IndexDocument = said.IndexDocument and { Suffix = said.IndexDocument },
    ErrorDocument = said.ErrorDocument and { Key = said.ErrorDocument },
    RedirectAllRequestsTo = said.RedirectAllRequestsTo,
    RoutingRules = routing_rules(said.RoutingRules),
  })
end

local function child(element, ...)
  for _, name in ipairs { ... } do
    local found
    for _, item in ipairs(element or {}) do
      found = found or (item.name == name and item or nil)
    end
    element = found
  end
  return element
end

local function text_of(element, ...)
  local found = child(element, ...)
  return found and found.text or nil
end

local function configuration(bucket)
  local text = bucket.settings.website
  local root = text and xml.decode(text)
  if not root then
    fault.raise("NoSuchWebsiteConfiguration",
      "The specified bucket does not have a website configuration", 404, {
        BucketName = bucket.name,
      })
  end
  return {
    index = text_of(root, "IndexDocument", "Suffix"),
    error = text_of(root, "ErrorDocument", "Key"),
    host = text_of(root, "RedirectAllRequestsTo", "HostName"),
    protocol = text_of(root, "RedirectAllRequestsTo", "Protocol"),
  }
end

local function is_listed(value, wanted)
  for _, item in ipairs(type(value) == "table" and value or { value }) do
    if wanted(item) then
      return true
    end
  end
  return false
end

local function is_anybody(principal)
  return principal == "*"
    or type(principal) == "table" and is_listed(principal.AWS, function(item)
      return item == "*"
    end)
end

local function covers(statement, arn)
  return is_anybody(statement.Principal)
    and not statement.Condition
    and is_listed(statement.Action, function(action)
      return wildcard.fits(type(action) == "string" and action:lower(), "s3:getobject")
    end)
    and is_listed(statement.Resource, function(resource)
      return wildcard.fits(resource, arn)
    end)
end

-- Whether the bucket's policy lets anybody read that object.
local function is_public(bucket, key)
  local policy = json.decode(bucket.settings.policy or "{}")
  local statements = type(policy) == "table" and policy.Statement or {}
  local arn, allowed = ("arn:aws:s3:::%s/%s"):format(bucket.name, key), false
  for _, statement in ipairs(statements[1] and statements or { statements }) do
    if covers(statement, arn) then
      if statement.Effect == "Deny" then
        return false
      end
      allowed = true
    end
  end
  return allowed
end

local PAGE = [[
<html>
<head><title>%s</title></head>
<body>
<h1>%s</h1>
<ul>
<li>Code: %s</li>
<li>Message: %s</li>
<li>RequestId: %s</li>
</ul>
<hr/>
</body>
</html>
]]

local TITLES <const> = {
  [403] = "403 Forbidden", [404] = "404 Not Found", [405] = "405 Method Not Allowed",
  [412] = "412 Precondition Failed", [416] = "416 Requested Range Not Satisfiable",
}

local function refusal(request, status, code, message)
  local title = TITLES[status] or tostring(status)
  local body = PAGE:format(title, title, xml.escape(code), xml.escape(message), request.id)
  return {
    status = status,
    headers = {
      { "Content-Type", "text/html; charset=utf-8" },
      { "x-amz-request-id", request.id },
      { "x-amz-error-code", code },
      { "x-amz-error-message", message },
    },
    body = body,
  }
end

local function redirect(request, status, location)
  return {
    status = status,
    headers = { { "Location", location }, { "x-amz-request-id", request.id } },
    body = "",
  }
end

local function find(cloud, bucket, key)
  local index = buckets.index(cloud, bucket.name)
  local version = index:latest(key)
  if version and not version.marker and is_public(bucket, key) then
    return version, index:body_path(version)
  end
end

local function headers_of(request, version)
  local headers = {
    { "ETag", '"' .. version.etag .. '"' },
    { "Last-Modified", clock.http_date(version.modified) },
    { "Accept-Ranges", "bytes" },
    { "x-amz-request-id", request.id },
  }
  for name, value in pairs(version.headers) do
    table.insert(headers, { name, value })
  end
  return headers
end

local function not_modified(request, version)
  return { status = 304, headers = headers_of(request, version), body = "" }
end

local function serve(request, version, path, status)
  local body = { path = path, offset = 0, length = version.size }
  local headers = headers_of(request, version)
  local range = status == 200 and conditions.range(request, version)
  if range then
    status, body.offset, body.length = 206, range.first, range.length
    table.insert(headers, { "Content-Range", ("bytes %d-%d/%d"):format(range.first,
      range.first + range.length - 1, version.size) })
  end
  return {
    status = status,
    headers = headers,
    body = body.length == 0 and "" or nil,
    body_file = body.length > 0 and body or nil,
  }
end

-- The answer for what is not there, or may not be seen: the error document with that status.
local function missing(request, cloud, bucket, said, key)
  local status, code, message = 404, "NoSuchKey", "The specified key does not exist."
  if not is_public(bucket, key) then
    status, code, message = 403, "AccessDenied", "Access Denied"
  end
  local version, path = nil, nil
  if said.error then
    version, path = find(cloud, bucket, said.error)
  end
  if version then
    return serve(request, version, path, status)
  end
  return refusal(request, status, code, message)
end

-- A page as the request's conditions want it: whole, a part, nothing new, or not at all.
local function show(request, version, path)
  local ok, result = pcall(function()
    conditions.check_get(request, version)
    return serve(request, version, path, 200)
  end)
  if ok then
    return result
  elseif not fault.is(result) then
    error(result, 0)
  elseif result.status == 304 then
    return not_modified(request, version)
  end
  local refused = refusal(request, result.status, result.code, result.message)
  local range = result.headers and result.headers["Content-Range"]
  table.insert(refused.headers, range and { "Content-Range", range })
  return refused
end

local function page(request, cloud, bucket, said, path)
  local key = uri.decode((path:gsub("^/", "")))
  if not key then
    return refusal(request, 400, "InvalidURI", "Couldn't parse the specified URI.")
  elseif key == "" or key:find "/$" then
    key = key .. (said.index or "")
  end
  local version, file_path = find(cloud, bucket, key)
  if version then
    return show(request, version, file_path)
  elseif said.index and find(cloud, bucket, key .. "/" .. said.index) then
    return redirect(request, 302, path .. "/")
  end
  return missing(request, cloud, bucket, said, key)
end

--- Whether there is a bucket of that name that is a website.
---@param name string
---@return boolean
function website.has(cloud, name)
  local bucket = buckets.peek(cloud, name)
  return bucket ~= nil and bucket.settings.website ~= nil
end

--- Answers a request for a page.
---@param request engine.local.Request
---@param cloud engine.local.Cloud
---@param name string  the bucket's
---@param path string  "/docs/", as on the request line
---@return table response
function website.answer(request, cloud, name, path)
  local bucket = buckets.peek(cloud, name)
  if not bucket then
    return refusal(request, 404, "NoSuchBucket", "The specified bucket does not exist")
  end
  local ok, said = pcall(configuration, bucket)
  if not ok then
    return refusal(request, said.status or 404, said.code, said.message)
  elseif request.method ~= "GET" and request.method ~= "HEAD" then
    return refusal(request, 405, "MethodNotAllowed",
      "The specified method is not allowed against this resource.")
  elseif said.host then
    local protocol = said.protocol or "http"
    return redirect(request, 301, ("%s://%s%s"):format(protocol, said.host, path))
  end
  return page(request, cloud, bucket, said, path)
end

return website
