--- Takes objects out of S3, side by side.
local aws = require "engine.aws"

local objects = {}

--- Deletes objects; one that is not there counts as gone.
---@param session engine.Session
---@param bucket string
---@param list { key: string, version_id?: string }[]
---@return table[] gone               the ones that are
---@return engine.Failure? problem    the first refusal
function objects.delete(session, bucket, list)
  local calls = {}
  for i, object in ipairs(list) do
    calls[i] = {
      "s3",
      "DeleteObject",
      { Bucket = bucket, Key = object.key, VersionId = object.version_id },
    }
  end
  local gone, problem = {}, nil
  for i, result in ipairs(aws.call_all(session, calls)) do
    if result.answer or result.failure.status == 404 then
      table.insert(gone, list[i])
    else
      problem = problem or result.failure
    end
  end
  return gone, problem
end

return objects
