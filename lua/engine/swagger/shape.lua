--- What the objects of a document may hold: a table of shapes, and one walk that holds a document
--- against them.
---
--- A rule is the name of a shape; "string", "number", "integer", "boolean", "object", "any"; or a table:
---   { list = rule, least = n, unique = true }   { map = rule, keys = pattern, wanted = "…" }
---   { one_of = { … } }   { pattern = "^/", wanted = "…" }   { either = { rule, … } by JSON type }
--- A shape is { fields = { name = rule }, required = { … }, test = function(value, here, checker) };
--- fields that begin with "x-" are always allowed. With `reference = "only"` an object with a `$ref`
--- is that and nothing else; with "beside", it may have other fields as well. What is of a shape that is
--- `wider` than another by name need not be looked at again as the other.
local json = require "host.json"
local order = require "engine.order"
local place = require "engine.swagger.place"
local spelling = require "engine.spelling"

local shape = {}

---@class engine.swagger.Checker
---@field shapes table<string, table>
---@field problems engine.swagger.Problems
---@field document table
---@field references { value: table, here: engine.swagger.Place, its: table }[]  every $ref met, and
---  the shape of what it stands for
---@field checked table<table, table<table, true>>  value → shapes that it was held against
local Checker = {}
Checker.__index = Checker

---@param shapes table<string, table>
---@param problems engine.swagger.Problems
---@param document table  where references lead
---@return engine.swagger.Checker
function shape.checker(shapes, problems, document)
  return setmetatable({
    shapes = shapes,
    problems = problems,
    document = document,
    references = {},
    checked = {},
  }, Checker)
end

local function json_type(value)
  if value == json.null then
    return "null"
  elseif type(value) == "table" then
    return json.is_array(value) and "list" or "object"
  end
  return math.type(value) == "integer" and "integer" or type(value)
end

local PLAIN <const> = {
  string = { string = true },
  number = { number = true, integer = true },
  integer = { integer = true },
  boolean = { boolean = true },
  object = { object = true },
  list = { list = true },
}

local ARTICLES <const> = { integer = "an integer", object = "an object" }

local function named(kind)
  return ARTICLES[kind] or "a " .. kind
end

function Checker:add(here, rule, remedy)
  self.problems:add(here, rule, remedy)
end

-- Whether the value is of that kind; says so when it is not.
function Checker:is(kind, value, here)
  if value ~= nil and PLAIN[kind][json_type(value)] then
    return true
  end
  self:add(here, ("must be %s, and is %s"):format(named(kind), named(json_type(value))),
    ("write %s"):format(named(kind)))
  return false
end

local function texts(list)
  local result = {}
  for i, item in ipairs(list) do
    result[i] = tostring(item)
  end
  return table.concat(result, ", ")
end

function Checker:check_choice(rule, value, here)
  for _, choice in ipairs(rule.one_of) do
    if choice == value then
      return
    end
  end
  self:add(here, "is not one that is accepted", "take one of " .. texts(rule.one_of))
end

-- Two items are equal when their texts are.
function Checker:check_unique(list, here)
  local seen = {}
  for i, item in ipairs(list) do
    local text = json.encode(item) or tostring(item)
    if seen[text] then
      self:add(place.below(here, i), ("is the same as [%d]"):format(seen[text] - 1), "take it out")
    end
    seen[text] = seen[text] or i
  end
end

function Checker:check_list(rule, value, here)
  if not self:is("list", value, here) then
    return
  end
  if #value < (rule.least or 0) then
    self:add(here, ("must have at least %d"):format(rule.least), "add what is missing")
  end
  for i, item in ipairs(value) do
    self:check(rule.list, item, place.below(here, i))
  end
  if rule.unique then
    self:check_unique(value, here)
  end
end

local function is_extension(name)
  return name:sub(1, 2) == "x-"
end

function Checker:check_map(rule, value, here)
  if not self:is("object", value, here) then
    return
  end
  for _, name in ipairs(order.keys(value)) do
    local below = place.below(here, name)
    if not (rule.extensions and is_extension(name)) then
      if rule.keys and not name:find(rule.keys) then
        self:add(below, "is not a name that may stand here", rule.wanted)
      else
        self:check(rule.map, value[name], below)
      end
    end
  end
end

function Checker:check_fields(its, value, here)
  for _, name in ipairs(its.required or {}) do
    if value[name] == nil then
      self:add(here, ("the field '%s' is missing"):format(name), "add it")
    end
  end
  for _, name in ipairs(order.keys(value)) do
    local rule, below = its.fields[name], place.below(here, name)
    if rule then
      self:check(rule, value[name], below)
    elseif not is_extension(name) then
      self:add(below, "is an unknown field" .. spelling.guess(name, its.fields),
        "take it out, or let its name begin with 'x-'")
    end
  end
end

function Checker:note_checked(value, its)
  local shapes = self.checked[value] or {}
  self.checked[value], shapes[its] = shapes, true
end

-- What a reference leads to must be what stands there, wherever it is defined; it is held against a
-- shape once.
function Checker:check_target(met, value)
  local shapes = self.checked[value] or {}
  local wider = met.its.wider and self.shapes[met.its.wider]
  if not shapes[met.its] and not shapes[wider] then
    self:check_shape(met.its, value, met.here)
  end
end

--- Holds what references lead to against what they stand for, and what those lead to.
---@param follow fun(value: any): any, string?
function Checker:check_references(follow)
  local at = 1
  while self.references[at] do -- the list grows
    local met = self.references[at]
    local value, problem = follow(met.value)
    if value == nil then
      self:add(met.here, problem, "define what it names in this document")
    else
      self:check_target(met, value)
    end
    at = at + 1
  end
end

function Checker:check_shape(its, value, here)
  if not self:is("object", value, here) then
    return
  end
  if its.reference and value["$ref"] ~= nil then
    if not self:is("string", value["$ref"], place.below(here, "$ref")) then
      return
    end
    table.insert(self.references, { value = value, here = here, its = its })
    if its.reference == "only" then
      for _, name in ipairs(order.keys(value)) do
        if name ~= "$ref" and not is_extension(name) then
          self:add(place.below(here, name), "stands beside a $ref", "take out one of the two")
        end
      end
      return
    end
  end
  self:note_checked(value, its)
  if its.choose then
    its = self.shapes[its.choose(value, here, self)]
    if not its then
      return
    end
    self:note_checked(value, its)
  end
  self:check_fields(its, value, here)
  if its.test then
    its.test(value, here, self)
  end
end

--- Holds a value against a rule.
---@param rule any
---@param value any
---@param here engine.swagger.Place
function Checker:check(rule, value, here)
  if rule == "any" then
    return
  elseif PLAIN[rule] then
    self:is(rule, value, here)
  elseif type(rule) == "string" then
    self:check_shape(self.shapes[rule], value, here)
  elseif rule.list then
    self:check_list(rule, value, here)
  elseif rule.map then
    self:check_map(rule, value, here)
  elseif rule.one_of then
    self:check_choice(rule, value, here)
  elseif rule.pattern then
    if self:is("string", value, here) and not value:find(rule.pattern) then
      self:add(here, "is not well formed", rule.wanted)
    end
  elseif rule.either then
    local own = rule.either[json_type(value)]
    if own then
      self:check(own, value, here)
    else
      self:add(here, "has the wrong type", rule.wanted)
    end
  elseif rule.least and self:is(rule.type, value, here) and value < rule.least then
    self:add(here, ("must be at least %d"):format(rule.least), "write a larger number")
  end
end

--- The JSON type of a value: "object", "list", "string", "integer", "number", "boolean", "null".
shape.type = json_type

return shape
