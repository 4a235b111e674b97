--- What is wrong with an API description: where, which rule, what to do. All of it is gathered and
--- raised at once, for an author who would otherwise learn of it one run at a time.
local failure = require "engine.failure"
local place = require "engine.swagger.place"

local problems = {}

local MOST_KEPT <const> = 200 -- a hostile document has no end of them
local MOST_SHOWN <const> = 10

---@class engine.swagger.Problem
---@field place string   "paths./player.get.parameters[0]"
---@field rule string    what must be so, and is not
---@field remedy string  what to do

---@class engine.swagger.Problems
---@field list engine.swagger.Problem[]
---@field count integer
local Problems = {}
Problems.__index = Problems

---@return engine.swagger.Problems
function problems.new()
  return setmetatable({ list = {}, count = 0, seen = {} }, Problems)
end

--- Notes one; what was noted before, word for word, once.
---@param here engine.swagger.Place
---@param rule string
---@param remedy string
function Problems:add(here, rule, remedy)
  local entry = { place = place.text(here), rule = rule, remedy = remedy }
  local key = entry.place .. "\0" .. rule
  if self.seen[key] then
    return
  end
  self.count = self.count + 1
  if #self.list < MOST_KEPT then
    self.seen[key] = true
    table.insert(self.list, entry)
  end
end

local function line(entry)
  return ("%s: %s; %s"):format(entry.place, entry.rule, entry.remedy)
end

--- Raises them all as one error of kind "invalid", whose `problems` are the list; nothing when there
--- is none.
---@param path string  of the file
---@param code? string  default "E220"
function Problems:raise(path, code)
  if self.count == 0 then
    return
  end
  local lines = {}
  for i = 1, math.min(#self.list, MOST_SHOWN) do
    lines[i] = line(self.list[i])
  end
  if self.count > #lines then
    table.insert(lines, ("and %d more"):format(self.count - #lines))
  end
  failure.raise("invalid", table.concat(lines, "\n  "), {
    code = code or "E220",
    where = path,
    problems = self.list,
  })
end

--- Raises a single one.
---@param path string
---@param here engine.swagger.Place
---@param rule string
---@param remedy string
---@param code? string
function problems.raise(path, here, rule, remedy, code)
  local self = problems.new()
  self:add(here, rule, remedy)
  self:raise(path, code)
end

return problems
