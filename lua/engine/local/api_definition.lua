--- The definition of an API that a template gives: in place (`Body`), as its text, or as an object in S3
--- (`BodyS3Location`).
local fault = require "engine.local.fault"
local json = require "host.json"
local stored_object = require "engine.local.stored_object"

local api_definition = {}

local MAX_BYTES <const> = 6 * 1024 * 1024

local function decoded(text)
  local body, err = json.decode(text)
  if type(body) ~= "table" then
    fault.raise("BadRequestException", "Unable to parse API definition because of a malformed "
      .. "integration or document: " .. tostring(err or "it is not a JSON object"))
  end
  return body
end

--- What the properties of an API define; nil when they define nothing.
---@param job engine.local.Job
---@return table?
function api_definition.read(job)
  local body, place = job.properties.Body, job.properties.BodyS3Location
  if type(body) == "string" then
    return decoded(body)
  elseif body or not place then
    return body
  end
  return decoded(stored_object.read(job.cloud, {
    bucket = place.Bucket, key = place.Key, version = place.Version, region = job.region,
  }, MAX_BYTES))
end

--- What a `$ref` in a document names, or the value itself; nil when it names nothing.
---@param document table
---@param value any
---@return any
function api_definition.follow(document, value)
  local reference = type(value) == "table" and value["$ref"]
  if type(reference) ~= "string" or not reference:find "^#/" then
    return value
  end
  local found = document
  for part in reference:gmatch "/([^/]+)" do
    found = type(found) == "table" and found[(part:gsub("~1", "/"):gsub("~0", "~"))] or nil
  end
  return found
end

return api_definition
