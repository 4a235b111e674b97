--- DynamoDB: tables whose items are in memory and in order while the cloud runs, and on disk before a
--- change is answered.
---
--- dynamodb/tables.lua finds and keeps tables, store.lua their items, keys.lua their order; writing.lua
--- is one write, read_actions.lua Query and Scan; the expressions are in dynamodb/expression/. Streams
--- are named and stay empty; backups, replicas, PartiQL, imports and exports are not answered, nor are
--- the parameters of before there were expressions.
local batch_actions = require "engine.local.services.dynamodb.batch_actions"
local check_shapes = require("engine.local.services.dynamodb.shapes").check
local item_actions = require "engine.local.services.dynamodb.item_actions"
local lifetime = require "engine.local.services.dynamodb.lifetime"
local members = require "engine.local.services.dynamodb.members"
local read_actions = require "engine.local.services.dynamodb.read_actions"
local table_actions = require "engine.local.services.dynamodb.table_actions"
local tables = require "engine.local.services.dynamodb.tables"
local tags = require "engine.local.services.dynamodb.tags"
local transaction_actions = require "engine.local.services.dynamodb.transaction_actions"

local dynamodb = {
  protocol = "json",
  json_version = "1.0",
  error_namespace = "com.amazonaws.dynamodb.v20120810#",
  actions = {},
  members = members,
  open = tables.recover,
}

for _, part in ipairs {
  batch_actions, item_actions, lifetime, read_actions, table_actions, tags, transaction_actions,
} do
  for name, action in pairs(part.actions) do
    dynamodb.actions[name] = function(request, params, cloud)
      check_shapes(params)
      return action(request, params, cloud)
    end
  end
end

return dynamodb
