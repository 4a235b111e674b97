--- Buckets: made, found, listed, configured, removed. A bucket's name is unique in the whole cloud;
--- the bucket lives in one region.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local index = require "engine.local.services.s3.index"
local json = require "host.json"
local markup = require "engine.local.markup"
local xml = require "host.xml"

local buckets = { actions = {} }
local actions = buckets.actions

--- The namespace of S3's documents.
buckets.NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

---@class engine.local.services.s3.Bucket
---@field name string
---@field region string
---@field created number
---@field versioning? "Enabled"|"Suspended"
---@field settings table<string, string>  by subresource: the document as it was put

-- What can be put on a bucket and is given back as it came. `absent` is AWS's refusal of what was
-- never put; `default` is what AWS answers instead.
local SETTINGS = {
  accelerate = { default = "AccelerateConfiguration" },
  cors = { root = "CORSConfiguration", absent = "NoSuchCORSConfiguration" },
  encryption = { root = "ServerSideEncryptionConfiguration" },
  lifecycle = { root = "LifecycleConfiguration", absent = "NoSuchLifecycleConfiguration" },
  logging = { root = "BucketLoggingStatus", default = "BucketLoggingStatus" },
  notification = { root = "NotificationConfiguration", default = "NotificationConfiguration" },
  ownershipControls = {
    root = "OwnershipControls",
    absent = "OwnershipControlsNotFoundError",
  },
  policy = { absent = "NoSuchBucketPolicy" },
  publicAccessBlock = {
    root = "PublicAccessBlockConfiguration",
    absent = "NoSuchPublicAccessBlockConfiguration",
  },
  tagging = { root = "Tagging", absent = "NoSuchTagSet" },
  website = { root = "WebsiteConfiguration", absent = "NoSuchWebsiteConfiguration" },
}

local function document_of(name)
  return "s3/buckets/" .. name
end

local function check_name(name)
  local fits = #name >= 3
    and #name <= 63
    and name:match "^[a-z0-9][a-z0-9.-]*[a-z0-9]$"
    and not name:find("..", 1, true)
    and not name:match "^%d+%.%d+%.%d+%.%d+$"
  if not fits then
    fault.raise("InvalidBucketName", "The specified bucket is not valid.", 400, {
      BucketName = name,
    })
  end
end

--- Whether there is a bucket of that name, in any region.
---@return engine.local.services.s3.Bucket?
function buckets.peek(cloud, name)
  return cloud.state:get(document_of(name))
end

--- The bucket, or the refusal that AWS has for one that is not there or lives elsewhere.
---@param name string
---@param region? string  of the request; nil: any
---@return engine.local.services.s3.Bucket
function buckets.find(cloud, name, region)
  local bucket = buckets.peek(cloud, name)
  if not bucket then
    fault.raise("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName = name })
  elseif region and region ~= bucket.region then
    local message = "The bucket is in the region '%s', and this request was signed for '%s'."
    fault.raise("PermanentRedirect", message:format(bucket.region, region), 301, {
      Bucket = name,
      Region = bucket.region,
    }, { ["x-amz-bucket-region"] = bucket.region })
  end
  return bucket
end

--- The index of a bucket's objects, read when it is first asked for.
---@return engine.local.services.s3.Index
function buckets.index(cloud, name)
  local indexes = cloud:memory "s3"
  if not indexes[name] then
    indexes[name] = index.open(cloud.state:folder("s3/data/" .. name))
  end
  return indexes[name]
end

--- Writes down a bucket that was changed.
function buckets.keep(cloud, bucket)
  cloud.state:put(document_of(bucket.name), bucket)
end

--- Makes a bucket.
---@param name string
---@param region string
---@return engine.local.services.s3.Bucket
function buckets.create(cloud, name, region)
  check_name(name)
  local bucket = { name = name, region = region, created = clock.now(), settings = json.object {} }
  buckets.keep(cloud, bucket)
  return bucket
end

--- Removes an empty bucket.
---@param name string
function buckets.delete(cloud, name)
  if not buckets.index(cloud, name):is_empty() then
    fault.raise("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, {
      BucketName = name,
    })
  end
  cloud:memory("s3")[name] = nil
  cloud.state:remove(document_of(name))
  cloud.state:remove_folder("s3/data/" .. name)
  cloud.state:remove_folder("s3/uploads/" .. name)
end

--- An answer with one XML document.
---@param name string
---@param value any
function buckets.document(name, value)
  return {
    headers = { { "Content-Type", "application/xml" } },
    body = markup.document(name, buckets.NAMESPACE, value),
  }
end

--- Reads the XML of a request.
---@param root string  the name its root must have
---@return host.xml.Element
function buckets.read_xml(request, root)
  local element = xml.decode(request:text())
  if not element or element.name ~= root then
    fault.raise("MalformedXML",
      "The XML you provided was not well-formed or did not validate against our published schema")
  end
  return element
end

--- The text of an element's child, or nil.
---@param element host.xml.Element
---@param name string
---@return string?
function buckets.child(element, name)
  for _, child in ipairs(element) do
    if child.name == name then
      return child.text
    end
  end
end

