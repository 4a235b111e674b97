--- AWS::S3::Bucket: the bucket, its versioning, notifications, website and tags; other settings are
--- kept in the record.
local buckets = require "engine.local.services.s3.buckets"
local fault = require "engine.local.fault"
local markup = require "engine.local.markup"
local naming = require "engine.local.naming"
local notification = require "engine.local.services.s3.notification"
local resource_tags = require "engine.local.resource_tags"
local website = require "engine.local.services.s3.website"

local bucket = {
  replacement = { BucketName = true, BucketNamePrefix = true, BucketNamespace = true },
  name_property = "BucketName",
  taggable = true,
}

local function attributes(job, name)
  local regional = ("%s.s3.%s.amazonaws.com"):format(name, job.region)
  return {
    Arn = "arn:aws:s3:::" .. name,
    DomainName = name .. ".s3.amazonaws.com",
    DualStackDomainName = ("%s.s3.dualstack.%s.amazonaws.com"):format(name, job.region),
    RegionalDomainName = regional,
    WebsiteURL = ("http://%s.s3-website-%s.amazonaws.com"):format(name, job.region),
  }
end

local function set_settings(job, name)
  local found, said = buckets.find(job.cloud, name), job.properties.NotificationConfiguration
  buckets.set(job.cloud, found, "notification", said and notification.of(said))
  website.set(job.cloud, found, job.properties.WebsiteConfiguration)
  local tags = resource_tags.list(job)
  buckets.set(job.cloud, found, "tagging", { TagSet = { Tag = markup.flat(tags) } })
end

local function set_versioning(job, name, status)
  local found = buckets.find(job.cloud, name)
  if status and found.versioning ~= status then
    found.versioning = status
    buckets.keep(job.cloud, found)
  end
end

function bucket.create(job)
  local name = job.properties.BucketName or naming.physical(job, 63):lower()
  if not buckets.peek(job.cloud, name) then
    buckets.create(job.cloud, name, job.region)
  elseif not job.resumed then
    fault.raise("AlreadyExists", name .. " already exists", 409)
  end
  set_settings(job, name)
  set_versioning(job, name, (job.properties.VersioningConfiguration or {}).Status)
  return name, attributes(job, name)
end

function bucket.update(job)
  local wanted = (job.properties.VersioningConfiguration or {}).Status
  local had = (job.previous.VersioningConfiguration or {}).Status
  set_settings(job, job.physical_id)
  set_versioning(job, job.physical_id, wanted or had and "Suspended")
  return job.physical_id, attributes(job, job.physical_id)
end

function bucket.delete(job)
  if buckets.peek(job.cloud, job.physical_id) then
    buckets.delete(job.cloud, job.physical_id)
  end
end

return bucket
