--- The bucket that artifacts go to: the one that was named, or the account's own, made by its first upload.
local aws = require "engine.aws"
local failure = require "engine.failure"

local bucket = {}

--- The bucket that is used when none is named.
---@param account string
---@param region string
---@return string
function bucket.default_name(account, region)
  return ("laconic-artifacts-%s-%s"):format(account, region)
end

local BLOCK = [[<PublicAccessBlockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">]]
  .. [[<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>]]
  .. [[<BlockPublicPolicy>true</BlockPublicPolicy>]]
  .. [[<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>]]

local LOCATION = [[<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">]]
  .. [[<LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>]]

-- S3 closes new buckets by itself; organisations may deny saying it again, others do not know it.
local function block_public_access(session, name)
  local digest = require "host.digest"
  local ok, raised = pcall(aws.call, session, "s3", "PutPublicAccessBlock", {
    Bucket = name,
    Body = BLOCK,
    ContentMD5 = digest.to_base64(assert(digest.from_hex(digest.md5(BLOCK)))),
  })
  if not ok then
    if raised.kind ~= "denied" and raised.status ~= 501 then
      error(raised, 0)
    end
    require("host.log").warn("the bucket's public access block could not be set", {
      bucket = name,
      reason = tostring(raised),
    })
  end
end

--- Makes the account's own bucket, closed to the public. One that this account has is a success.
---@param session engine.Session
---@param name string
function bucket.create(session, name)
  local region = session:region()
  local body = region ~= "us-east-1" and LOCATION:format(region) or nil
  local ok, raised = pcall(aws.call, session, "s3", "CreateBucket", { Bucket = name, Body = body })
  if not ok and raised.code ~= "BucketAlreadyOwnedByYou" then
    error(raised, 0)
  end
  block_public_access(session, name)
end

-- S3 answers for a bucket of another region with a redirect, or with the region in a header.
local function check_region(session, name, answer)
  local region = answer.headers["x-amz-bucket-region"]
  if region and region ~= session:region() or answer.status >= 300 then
    local message = "the bucket '%s' is in %s, and the stack would be in %s"
    failure.raise("failed", message:format(name, region or "another region", session:region()), {
      code = "E405",
      hint = "name a bucket of that region with --bucket, or another --region",
    })
  end
end

local function refuse(name, raised)
  local region = raised.status == 301 or raised.code == "PermanentRedirect"
  if region then
    failure.raise("failed", ("the bucket '%s' is in another region"):format(name), {
      code = "E405",
      hint = "name a bucket of the stack's region with --bucket",
    })
  elseif raised.status == 404 then
    failure.raise("failed", ("the bucket '%s' does not exist"):format(name), {
      code = "E404",
      hint = "create it first, or leave --bucket out to use Laconic's own",
    })
  elseif raised.status == 403 then
    failure.raise("denied", ("the bucket '%s' may not be used by this account"):format(name), {
      code = "E403",
      cause = raised,
    })
  end
  error(raised, 0)
end

-- Looks at a bucket: whether it keeps versions; or the refusal to look.
local function look(session, name, owner)
  local head, versioning = table.unpack(aws.call_all(session, {
    { "s3", "HeadBucket", { Bucket = name, ExpectedBucketOwner = owner } },
    { "s3", "GetBucketVersioning", { Bucket = name } },
  }))
  if head.failure then
    return nil, head.failure
  end
  check_region(session, name, head.answer)
  if versioning.failure then
    error(versioning.failure, 0)
  end
  return { name = name, versioned = versioning.answer.Status == "Enabled" }
end

---@class engine.Bucket
---@field name string
---@field versioned boolean
---@field absent? boolean  to be made by the first upload

--- The bucket that was named. Raises unless it exists, may be used, and is in the session's region.
---@param session engine.Session
---@param name string
---@return engine.Bucket
function bucket.named(session, name)
  local found, refusal = look(session, name)
  return found or refuse(name, refusal)
end

--- The account's own bucket. It may not be there yet; one that somebody else made under this name is
--- refused.
---@param session engine.Session
---@return engine.Bucket
function bucket.own(session)
  local account = session:account()
  local name = bucket.default_name(account, session:region())
  local found, refusal = look(session, name, account)
  if found then
    return found
  elseif refusal.status ~= 404 then
    refuse(name, refusal)
  end
  return { name = name, versioned = false, absent = true }
end

return bucket
