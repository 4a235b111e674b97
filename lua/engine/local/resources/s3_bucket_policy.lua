--- AWS::S3::BucketPolicy: kept on its bucket, where S3 gives it out; it allows and denies nothing.
local buckets = require "engine.local.services.s3.buckets"
local fault = require "engine.local.fault"
local policy_document = require "engine.local.policy_document"

local bucket_policy = { replacement = { Bucket = true } }

local function set(job, name)
  buckets.set(job.cloud, buckets.find(job.cloud, name), "policy",
    policy_document.text(job.properties.PolicyDocument))
end

function bucket_policy.create(job)
  local name = job.properties.Bucket
  if buckets.find(job.cloud, name).settings.policy and not job.resumed then
    fault.raise("AlreadyExists",
      ("The bucket policy already exists on bucket %s."):format(name), 409)
  end
  set(job, name)
  return name, {}
end

function bucket_policy.update(job)
  set(job, job.physical_id)
  return job.physical_id, {}
end

function bucket_policy.delete(job)
  local bucket = buckets.peek(job.cloud, job.physical_id)
  if bucket then
    buckets.set(job.cloud, bucket, "policy", nil)
  end
end

return bucket_policy
