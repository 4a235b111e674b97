--- Several items, each by itself: got by key, put and deleted.
local attribute = require "engine.local.services.dynamodb.attribute"
local capacity = require "engine.local.services.dynamodb.capacity"
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local keys = require "engine.local.services.dynamodb.keys"
local order = require "engine.order"
local parameters = require "engine.local.services.dynamodb.parameters"
local picking = require "engine.local.services.dynamodb.picking"
local tables = require "engine.local.services.dynamodb.tables"
local writing = require "engine.local.services.dynamodb.writing"

local batch_actions = { actions = {} }
local actions = batch_actions.actions

local MOST_GOT <const>, MOST_WRITTEN <const> = 100, 25
local LARGEST_ANSWER <const> = 16 * 1024 * 1024

local function check_items(items)
  if next(items) == nil then
    constraint("{}", "RequestItems", "Member must have length greater than or equal to 1")
  end
end

local function check_once(seen, key)
  if seen[key] then
    invalid "Provided list of item keys contains duplicates"
  end
  seen[key] = true
end

-- What is wanted of one table: the keys with their texts.
local function read_asked(cloud, region, said, asked)
  parameters.refuse_legacy(asked, "BatchGetItem")
  local store, definition = tables.open(cloud, region, said)
  if not asked.Keys or #asked.Keys == 0 then
    invalid("The list of keys in RequestItems for BatchGetItem is required")
  end
  local made = {
    said = said,
    asked = asked,
    store = store,
    definition = definition,
    pick = picking.read(asked),
    texts = {},
  }
  local seen = {}
  for i, key in ipairs(asked.Keys) do
    made.texts[i] = keys.check_key(store.schema, attribute.read_map(key))
    check_once(seen, made.texts[i])
  end
  return made
end

-- The items of one table, and the keys for which there is no room in the answer.
local function get_all(made, budget)
  local items, left, units = json.array {}, json.array {}, 0
  for i, text in ipairs(made.texts) do
    if budget.size > LARGEST_ANSWER then
      table.insert(left, made.asked.Keys[i])
    else
      local record = made.store:get(text)
      local size = record and record.size or 0
      budget.size = budget.size + size
      units = units + capacity.read(size, made.asked.ConsistentRead == true)
      table.insert(items, record and made.pick(record.item) or nil)
    end
  end
  return items, left, units
end

local function again(asked, left)
  local rest = {}
  for name, value in pairs(asked) do
    rest[name] = value
  end
  rest.Keys = left
  return rest
end

function actions.BatchGetItem(request, params, cloud)
  local detail = capacity.detail(params)
  check_items(params.RequestItems)
  local wanted, count = {}, 0
  for _, said in ipairs(order.keys(params.RequestItems)) do
    local made = read_asked(cloud, request.region, said, params.RequestItems[said])
    count = count + #made.texts
    table.insert(wanted, made)
  end
  if count > MOST_GOT then
    invalid "Too many items requested for the BatchGetItem call"
  end
  local responses, unprocessed, consumed = json.object {}, json.object {}, json.array {}
  local budget = { size = 0 }
  for _, made in ipairs(wanted) do
    local items, left, units = get_all(made, budget)
    responses[made.said] = items
    unprocessed[made.said] = #left > 0 and again(made.asked, left) or nil
    table.insert(consumed,
      capacity.shown(detail, made.definition, { table = units, indexes = {} }))
  end
  return {
    Responses = responses,
    UnprocessedKeys = unprocessed,
    ConsumedCapacity = detail ~= "NONE" and consumed or nil,
  }
end

local function read_step(step, store)
  local put, delete = step.PutRequest, step.DeleteRequest
  if (put == nil) == (delete == nil) then
    invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of"
      .. " the supported datatypes")
  end
  if put then
    return writing.read("Put", { Item = put.Item }, store)
  end
  return writing.read("Delete", { Key = delete.Key }, store)
end

local function read_writes(cloud, region, said, steps)
  local store, definition = tables.open(cloud, region, said)
  if #steps == 0 then
    invalid("The batch write request list for a table cannot be null or empty: %s", said)
  end
  local writes, seen = {}, {}
  for i, step in ipairs(steps) do
    writes[i] = read_step(step, store)
    check_once(seen, writes[i].key)
  end
  return { store = store, definition = definition, writes = writes }
end

-- Each write is its own: what is done before one that fails stays done.
local function write_all(made)
  local units
  for _, write in ipairs(made.writes) do
    local old = made.store:get(write.key)
    made.store:commit { { key = write.key, item = write.item } }
    units = capacity.add(units, writing.units(write, made.store, old))
  end
  return units
end

function actions.BatchWriteItem(request, params, cloud)
  local detail = capacity.detail(params)
  check_items(params.RequestItems)
  local wanted, count = {}, 0
  for _, said in ipairs(order.keys(params.RequestItems)) do
    count = count + #params.RequestItems[said]
  end
  if count > MOST_WRITTEN then
    invalid "Too many items requested for the BatchWriteItem call"
  end
  for _, said in ipairs(order.keys(params.RequestItems)) do
    table.insert(wanted, read_writes(cloud, request.region, said, params.RequestItems[said]))
  end
  local consumed = json.array {}
  for _, made in ipairs(wanted) do
    table.insert(consumed, capacity.shown(detail, made.definition, write_all(made)))
  end
  return {
    UnprocessedItems = json.object {},
    ConsumedCapacity = detail ~= "NONE" and consumed or nil,
  }
end

return batch_actions
