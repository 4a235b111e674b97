--- What a word returns, to be named elsewhere: `visits.ref`, `visits.arn`, `visits:att "StreamArn"`.
---@module "laconic.handle"
local check = require "engine.check"

local handle = {}

---@class laconic.Handle
---@field name string            as its author calls it
---@field id string              its logical id in the template
---@field ref laconic.Intrinsic  Ref
---@field arn laconic.Intrinsic  GetAtt Arn
---@field att fun(self, attribute: string): laconic.Intrinsic
---@field url laconic.Intrinsic  of a function with `url`

local function get_att(self, attribute)
  return require("laconic.cfn").att(self.id, attribute)
end

local FIELDS = {
  resource = { name = true, id = true, ref = true, arn = true, att = true },
  lambda = { name = true, id = true, ref = true, arn = true, att = true, url = true },
  custom_resource_type = { name = true, id = true, ref = true, arn = true, att = true },
  parameter = { name = true, id = true, ref = true },
  condition = { name = true, id = true },
  mapping = { name = true, id = true },
  secret = { name = true },
}

-- What the handles of constructs have besides: kind → { values, methods }.
local defined = {}

-- A handle is an empty table, so that every read and write of it comes by here.
local facts_of = setmetatable({}, { __mode = "k" }) -- handle → { kind, name, id, said? }

local metatable = { __name = "handle" }

local function refuse(facts, message, hint)
  check.fail("E107", ("%s '%s': %s"):format(facts.kind, facts.name, message), hint)
end

function metatable:__index(field)
  local facts = facts_of[self]
  local own = defined[facts.kind]
  if own and own.methods[field] then
    return own.methods[field]
  elseif own and own.values[field] then
    return own.values[field](facts)
  elseif not FIELDS[facts.kind][field] then
    local names = FIELDS[facts.kind]
    refuse(facts, check.unknown("field", field, names), check.known(field, names))
  elseif field == "ref" then
    return require("laconic.cfn").ref(facts.id)
  elseif field == "arn" then
    return require("laconic.cfn").att(facts.id, "Arn")
  elseif field == "att" then
    return get_att
  elseif field == "url" then
    return require("laconic.cfn").att(facts.id:gsub("Function$", "Url"), "FunctionUrl")
  end
  return facts[field]
end

function metatable:__newindex(field)
  refuse(facts_of[self], ("a handle is not changed (field '%s')"):format(tostring(field)))
end

--- "resource Visits"
function metatable:__tostring()
  local facts = facts_of[self]
  return facts.kind .. " " .. facts.id
end

function metatable.__concat(a, b)
  local both = facts_of[a] and a or b
  refuse(facts_of[both], "a handle cannot be joined", handle.hint(both))
end

--- Makes the handle of a thing.
---@param kind string  "resource", "lambda", … or one that was defined
---@param name string
---@param id? string  default `name`
---@param said? table  what was said of it: of constructs
---@return laconic.Handle
function handle.new(kind, name, id, said)
  local self = setmetatable({}, metatable)
  facts_of[self] = { kind = kind, name = name, id = id or name, said = said }
  return self
end

---@class laconic.handle.Facts
---@field kind string
---@field name string
---@field id string     the stem of its logical ids
---@field said table    what was said of it

local function on_its_own_kind(kind, word, method)
  return function(self, ...)
    if handle.kind(self) ~= kind then
      check.fail("E103", ("%s: a colon is missing: say :%s"):format(word, word))
    end
    return method(facts_of[self].said, ...)
  end
end

--- Says what the handles of a construct have: values, made when they are asked for, and methods,
--- which get what was said of it.
---
---     handle.define("http_api", {
---       url = function(facts) return cfn.sub("https://${" .. facts.id .. "Api}.…") end,
---     }, {
---       route = function(said, options) table.insert(said.routes, options) end,
---     })
---
---@param kind string
---@param values table<string, fun(facts: laconic.handle.Facts): any>
---@param methods? table<string, fun(said: table, ...: any): any>
function handle.define(kind, values, methods)
  local own, names = { values = values, methods = {} }, { name = true }
  for word, method in pairs(methods or {}) do
    own.methods[word] = on_its_own_kind(kind, word, method)
    names[word] = true
  end
  for word in pairs(values) do
    names[word] = true
  end
  defined[kind], FIELDS[kind] = own, names
end

--- What to say to somebody who took a handle for a value.
---@param value laconic.Handle
---@return string
function handle.hint(value)
  local own = defined[facts_of[value].kind]
  if not own then
    return "say which of its values is meant: .ref, .arn or :att \"…\""
  end
  local names = {}
  for name in pairs(own.values) do
    table.insert(names, "." .. name)
  end
  table.sort(names)
  return "say which of its values is meant: " .. table.concat(names, ", ")
end

--- The kind of a handle; nil for any other value.
---@return string?
function handle.kind(value)
  local facts = type(value) == "table" and facts_of[value]
  return facts and facts.kind or nil
end

--- Names of resources: a name, a handle, or a list of either → a list of logical ids.
---@param name string
---@param value any
---@return string[]
function handle.ids(name, value)
  if type(value) == "string" or handle.kind(value) then
    value = { value }
  end
  check.value(name, value, { each = { type = { "string", "table" } } })
  local ids = {}
  for i, item in ipairs(value) do
    if type(item) == "table" and not handle.kind(item) then
      check.fail("E103", ("%s[%d]: a name or a handle expected"):format(name, i))
    end
    table.insert(ids, type(item) == "string" and item or item.id)
  end
  return ids
end

return handle
