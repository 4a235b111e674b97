--- What every reader of events stands on: an event is read by a list of fields, and what has not the
--- shape that it should have is told by its path.
---
---     sqs event: Records[2].messageId: string expected, got nothing
---@module "laconic.event.shape"
local failure = require "engine.failure"
local json = require "host.json"

local shape = {}

--- A field to read: its name in Lua, its type, and where AWS has it. Types: "string", "integer",
--- "number", "boolean", "table" (a JSON object), "list"; with "?" it may be absent or null.
---@alias laconic.event.Field string[]  { "bucket", "string", "s3", "bucket", "name" }

--- Raises an error whose type, as callers of the function see it, is "InvalidEvent".
---@param source string   "sqs"
---@param path string     "Records[2].body"; "" for the event itself
---@param problem string  "string expected, got nothing"
function shape.fail(source, path, problem)
  local where = path == "" and "" or path .. ": "
  failure.raise("event", ("%s event: %s%s"):format(source, where, problem), {
    type = "InvalidEvent",
  })
end

local function kind_of(value)
  if value == nil then
    return "nothing"
  elseif value == json.null then
    return "null"
  elseif type(value) == "table" then
    return json.is_array(value) and "list" or "table"
  end
  return math.type(value) or type(value)
end

local function is_list(value)
  return type(value) == "table" and (json.is_array(value) or next(value) == nil or value[1] ~= nil)
end

local FITS = {
  string = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" end,
  number = function(value) return type(value) == "number" end,
  boolean = function(value) return type(value) == "boolean" end,
  table = function(value) return type(value) == "table" and not json.is_array(value) end,
  list = is_list,
}

-- " (it looks like an event of s3)", where it does.
local function seen(source, event)
  local name = require("laconic.event").source(event)
  return name and name ~= source and (" (it looks like an event of %s)"):format(name) or ""
end

local function wrong(source, path, object, field, depth, want, got)
  local names = table.concat(field, ".", 3, depth)
  local looks = path == "" and seen(source, object) or ""
  shape.fail(source, path == "" and names or path .. "." .. names,
    ("%s expected, got %s%s"):format(want, kind_of(got), looks))
end

--- The value of one field; nil for an optional one that is not there.
---@param source string
---@param path string  where `object` is in the event
---@param object table
---@param field laconic.event.Field
---@return any
function shape.field(source, path, object, field)
  local want, optional = field[2]:match "^(%l+)(%??)$"
  local value = object
  for i = 3, #field do
    if type(value) ~= "table" then
      if optional == "?" and (value == nil or value == json.null) then
        return nil
      end
      wrong(source, path, object, field, i - 1, "table", value)
    end
    value = value[field[i]]
  end
  if optional == "?" and (value == nil or value == json.null) then
    return nil
  elseif not FITS[want](value) then
    wrong(source, path, object, field, #field, want, value)
  end
  return value
end

--- Reads the fields of an object into a table, which keeps the object as `raw`.
---@param source string
---@param path string
---@param object any
---@param fields laconic.event.Field[]
---@param class? table  its metatable
---@return table
function shape.read(source, path, object, fields, class)
  if type(object) ~= "table" then
    shape.fail(source, path, "table expected, got " .. kind_of(object))
  end
  local record = { raw = object }
  for _, field in ipairs(fields) do
    record[field[1]] = shape.field(source, path, object, field)
  end
  return class and setmetatable(record, class) or record
end

--- The list `name` of an event.
---@param source string
---@param event any
---@param name string  "Records"
---@return table[]
function shape.list(source, event, name)
  if type(event) ~= "table" then
    shape.fail(source, "", "table expected, got " .. kind_of(event))
  end
  local list = event[name]
  if not is_list(list) then
    shape.fail(source, name, ("list expected, got %s%s"):format(kind_of(list), seen(source, event)))
  end
  return list
end

--- The records of a source: how to read them.
---@class laconic.event.RecordShape
---@field source string
---@field list string       "Records"
---@field fields laconic.event.Field[]
---@field class? table      their metatable
---@field origin? string[]  the field that names the service, and the name: { "eventSource", "aws:sqs" }

--- Reads every record of an event.
---@param event any
---@param as laconic.event.RecordShape
---@return table[]
function shape.records(event, as)
  local records = {}
  for i, item in ipairs(shape.list(as.source, event, as.list)) do
    local path = ("%s[%d]"):format(as.list, i)
    if as.origin and type(item) == "table" then
      local name = as.origin[1]
      shape.expect(as.source, path .. "." .. name, item[name], as.origin[2], event)
    end
    records[i] = shape.read(as.source, path, item, as.fields, as.class)
  end
  return json.array(records)
end

--- Raises unless `value` is the one that events of the source have.
---@param source string
---@param path string
---@param value any
---@param want string
---@param event? table  to say what it looks like instead
function shape.expect(source, path, value, want, event)
  if value ~= want then
    local got = type(value) == "string" and ("'%s'"):format(value) or kind_of(value)
    local looks = event and seen(source, event) or ""
    shape.fail(source, path, ("'%s' expected, got %s%s"):format(want, got, looks))
  end
end

--- Makes a class whose fields in `computed` are made when they are first asked for.
---@param methods table<string, any>
---@param computed? table<string, fun(self: table): any>
---@return table metatable
function shape.class(methods, computed)
  if not computed then
    return { __index = methods }
  end
  return {
    __index = function(self, key)
      local compute = computed[key]
      if not compute then
        return methods[key]
      end
      local value = compute(self)
      rawset(self, key, value)
      return value
    end,
  }
end

--- The bytes of a base64 text.
---@param source string
---@param path string
---@param text string
---@return string
function shape.base64(source, path, text)
  local bytes, problem = require("host.digest").from_base64(text)
  if not bytes then
    shape.fail(source, path, problem.message)
  end
  return bytes
end

--- The value of a JSON text.
---@param source string
---@param path string
---@param text any
---@return any
function shape.json(source, path, text)
  if type(text) ~= "string" then
    shape.fail(source, path, "JSON expected, got " .. kind_of(text))
  end
  local value, problem = json.decode(text)
  if problem then
    shape.fail(source, path, "no JSON: " .. problem.message)
  end
  return value
end

return shape
