--- What an API loses, before it is deployed.
---
--- A deployment of API Gateway is a snapshot, and CloudFormation deletes what a template has no longer
--- when all else has been done: a deployment of that very update would go on showing the route that was
--- taken away. So such an update has two steps: the first is the whole change but for the deployments,
--- which stay those that there are; the second makes the new ones.
local order = require "engine.order"

local removals = {}

-- What a deployment shows to clients.
local SHOWN <const> = {
  ["AWS::ApiGateway::GatewayResponse"] = true,
  ["AWS::ApiGateway::Method"] = true,
  ["AWS::ApiGatewayV2::Route"] = true,
  ["AWS::ApiGatewayV2::RouteResponse"] = true,
}

local DEPLOYMENTS <const> = {
  ["AWS::ApiGateway::Deployment"] = true,
  ["AWS::ApiGatewayV2::Deployment"] = true,
}

-- Whether something that is shown goes, by itself or for what takes its place.
local function takes_away(changes)
  for _, change in ipairs(changes) do
    if SHOWN[change.ResourceType]
      and (change.Action == "Remove" or change.Replacement == "True") then
      return true
    end
  end
  return false
end

-- "EchoApiDeployment0123456789ab" → "EchoApiDeployment"
local function stem(id)
  return id:match("^(.*)" .. ("%x"):rep(12) .. "$") or id
end

-- The deployments that are to be made, by id: the id of the one in whose place each comes.
local function replaced(changes)
  local old, pairs_of_ids = {}, {}
  for _, change in ipairs(changes) do
    if DEPLOYMENTS[change.ResourceType] and change.Action == "Remove" then
      old[stem(change.LogicalResourceId)] = change.LogicalResourceId
    end
  end
  for _, change in ipairs(changes) do
    local id = change.LogicalResourceId
    if DEPLOYMENTS[change.ResourceType] and change.Action == "Add" then
      pairs_of_ids[id] = old[stem(id)]
    end
  end
  return pairs_of_ids
end

--- The template of the first step: nil when one step will do.
---@param changes table[]  ResourceChange, as AWS has it, of the whole change
---@param text string      the template
---@return string?
function removals.first_step(changes, text)
  local ids = takes_away(changes) and replaced(changes) or {}
  if next(ids) == nil then
    return nil
  end
  for _, id in ipairs(order.keys(ids)) do
    text = text:gsub(id, ids[id])
  end
  return text
end

return removals
