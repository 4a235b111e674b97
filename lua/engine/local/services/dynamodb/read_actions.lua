--- Query and Scan: a page of a partition, or of everything, in the order of the keys.
local attribute = require "engine.local.services.dynamodb.attribute"
local capacity = require "engine.local.services.dynamodb.capacity"
local condition = require "engine.local.services.dynamodb.expression.condition"
local constraint = require("engine.local.services.dynamodb.refusal").constraint
local invalid = require("engine.local.services.dynamodb.refusal").invalid
local json = require "host.json"
local key_condition = require "engine.local.services.dynamodb.expression.key_condition"
local keys = require "engine.local.services.dynamodb.keys"
local new_placeholders = require("engine.local.services.dynamodb.expression.placeholders").new
local new_reader = require("engine.local.services.dynamodb.expression.reader").new
local parameters = require "engine.local.services.dynamodb.parameters"
local read_selection = require("engine.local.services.dynamodb.selection").read
local tables = require "engine.local.services.dynamodb.tables"

local read_actions = { actions = {} }
local actions = read_actions.actions

local PAGE <const> = 1024 * 1024 -- bytes looked at for one answer
local MOST_SEGMENTS <const> = 1000000

--- What a request reads, and how far.
---@class engine.local.services.dynamodb.Reading
---@field store engine.local.services.dynamodb.Store
---@field definition table
---@field index? engine.local.services.dynamodb.Index
---@field lower string
---@field upper? string
---@field is_descending boolean
---@field limit? integer
---@field selection engine.local.services.dynamodb.Selection

local function at_least(params, name, least, most)
  local said = params[name]
  local number = said and math.tointeger(tonumber(said))
  if said and not (number and number >= least) then
    constraint(said, name, "Member must have value greater than or equal to %d", least)
  elseif number and most and number > most then
    constraint(number, name, "Member must have value less than or equal to %d", most)
  end
  return number
end

local function index_of(store, params)
  local name = params.IndexName
  local index = name and store:index(name)
  if name and not index then
    invalid("The table does not have the specified index: %s", tostring(name))
  elseif index and index.is_global and params.ConsistentRead == true then
    invalid "Consistent reads are not supported on global secondary indexes"
  end
  return index
end

-- The place behind which a page begins.
local function start_of(reading, start)
  local store, index = reading.store, reading.index
  attribute.read_map(start)
  local item = index and index:page_key(start) or keys.pick(store.schema, start)
  local primary = keys.text(store.schema, item)
  local place = primary and (index and index:place(primary, item) or not index and primary)
  for name in pairs(start) do
    place = item[name] and place
  end
  return place or invalid("The provided starting key is invalid: The provided key element does not"
    .. " match the schema")
end

local function begin_behind(reading, start)
  local place = start_of(reading, start)
  if place < reading.lower or reading.upper and place >= reading.upper then
    invalid("The provided starting key is outside query boundaries based on provided conditions")
  elseif reading.is_descending then
    reading.upper = place
  else
    reading.lower = place .. "\0" -- the next text there can be
  end
end

local function remove_expired(store, expired)
  if #expired > 0 then
    store:commit(expired)
  end
end

-- Walks until the limit or the page's size is reached, and says where.
local function collect(reading)
  local store, index, selection = reading.store, reading.index, reading.selection
  local entries = index and index.entries or store.records
  local page = { items = json.array {}, count = 0, scanned = 0, size = 0 }
  local expired, last = {}, nil
  for _, record in entries:each(reading.lower, reading.upper, reading.is_descending) do
    local size = index and index:size(record) or record.size
    if store:is_expired(record) then
      table.insert(expired, { key = keys.text(store.schema, record.item) })
    elseif page.scanned == reading.limit or page.scanned > 0 and page.size + size > PAGE then
      page.last = last
      break
    else
      page.scanned, page.size, last = page.scanned + 1, page.size + size, record.item
      local view = selection.view(record.item)
      if selection.passes(view) then
        page.count = page.count + 1
        page.items[page.count] = not selection.is_count and selection.pick(view) or nil
      end
    end
  end
  remove_expired(store, expired)
  page.last = page.last or page.scanned == reading.limit and last or nil
  return page
end

local function answer(reading, params)
  local page = collect(reading)
  local store, index = reading.store, reading.index
  local units = capacity.read(page.size, params.ConsistentRead == true)
  return {
    Items = not reading.selection.is_count and page.items or nil,
    Count = page.count,
    ScannedCount = page.scanned,
    LastEvaluatedKey = page.last
      and (index and index:page_key(page.last) or keys.pick(store.schema, page.last)),
    ConsumedCapacity = capacity.shown(capacity.detail(params), reading.definition,
      index and { table = 0, indexes = { [index] = units } } or { table = units, indexes = {} }),
  }
end

local function open(request, params, cloud, action)
  parameters.refuse_legacy(params, action)
  local store, definition = tables.open(cloud, request.region, params.TableName)
  local index = index_of(store, params)
  return {
    store = store,
    definition = definition,
    index = index,
    limit = at_least(params, "Limit", 1),
    is_descending = false,
  }, index and index.schema or store.schema
end

-- Reads the expressions of a request, each when it is asked for.
local function reader_of(params, fields)
  local placeholders = new_placeholders(params, fields, params.ProjectionExpression ~= nil)
  return function(field)
    return params[field] and new_reader(field, params[field], placeholders)
  end, placeholders
end

function actions.Query(request, params, cloud)
  local reading, schema = open(request, params, cloud, "Query")
  if not params.KeyConditionExpression then
    invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the"
      .. " request.")
  end
  local read, placeholders = reader_of(params, { "FilterExpression", "KeyConditionExpression" })
  local wanted = key_condition.of(condition.read(read "KeyConditionExpression"), schema)
  reading.selection = read_selection(params, read, schema, reading.index, true)
  placeholders:finish()
  reading.lower, reading.upper = keys.range(wanted)
  reading.is_descending = params.ScanIndexForward == false
  if params.ExclusiveStartKey then
    begin_behind(reading, params.ExclusiveStartKey)
  end
  return answer(reading, params)
end

local function segment_of(params)
  local total = at_least(params, "TotalSegments", 1, MOST_SEGMENTS)
  local segment = at_least(params, "Segment", 0)
  if segment and not total then
    invalid("The TotalSegments parameter is required but was not present in the request when"
      .. " Segment parameter is present")
  elseif total and not segment then
    invalid("The Segment parameter is required but was not present in the request when parameter"
      .. " TotalSegments is present")
  elseif total and segment >= total then
    invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments:"
      .. " Segment: %d is not less than TotalSegments: %d", segment, total)
  end
  return segment or 0, total or 1
end

function actions.Scan(request, params, cloud)
  local reading, schema = open(request, params, cloud, "Scan")
  local read, placeholders = reader_of(params, { "FilterExpression" })
  reading.selection = read_selection(params, read, schema, reading.index, false)
  placeholders:finish()
  reading.lower, reading.upper = keys.segment(segment_of(params))
  if params.ExclusiveStartKey then
    begin_behind(reading, params.ExclusiveStartKey)
  end
  return answer(reading, params)
end

return read_actions
