--- A website: the files of a folder, in a bucket that anybody may read, with what the service's APIs are
--- called in MANIFEST.json.
---
---     local site = service:site { name = "site", folder = "site" }
---     local api = service:rest_api { name = "greeter", cors = { allow_origins = { site.url } } }
---
--- The folder travels as an archive of its own; a function of the stack unpacks it into the bucket, with
--- each file's media type, and takes away what is no longer there. When the stack is deleted, so are
--- the files. `MANIFEST.json` stands beside them:
---
---     { "GreeterUrl": { "Description": "…", "Value": "https://…" }, "userdata": { … } }
---
---@module "laconic.constructs.site"
local cfn = require "laconic.cfn"
local check = require "engine.check"
local handle = require "laconic.handle"
local json = require "host.json"
local service_words = require "laconic.service"

---@class laconic.SiteOptions
---@field name? string            default "site"
---@field folder string           from the service's folder
---@field index? string           what stands for a folder; default "index.html"
---@field error? string           what is shown instead of what is not there; default "error.html"
---@field bucket? string          the bucket's name; default: CloudFormation makes one
---@field user_data? table        anything: `userdata` in MANIFEST.json
---@field cache_control? string   "max-age=300": of all files
---@field memory? integer         MB, of the function that unpacks; default 512
---@field timeout? integer        seconds, of the same; default 180

---@class laconic.Site: laconic.Handle
---@field url laconic.Intrinsic     "http://<bucket>.s3-website-…": an origin, without "/" at its end
---@field bucket laconic.Intrinsic  the bucket's name
---@field arn laconic.Intrinsic     the bucket's

local KIND <const> = "site"
local TIMEOUT <const> = 180 -- seconds
local MOST_RUNS <const> = 3 -- Lambda tries again, and waits between
local WAITING <const> = 240 -- seconds
local LONGEST_WAIT <const> = 3600 -- seconds, that CloudFormation waits for an answer

local function test_name(name)
  if not name:match "^%a[%w_-]*$" then
    return ("'%s' is not a site's name: letters, digits, '-' and '_' expected"):format(name)
  end
end

local function test_document(key)
  if key:match "^/" then
    return "a name without '/' at its beginning expected"
  end
end

local function test_bucket(name)
  if not name:match "^[%l%d][%l%d.-]*[%l%d]$" or name:find("..", 1, true)
    or name:match "^%d+%.%d+%.%d+%.%d+$" then
    return ("'%s' is not a bucket's name: small letters, digits, '-' and single dots expected")
      :format(name)
  end
end

local function test_header(text)
  return text:find "[^\32-\126]" and "one line of ASCII expected" or nil
end

local RULES = {
  name = { type = "string", least = 1, most = 40, test = test_name },
  folder = { type = "string", required = true, least = 1 },
  index = { type = "string", least = 1, test = function(name)
    return name:find("/", 1, true) and "the name of a file in every folder expected" or nil
  end },
  error = { type = "string", least = 1, test = test_document },
  bucket = { type = "string", least = 3, most = 63, test = test_bucket },
  user_data = { type = "table" },
  cache_control = { type = "string", least = 1, test = test_header },
  memory = { type = "integer", least = 128, most = 10240, unit = "MB" },
  timeout = { type = "integer", least = 1, most = 900, unit = "seconds" },
}

local function bucket_of(facts)
  return facts.id .. "Bucket"
end

handle.define(KIND, {
  url = function(facts)
    return cfn.att(bucket_of(facts), "WebsiteURL")
  end,
  bucket = function(facts)
    return cfn.ref(bucket_of(facts))
  end,
  arn = function(facts)
    return cfn.att(bucket_of(facts), "Arn")
  end,
})

local function publish(request, context)
  return require("engine.runtime.site").publish(request, context)
end

local function clear(request, context)
  return require("engine.runtime.site").clear(request, context)
end

-- What may be in MANIFEST.json, as text: CloudFormation would make texts of its numbers.
local function encode(user_data)
  local text, err = json.encode(user_data or json.object {})
  if not text then
    check.fail("E103", "site.user_data: " .. err.message)
  end
  return text
end

---@param service laconic.Service
---@param options laconic.SiteOptions
---@return laconic.Site
return function(service, options)
  check.fields(KIND, options, RULES)
  local entry = {
    name = options.name or KIND,
    folder = options.folder:gsub("/+$", ""),
    index = options.index or "index.html",
    error = options.error or "error.html",
    bucket = options.bucket,
    cache_control = options.cache_control,
    user_data = encode(options.user_data),
  }
  local site = service_words.add_construct(service, KIND, entry)
  local files, timeout = site.arn .. "/*", options.timeout or TIMEOUT
  entry.type = "Custom::" .. entry.stem .. "Files"
  entry.service_timeout = math.min(MOST_RUNS * timeout + WAITING, LONGEST_WAIT)
  entry.publisher = service:custom_resource_type {
    name = entry.stem .. "Files",
    memory = options.memory or 512,
    type = entry.type,
    timeout = timeout,
    service_timeout = entry.service_timeout,
    description = ("Unpacks the site '%s' into its bucket"):format(entry.name),
    privileges = {
      {
        actions = "s3:GetObject",
        resource = "arn:" .. cfn.partition .. ":s3:::" .. cfn.ref "ArtifactBucket"
          .. ("/%s/%s-*"):format(service.name, entry.stem),
      },
      { actions = { "s3:PutObject", "s3:DeleteObject" }, resource = files },
      { actions = "s3:ListBucket", resource = site.arn },
    },
    handler = { create = publish, update = publish, delete = clear },
  }.id
  return site
end
