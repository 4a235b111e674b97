--- The description that a REST API is made of, where it is too large to stand in the template: an object
--- in S3, which API Gateway reads. CloudFormation reads none of its intrinsics then, so they are answered
--- here (engine.foreseen). docs/adr/0026 tells why so.
local depends_on = require "engine.constructs.parts.depends_on"
local digest = require "host.digest"
local failure = require "engine.failure"
local file = require "host.file"
local foreseen = require "engine.foreseen"
local json = require "host.json"

local description = {}

--- What stands in the template at most, as JSON without white space. A template takes 1,000,000 bytes,
--- and is to be looked at: three of this size and all else fit.
description.INLINE_BYTES = 256 * 1024

local TEMPLATE_BYTES <const> = 1000000
local IMPORT_BYTES <const> = 6 * 1024 * 1024 -- API Gateway's bound

-- Of the account, the region and the stack, whose names stand in the object; so that one made for
-- another stack is not there, rather than wrong.
local KEY <const> = "${AWS::StackName}/%s.${AWS::AccountId}.${AWS::Region}.json"
local HASH <const> = 32 -- digits

-- What places take at most, to measure with.
local LONGEST <const> = {
  ["AWS::AccountId"] = "000000000000",
  ["AWS::Partition"] = "aws-us-gov",
  ["AWS::Region"] = "ap-southeast-1",
  ["AWS::URLSuffix"] = "amazonaws.com.cn",
}

local function refuse(words, bytes, message, hint)
  local text = "%s '%s': its description has %d bytes, %s"
  failure.raise("invalid", text:format(words.kind, words.name, bytes, message), {
    code = "E224", where = words.where, hint = hint,
  })
end

local function imported_bytes(reduced, model)
  local stack = setmetatable({ ["AWS::StackName"] = model.name }, { __index = LONGEST })
  return #assert(json.encode(foreseen.filled(reduced, stack)))
end

-- Writes it as the template would have had it: where the stack will be is not known yet.
local function write(id, reduced, build)
  local text = assert(json.encode(reduced))
  local name = ("%s-%s"):format(id, digest.sha256(text):sub(1, HASH))
  local path = ("%s/%s.json"):format(build.output_dir, id)
  assert(file.make_folder(build.output_dir))
  assert(file.write(path, assert(json.encode(reduced, { indent = 2 })) .. "\n"))
  return { path = path, bytes = #text, key = KEY:format(name), value = reduced }
end

--- Takes an API's Body out of the template when it is large, and lets an object in S3 be uploaded with
--- the other artifacts. One that holds what only the stack knows stays, if the template can hold it.
---@param words engine.ConstructWords
---@param id string  the API's logical id
---@param template table
---@param model engine.Model
---@param build engine.Build
function description.settle(words, id, template, model, build)
  local resource = template.Resources[id]
  local properties = type(resource) == "table" and resource.Properties
  local body = type(properties) == "table" and properties.Body
  local whole = type(body) == "table" and json.encode(body)
  if not whole or #whole <= description.INLINE_BYTES then
    return -- else a decorator's value is no JSON: marshal says where it is
  end
  local reduced, unknown, named = foreseen.reduced(body, template)
  if #unknown > 0 then
    if #whole > TEMPLATE_BYTES then
      local text = "too many for the template; S3 takes nothing that only the stack knows: %s"
      refuse(words, #whole, text:format(unknown[1]), "write it out, or use stage_variables")
    end
    return
  end
  local bytes = imported_bytes(reduced, model)
  if bytes > IMPORT_BYTES then
    refuse(words, bytes, "and API Gateway imports 6 MB", "make two APIs of it")
  end
  depends_on.add(resource, named) -- CloudFormation would have waited for what it names
  local written = write(id, reduced, build)
  build.descriptions = build.descriptions or {}
  build.descriptions[id] = written
  properties.Body = nil
  properties.BodyS3Location = {
    Bucket = { Ref = "ArtifactBucket" },
    Key = { ["Fn::Sub"] = written.key },
  }
end

return description