function actions.ListBuckets(request, _, cloud)
  local list = {}
  for _, name in ipairs(cloud.state:list "s3/buckets") do
    local bucket = buckets.peek(cloud, name)
    table.insert(list, {
      Name = name,
      CreationDate = clock.iso8601(bucket.created, true),
      BucketRegion = bucket.region,
    })
  end
  return buckets.document("ListAllMyBucketsResult", {
    Buckets = { Bucket = markup.flat(list) },
    Owner = { ID = request.account, DisplayName = "laconic-local" },
  })
end

local function wanted_region(request)
  local constraint
  if request:size() > 0 then
    constraint = buckets.child(buckets.read_xml(request, "CreateBucketConfiguration"),
      "LocationConstraint")
  end
  local region = constraint ~= "" and constraint or nil
  if (region or "us-east-1") ~= request.region and request.region ~= "us-east-1" then
    fault.raise("IllegalLocationConstraintException", ("The %s location constraint is incompatible"
      .. " for the region specific endpoint this request was sent to."):format(
        region or "unspecified"))
  end
  return region == "EU" and "eu-west-1" or region or request.region
end

function actions.CreateBucket(request, params, cloud)
  local region = wanted_region(request)
  local existing = buckets.peek(cloud, params.bucket)
  if existing and not (region == "us-east-1" and existing.region == region) then
    fault.raise("BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.", 409,
      { BucketName = params.bucket })
  elseif not existing then
    buckets.create(cloud, params.bucket, region)
  end
  return { headers = { { "Location", "/" .. params.bucket } } }
end

function actions.HeadBucket(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  return { headers = { { "x-amz-bucket-region", bucket.region } } }
end

function actions.DeleteBucket(request, params, cloud)
  buckets.find(cloud, params.bucket, request.region)
  buckets.delete(cloud, params.bucket)
  return { status = 204 }
end

function actions.GetBucketLocation(_, params, cloud)
  local region = buckets.find(cloud, params.bucket).region
  return buckets.document("LocationConstraint", region ~= "us-east-1" and region or "")
end

function actions.GetBucketVersioning(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  return buckets.document("VersioningConfiguration", { Status = bucket.versioning })
end

function actions.PutBucketVersioning(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local status = buckets.child(buckets.read_xml(request, "VersioningConfiguration"), "Status")
  if status ~= "Enabled" and status ~= "Suspended" then
    fault.raise("IllegalVersioningConfigurationException",
      "The Versioning element must be Enabled or Suspended")
  end
  bucket.versioning = status
  buckets.keep(cloud, bucket)
  return {}
end

function actions.GetBucketAcl(request, params, cloud)
  buckets.find(cloud, params.bucket, request.region)
  return buckets.acl(request)
end

--- The access control list of everything here: its owner may do all.
function buckets.acl(request)
  local grantee = ('<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    .. ' xsi:type="CanonicalUser"><ID>%s</ID></Grantee>'):format(request.account)
  local answer = buckets.document("AccessControlPolicy", {
    Owner = { ID = request.account },
    AccessControlList = { Grant = { Grantee = "", Permission = "FULL_CONTROL" } },
  })
  answer.body = answer.body:gsub("<Grantee></Grantee>", grantee)
  return answer
end

local DEFAULT_ENCRYPTION = {
  Rule = {
    ApplyServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" },
    BucketKeyEnabled = "false",
  },
}

function actions.GetBucketSetting(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  local name = params.setting
  local text = bucket.settings[name]
  if text then
    local kind = name == "policy" and "application/json" or "application/xml"
    return { headers = { { "Content-Type", kind } }, body = text }
  elseif name == "encryption" then
    return buckets.document("ServerSideEncryptionConfiguration", DEFAULT_ENCRYPTION)
  elseif SETTINGS[name].default then
    return buckets.document(SETTINGS[name].default, "")
  end
  fault.raise(SETTINGS[name].absent, ("The bucket has no %s configuration"):format(name), 404, {
    BucketName = params.bucket,
  })
end

--- Puts a setting on a bucket: the document is checked to be one, and kept as it came.
---@param name string    the subresource: "notification"
---@param request engine.local.Request
function buckets.configure(cloud, bucket, name, request)
  if name == "policy" then
    if not json.decode(request:text()) then
      fault.raise("MalformedPolicy", "This policy contains invalid Json")
    end
  else
    buckets.read_xml(request, SETTINGS[name].root or SETTINGS[name].default)
  end
  bucket.settings[name] = request:text()
  buckets.keep(cloud, bucket)
end

--- Sets a setting from inside; nil takes it away.
---@param name string
---@param value? string|table  the document, or the fields of it
function buckets.set(cloud, bucket, name, value)
  if type(value) == "table" then
    local root = SETTINGS[name].root or SETTINGS[name].default
    value = markup.document(root, buckets.NAMESPACE, value)
  end
  if bucket.settings[name] ~= value then
    bucket.settings[name] = value
    buckets.keep(cloud, bucket)
  end
end

function actions.PutBucketSetting(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  buckets.configure(cloud, bucket, params.setting, request)
  return { status = params.setting == "policy" and 204 or 200 }
end

function actions.DeleteBucketSetting(request, params, cloud)
  local bucket = buckets.find(cloud, params.bucket, request.region)
  bucket.settings[params.setting] = nil
  buckets.keep(cloud, bucket)
  return { status = 204 }
end

--- Whether a subresource is a setting that is kept.
---@param name string
---@return boolean
function buckets.is_setting(name)
  return SETTINGS[name] ~= nil
end

return buckets
