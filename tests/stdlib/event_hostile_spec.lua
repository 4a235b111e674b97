-- Every value of every sample is replaced by values that do not belong there: the readers take it or
-- say what is wrong, and never stumble.
local event = require "laconic.event"
local json = require "host.json"
local scripts = require "host.scripts"

local arrived = dofile "tests/stdlib/arrived.lua"

-- What is made when it is first asked for.
local LAZY = {
  "message_attributes", "receive_count", "keys", "new_image", "old_image", "data", "shard_id",
  "key", "value", "headers", "multi_value_headers", "query", "multi_value_query", "cookies", "body",
}
local METHODS = { "json", "unwrap", "form" }

local SAID = { InvalidEvent = true, InvalidAttributeValue = true }

-- Runs it; returns what was raised that is no word of ours.
local function stumbles(fn, ...)
  local ok, raised = pcall(fn, ...)
  if not ok and not (type(raised) == "table" and SAID[raised.type]) then
    return tostring(raised)
  end
  return nil, ok and raised or nil
end

local function field_of(record, name)
  return record[name]
end

local function call_of(record, name)
  return record[name](record)
end

local function stumbles_over(record)
  local stumbled
  for _, name in ipairs(LAZY) do
    stumbled = stumbled or stumbles(field_of, record, name)
  end
  for _, name in ipairs(METHODS) do
    stumbled = stumbled or type(record[name]) == "function" and stumbles(call_of, record, name)
  end
  return stumbled or record.respond and stumbles(record.respond, record, {})
end

-- Reads all that is in an event; returns where the reader of `source` stumbled.
local function try(source, given)
  local stumbled = stumbles(event.source, given)
  local reader = require("laconic.event." .. source)
  local read = reader.records or reader.request or reader.read
  local more, result = stumbles(read, given)
  if more or not result then
    return stumbled or more
  end
  for _, record in ipairs(reader.records and result or { result }) do
    stumbled = stumbled or stumbles_over(record)
  end
  return stumbled
end

-- Nothing at all, and every type of JSON.
local REPLACEMENTS = {
  json.null, true, -1.5, "%zz", json.array {}, json.array { json.null }, { a = 1 },
  { a = { a = "b" } },
}

local function sorted_keys(node)
  local keys = {}
  for key in pairs(node) do
    table.insert(keys, key)
  end
  table.sort(keys)
  return keys
end

-- Calls `visit(path)` with each place of the tree replaced by each replacement, and as it was after.
local function replace_each(node, path, visit)
  for _, key in ipairs(sorted_keys(node)) do
    local value, here = node[key], ("%s.%s"):format(path, key)
    for i = 0, #REPLACEMENTS do
      node[key] = REPLACEMENTS[i] -- the 0th is nil: gone
      visit(here, i)
    end
    node[key] = value
    local first = type(key) == "string" or key == 1 -- of a list the others are alike
    if type(value) == "table" and first then
      replace_each(value, here, visit)
    end
  end
end

local function reader_of(name)
  return name:match "^s3" or name == "scheduled" and "eventbridge" or name
end

describe("laconic.event", function()
  for _, module in ipairs(scripts.list "engine.samples.") do
    local name = module:match "[%w_]+$"
    local source = reader_of(name)
    it("does not stumble over " .. name, function()
      local given, count = arrived(name), 0
      replace_each(given, name, function(path, i)
        count = count + 1
        local stumbled = try(source, given)
        if stumbled then
          error(("%s, replaced by %s: %s"):format(path, json.encode(REPLACEMENTS[i]), stumbled), 0)
        end
      end)
      assert.truthy(count >= 2 * (#REPLACEMENTS + 1))
    end)
  end

  it("does not stumble over what is no event", function()
    for _, given in ipairs(REPLACEMENTS) do
      for _, module in ipairs(scripts.list "engine.samples.") do
        local name = module:match "[%w_]+$"
        local source = reader_of(name)
        assert.is_nil(try(source, given), source)
      end
    end
  end)
end)
