--- The items of one table: in memory and in order while the cloud runs, and every change in a journal
--- on disk before it is answered. A line of the journal is one change, of one item or of several: a
--- kill leaves all of it or nothing.
local attribute = require "engine.local.services.dynamodb.attribute"
local clock = require "host.clock"
local fault = require "engine.local.fault"
local file = require "host.file"
local index = require "engine.local.services.dynamodb.index"
local journal = require "engine.local.journal"
local json = require "host.json"
local keys = require "engine.local.services.dynamodb.keys"
local log = require "host.log"
local ordered = require "engine.local.services.dynamodb.ordered"

local store = {}
store.__index = store

local WASTE <const> = 4 * 1024 * 1024 -- bytes a journal may grow by before it is written anew
local ROOM <const> = 256 * 1024 * 1024 -- bytes of the items of all tables, which are in memory
local OLDEST <const> = 5 * 365 * 24 * 3600 -- what expired longer ago stays, as in DynamoDB

---@class engine.local.services.dynamodb.Record
---@field item engine.local.services.dynamodb.Item  never changed: a new one takes its place
---@field size integer

---@class engine.local.services.dynamodb.Change
---@field key string  the text of the item's key
---@field item? engine.local.services.dynamodb.Item  nil: it goes

---@class engine.local.services.dynamodb.Store
---@field schema engine.local.services.dynamodb.Schema
---@field records engine.local.services.dynamodb.Ordered
---@field indexes engine.local.services.dynamodb.Index[]
---@field size integer  bytes of all items, as DynamoDB counts them

local function record_of(item)
  return { item = item, size = attribute.item_size(item) }
end

-- Puts a record into memory, or takes it out; the indexes are for the caller.
local function keep(self, key, record)
  local old = self.records:get(key)
  local growth = (record and record.size or 0) - (old and old.size or 0)
  self.size, self.shared.size = self.size + growth, self.shared.size + growth
  if record then
    self.records:put(key, record)
  else
    self.records:remove(key)
  end
  return old
end

local function rewrite(self)
  local lines = {}
  for _, record in self.records:each "" do
    table.insert(lines, { put = { record.item } })
  end
  journal.rewrite(self.path, lines)
  self.bytes = assert(file.stat(self.path)).size
  self.tidy_bytes, self.torn = self.bytes, false
end

local function take_line(self, line)
  for _, item in ipairs(line.put or {}) do
    keep(self, keys.text(self.schema, item), record_of(item))
  end
  for _, key in ipairs(line.drop or {}) do
    keep(self, keys.text(self.schema, key), nil)
  end
end

--- Opens the items of a table.
---@param folder string            the table's own
---@param definition table         as DynamoDB describes it
---@param shared { size: integer } of all open tables
---@return engine.local.services.dynamodb.Store
function store.open(folder, definition, shared)
  local self = setmetatable({
    shared = shared,
    path = folder .. "/items.jsonl",
    schema = keys.schema(definition.KeySchema, definition.AttributeDefinitions),
    records = ordered.new(),
    indexes = {},
    size = 0,
    torn = false,
  }, store)
  local lines
  lines, self.torn = journal.read(self.path, function(line)
    take_line(self, line)
  end)
  local facts = file.stat(self.path)
  self.bytes = facts and facts.size or 0
  self.tidy_bytes = self.bytes
  if self.torn or lines > 2 * self.records.count and self.bytes > WASTE then
    rewrite(self)
  end
  self:define(definition)
  return self
end

local function build(self, definition, is_global, table_definition)
  local made = index.new(definition, is_global, table_definition)
  for key, record in self.records:each "" do
    made:change(key, nil, record)
  end
  return made
end

-- The indexes of one kind; what is there already is not built again.
local function add_indexes(self, had, list, is_global, definition)
  for _, one in ipairs(list or {}) do
    table.insert(self.indexes, had[one.IndexName] or build(self, one, is_global, definition))
  end
