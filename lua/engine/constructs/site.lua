--- A website: a bucket that anybody may read, and a custom resource that fills it from an archive.
local failure = require "engine.failure"
local file = require "host.file"
local order = require "engine.order"
local url_output = require "engine.constructs.parts.url_output"
local value = require "engine.constructs.parts.value"

local site = {
  expands_last = true, -- MANIFEST.json tells of the other constructs' outputs
}

local MANIFEST <const> = "MANIFEST.json" -- written where the site is unpacked: engine.runtime.site
local BUCKET_PARAMETER <const> = "ArtifactBucket"

local function refuse(words, message, cause, hint)
  failure.raise("invalid", ("site '%s': %s"):format(words.name, message), {
    code = "E206", where = words.where, cause = cause, hint = hint,
  })
end

-- Secrets of tools (.env, .env.local), and what editors and git leave in folders, are nobody's to read.
local function is_private(name)
  local path = "/" .. name
  return path:match "/%.git/" or path:match "/%.env[^/]*$" or path:match "/%.DS_Store$"
    or path:match "~$"
end

local function entries_of(words, folder)
  local names, err = file.walk(folder)
  if not names then
    refuse(words, ("the folder '%s' cannot be read"):format(words.folder), err)
  end
  local entries = {}
  for _, name in ipairs(names) do
    if name == MANIFEST then
      refuse(words, ("'%s/%s' would be overwritten"):format(words.folder, MANIFEST), nil,
        "what it is to say belongs in user_data")
    elseif not is_private(name) then
      table.insert(entries, { name = name, path = folder .. "/" .. name })
    end
  end
  if #entries == 0 then
    refuse(words, ("there is no file in '%s'"):format(words.folder))
  end
  return entries
end

--- The site's own archive: its files as they are in the folder.
---@param words engine.ConstructWords
---@param model engine.Model
---@return engine.ConstructArchive[]
function site.archives(words, model)
  local root = model.service.path and model.service.path:match "^(.*/)" or ""
  return { { name = words.stem, entries = entries_of(words, root .. words.folder) } }
end

local function bucket_resource(words)
  return {
    Type = "AWS::S3::Bucket",
    DeletionPolicy = "Delete",
    UpdateReplacePolicy = "Delete",
    Properties = {
      BucketName = words.bucket,
      OwnershipControls = { Rules = { { ObjectOwnership = "BucketOwnerEnforced" } } },
      -- Access lists stay off; the policy, which these two would forbid, is what opens it.
      PublicAccessBlockConfiguration = {
        BlockPublicAcls = true,
        BlockPublicPolicy = false,
        IgnorePublicAcls = true,
        RestrictPublicBuckets = false,
      },
      WebsiteConfiguration = { IndexDocument = words.index, ErrorDocument = words.error },
    },
  }
end

local function policy_resource(bucket)
  return {
    Type = "AWS::S3::BucketPolicy",
    Properties = {
      Bucket = value.ref(bucket),
      PolicyDocument = {
        Version = "2012-10-17",
        Statement = {
          {
            Sid = "AnybodyReads",
            Effect = "Allow",
            Principal = "*",
            Action = "s3:GetObject",
            Resource = value.join(value.att(bucket, "Arn"), "/*"),
          },
        },
      },
    },
  }
end

-- What the other constructs of the service put out: where its APIs are.
local function outputs_of(template, model)
  local outputs, authors = {}, {}
  for _, words in ipairs(model.service.outputs) do
    authors[words.name] = true
  end
  for _, name in ipairs(order.keys(template.Outputs)) do
    local output = template.Outputs[name]
    if not authors[name] then
      outputs[name] = { Description = output.Description, Value = output.Value }
    end
  end
  return outputs
end

-- A change of the archive, or of what the manifest tells, is an update of this resource.
local function files_resource(words, model, build, bucket)
  return {
    Type = words.type,
    DependsOn = { words.stem .. "Policy" },
    Properties = {
      ServiceToken = value.att(words.publisher, "Arn"),
      ServiceTimeout = tostring(words.service_timeout),
      SourceBucket = value.ref(BUCKET_PARAMETER),
      SourceKey = build.archives[words.stem].key,
      Bucket = value.ref(bucket),
      CacheControl = words.cache_control,
      Outputs = outputs_of(build.template, model),
      UserData = words.user_data,
    },
  }
end

---@param words engine.ConstructWords
---@param model engine.Model
---@param build engine.Build
---@return engine.Expansion
function site.expand(words, model, build)
  local bucket = words.stem .. "Bucket"
  return {
    resources = {
      { id = bucket, resource = bucket_resource(words) },
      { id = words.stem .. "Policy", resource = policy_resource(bucket) },
      { id = words.stem .. "Files", resource = files_resource(words, model, build, bucket) },
    },
    outputs = url_output.list(words, ("the site '%s'"):format(words.name),
      value.att(bucket, "WebsiteURL")),
  }
end

return site
