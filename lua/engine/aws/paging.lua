--- How AWS's actions go on: which token of an answer is which parameter of the next call. Data, and
--- the one function that reads it.
local same = require "engine.same"

local paging = {}

-- Token in the answer → parameter. The names tell enough: they mean the same in every service.
local TOKENS = {
  { "NextToken", "NextToken" },
  { "nextToken", "nextToken" },
  { "NextMarker", "Marker" },
  { "Marker", "Marker" },
  { "LastEvaluatedKey", "ExclusiveStartKey" },
  { "LastEvaluatedTableName", "ExclusiveStartTableName" },
  { "LastEvaluatedBackupArn", "ExclusiveStartBackupArn" },
  { "NextContinuationToken", "ContinuationToken" },
  { "PaginationToken", "PaginationToken" },
  { "nextPageToken", "pageToken" },
  { "position", "position" },
}

-- Where they do not; an action's own row, or the service's for all.
local EXCEPTIONS = {
  ec2 = { all = { { "nextToken", "NextToken" } } },
  logs = { GetLogEvents = { { "nextForwardToken", "nextToken" } } },
}

local function tokens_of(service, action)
  local own = EXCEPTIONS[service]
  return own and (own[action] or own.all) or TOKENS
end

--- The parameters of the call for the next page; nil when there is none. A token that comes back
--- unchanged says that the end was reached.
---@param service string  a name of engine.aws.services
---@param action string
---@param params table
---@param answer table
---@return table?
function paging.next(service, action, params, answer)
  local following
  for _, token in ipairs(tokens_of(service, action)) do
    local value = answer[token[1]]
    if value ~= nil and value ~= "" and not same(value, params[token[2]]) then
      if not following then
        following = {}
        for name, param in pairs(params) do
          following[name] = param
        end
      end
      following[token[2]] = value
    end
  end
  return following
end

return paging
