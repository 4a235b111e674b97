--- One write of one item, by itself or in a transaction: checked as far as it can be without looking at
--- the item, then tried on the item that is there.
local attribute = require "engine.local.services.dynamodb.attribute"
local capacity = require "engine.local.services.dynamodb.capacity"
local fault = require "engine.local.fault"
local holds = require("engine.local.services.dynamodb.expression.condition").holds
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local keys = require "engine.local.services.dynamodb.keys"
local new_placeholders = require("engine.local.services.dynamodb.expression.placeholders").new
local new_reader = require("engine.local.services.dynamodb.expression.reader").new
local parameters = require "engine.local.services.dynamodb.parameters"
local project = require("engine.local.services.dynamodb.expression.projection").apply
local read_condition = require("engine.local.services.dynamodb.expression.condition").read
local update = require "engine.local.services.dynamodb.expression.update"
local wrong = require("engine.local.services.dynamodb.refusal").wrong

local writing = {}

local LARGEST <const> = 400 * 1024
local SHOWN_VALUES <const> = { "NONE", "ALL_OLD" }

---@class engine.local.services.dynamodb.Write
---@field kind "Put"|"Update"|"Delete"|"ConditionCheck"
---@field key string                                      the key's text
---@field key_item engine.local.services.dynamodb.Item    the key alone
---@field item? engine.local.services.dynamodb.Item       Put
---@field update? engine.local.services.dynamodb.Update   Update: nothing changes without
---@field condition? engine.local.services.dynamodb.Condition
---@field shows_old boolean  a refused condition is answered with the item that is there

local FIELDS <const> = {
  Put = { "ConditionExpression" },
  Update = { "UpdateExpression", "ConditionExpression" },
  Delete = { "ConditionExpression" },
  ConditionCheck = { "ConditionExpression" },
}

local function check_names(item)
  for name in pairs(item) do
    if name == "" then
      wrong "Empty attribute name"
    end
  end
end

local function check_indexes(store, item)
  for _, index in ipairs(store.indexes) do
    keys.check_index(index.schema, item, index.name)
  end
end

local function read_update(made, source, placeholders, schema)
  made.update = update.read(new_reader("UpdateExpression", source, placeholders))
  for _, path in ipairs(made.update.paths) do
    if made.key_item[path[1]] and (path[1] == schema.hash.name or path[1] == schema.range.name) then
      wrong("Cannot update attribute %s. This attribute"
        .. " is part of the key", path[1])
    end
  end
end

local function set_target(made, params, store)
  if made.kind == "Put" then
    made.item = attribute.read_map(params.Item)
    check_names(made.item)
    made.key = keys.check_item(store.schema, made.item)
    made.key_item = keys.pick(store.schema, made.item)
    check_indexes(store, made.item)
    if attribute.item_size(made.item) > LARGEST then
      invalid "Item size has exceeded the maximum allowed size"
    end
  else
    made.key_item = attribute.read_map(params.Key)
    made.key = keys.check_key(store.schema, made.key_item)
  end
end

--- Reads a write.
---@param kind "Put"|"Update"|"Delete"|"ConditionCheck"
---@param params table
---@param store engine.local.services.dynamodb.Store
---@return engine.local.services.dynamodb.Write
function writing.read(kind, params, store)
  local shown = parameters.one_of(params, "ReturnValuesOnConditionCheckFailure", SHOWN_VALUES)
  local made = { kind = kind, shows_old = shown == "ALL_OLD" }
  local placeholders = new_placeholders(params, FIELDS[kind])
  set_target(made, params, store)
  if params.UpdateExpression and kind == "Update" then
    read_update(made, params.UpdateExpression, placeholders, store.schema)
  end
  if params.ConditionExpression then
    made.condition = read_condition(new_reader("ConditionExpression", params.ConditionExpression,
      placeholders))
  end
  placeholders:finish()
  return made
end

local function updated(self, item)
  if not self.update then
    return item
  end
  return update.apply(self.update, item)
end

--- What the item is after a write: nil when it goes. Raises ConditionalCheckFailedException.
---@param self engine.local.services.dynamodb.Write
---@param store engine.local.services.dynamodb.Store
---@param old? engine.local.services.dynamodb.Record
---@return engine.local.services.dynamodb.Item?
function writing.outcome(self, store, old)
  if self.condition and not holds(self.condition, old and old.item or {}) then
    fault.raise("ConditionalCheckFailedException", "The conditional request failed", 400,
      { Item = self.shows_old and old and old.item or nil })
  elseif self.kind == "Put" then
    return self.item
  elseif self.kind == "ConditionCheck" then
    return old and old.item
  elseif self.kind == "Delete" then
    return nil
  end
  local item = updated(self, old and old.item or self.key_item)
  check_indexes(store, item)
  if attribute.item_size(item) > LARGEST then
    invalid "Item size to update has exceeded the maximum allowed size"
  end
  return item
end

--- Attributes of an answer, as ReturnValues wants them; nil when there are none.
---@param self engine.local.services.dynamodb.Write
---@param wanted string
---@param old? engine.local.services.dynamodb.Item
---@param new? engine.local.services.dynamodb.Item
---@return engine.local.services.dynamodb.Item?
function writing.shown(self, wanted, old, new)
  local item = wanted:find "OLD$" and old or wanted:find "NEW$" and new or nil
  if item and wanted:find "^UPDATED" then
    item = project(item, self.update and self.update.paths or {})
    return next(item) and item or nil
  end
  return item
end

--- The units of a write.
---@param self engine.local.services.dynamodb.Write
---@param store engine.local.services.dynamodb.Store
---@param old? engine.local.services.dynamodb.Record
---@return engine.local.services.dynamodb.Units
function writing.units(self, store, old)
  return capacity.write(store, self.key, old, store.records:get(self.key))
end

return writing