end

--- Takes over what a table's definition says now: its indexes and when items expire.
---@param definition table
function store:define(definition)
  local had = {}
  for _, one in ipairs(self.indexes) do
    had[one.name] = one
  end
  self.indexes = {}
  add_indexes(self, had, definition.LocalSecondaryIndexes, false, definition)
  add_indexes(self, had, definition.GlobalSecondaryIndexes, true, definition)
  local live = definition.TimeToLive
  self.expiry = live and live.Enabled and live.AttributeName or nil
end

--- An index by its name.
---@param name string
---@return engine.local.services.dynamodb.Index?
function store:index(name)
  for _, one in ipairs(self.indexes) do
    if one.name == name then
      return one
    end
  end
end

--- Whether an item's time is over.
---@param record engine.local.services.dynamodb.Record
---@return boolean
function store:is_expired(record)
  local value = self.expiry and record.item[self.expiry]
  local at = value and value.N and tonumber(value.N)
  if not at then
    return false
  end
  local now = clock.now()
  return at < now and at > now - OLDEST
end

--- What changes are as a line of the journal.
---@param changes engine.local.services.dynamodb.Change[]
---@return { put?: engine.local.services.dynamodb.Item[], drop?: engine.local.services.dynamodb.Item[] }
function store:line(changes)
  local puts, drops = json.array {}, json.array {}
  for _, change in ipairs(changes) do
    local old = self.records:get(change.key)
    table.insert(puts, change.item)
    table.insert(drops, not change.item and old and keys.pick(self.schema, old.item) or nil)
  end
  return { put = puts[1] and puts, drop = drops[1] and drops }
end

--- Refuses what would be more than this cloud keeps in memory.
function store:check_room()
  if self.shared.size > ROOM then
    fault.raise("LimitExceededException", "laconic local keeps the items of all tables in memory,"
      .. " and at most 256 MiB of them")
  end
end

-- An append that fails may have left half a line: the next change begins with a whole file again.
local function write(self, line)
  if self.torn then
    rewrite(self)
  end
  self.torn = true
  self.bytes = self.bytes + journal.add(self.path, line)
  self.torn = false
end

-- A journal that cannot be written anew is no failure of the change: it is tried again at the next.
local function tidy(self)
  if self.bytes > 2 * self.tidy_bytes + WASTE then
    local ok, problem = pcall(rewrite, self)
    if not ok then
      log.warn("a table's journal stays as long as it is",
        { path = self.path, error = tostring(problem) })
    end
  end
end

local function apply(self, key, item)
  local record = item and record_of(item)
  local old = keep(self, key, record)
  for _, one in ipairs(self.indexes) do
    one:change(key, old, record)
  end
end

--- Makes the changes of a line, all of them or, when it cannot be written, none. Making them once more
--- changes nothing.
---@param line { put?: engine.local.services.dynamodb.Item[], drop?: engine.local.services.dynamodb.Item[] }
function store:take(line)
  if not line.put and not line.drop then
    return
  end
  write(self, line)
  for _, item in ipairs(line.put or {}) do
    apply(self, keys.text(self.schema, item), item)
  end
  for _, key in ipairs(line.drop or {}) do
    apply(self, keys.text(self.schema, key), nil)
  end
  tidy(self)
end

--- Makes changes, all of them or, when they cannot be written, none.
---@param changes engine.local.services.dynamodb.Change[]  of different items
function store:commit(changes)
  local line = self:line(changes)
  if line.put then
    self:check_room()
  end
  self:take(line)
end

--- Gives the memory free: the table is gone.
function store:close()
  self.shared.size = self.shared.size - self.size
end

--- The record of a key, unless its time is over: then it goes.
---@param key string
---@return engine.local.services.dynamodb.Record?
function store:get(key)
  local record = self.records:get(key)
  if record and self:is_expired(record) then
    self:commit { { key = key } }
    return nil
  end
  return record
end

return store
