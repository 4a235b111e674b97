--- The URLs of functions: kept, found by their id, shown as Lambda shows them.
local clock = require "host.clock"
local digest = require "host.digest"

local urls = {}

local FOLDER <const> = "lambda/urls"
local ID_LETTERS <const> = 32
local LETTERS <const> = "abcdefghijklmnopqrstuvwxyz234567"

---@class engine.local.services.lambda.Url
---@field id string
---@field region string
---@field name string          of the function
---@field qualifier string     an alias, or "$LATEST"
---@field arn string
---@field auth_type "NONE"|"AWS_IAM"
---@field invoke_mode "BUFFERED"|"RESPONSE_STREAM"
---@field cors? engine.local.http.Cors
---@field created number
---@field modified number

-- What has one URL at most has one id, which its next URL gets again: as at AWS, it follows from the
-- account and the function.
local function id_of(found, qualifier)
  local bytes = assert(digest.from_hex(digest.sha256(found.arn .. ":" .. qualifier)))
  return (bytes:sub(1, ID_LETTERS):gsub(".", function(byte)
    local place = byte:byte() % #LETTERS + 1
    return LETTERS:sub(place, place)
  end))
end

--- The URL of that id, or nil.
---@param id string
---@return engine.local.services.lambda.Url?
function urls.find(cloud, id)
  return #id == ID_LETTERS and cloud.state:get(FOLDER .. "/" .. id) or nil
end

--- The URL of a function's qualifier, or nil.
---@return engine.local.services.lambda.Url?
function urls.of(cloud, found, qualifier)
  return urls.find(cloud, id_of(found, qualifier))
end

--- All URLs of a function, $LATEST's first.
---@return engine.local.services.lambda.Url[]
function urls.all(cloud, found)
  local list = { urls.of(cloud, found, "$LATEST") }
  local names = {}
  for name in pairs(found.aliases) do
    table.insert(names, name)
  end
  table.sort(names)
  for _, name in ipairs(names) do
    table.insert(list, urls.of(cloud, found, name))
  end
  return list
end

--- Gives a function's qualifier a URL, kept by `urls.keep`.
---@return engine.local.services.lambda.Url
function urls.new(found, qualifier)
  return {
    id = id_of(found, qualifier),
    region = found.region,
    name = found.name,
    qualifier = qualifier,
    arn = found.arn .. (qualifier ~= "$LATEST" and ":" .. qualifier or ""),
    created = clock.now(),
  }
end

function urls.keep(cloud, url)
  url.modified = clock.now()
  cloud.state:put(FOLDER .. "/" .. url.id, url)
end

function urls.remove(cloud, url)
  cloud.state:remove(FOLDER .. "/" .. url.id)
end

--- The host name that AWS would give it.
---@return string
function urls.domain(url)
  return ("%s.lambda-url.%s.on.aws"):format(url.id, url.region)
end

--- The URL, as Lambda shows it.
---@return table
function urls.shown(url)
  return {
    FunctionUrl = ("https://%s/"):format(urls.domain(url)),
    FunctionArn = url.arn,
    AuthType = url.auth_type,
    Cors = url.cors,
    InvokeMode = url.invoke_mode,
    CreationTime = clock.iso8601(url.created, true),
    LastModifiedTime = clock.iso8601(url.modified, true),
  }
end

return urls
