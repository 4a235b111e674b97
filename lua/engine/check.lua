--- Checks of what an author wrote. A mistake is blamed on the author's own line: the first one up
--- the stack that belongs neither to the vocabulary nor to the engine.
---
---     check.fields("queue", options, {
---       name = { type = "string", required = true },
---       delay = { type = "integer", least = 0, most = 900, unit = "seconds" },
---     })
---     --> service.lua:12: queue: unknown field 'dellay' (did you mean 'delay'?)
local failure = require "engine.failure"
local order = require "engine.order"

local check = {}

--- What a field may hold.
---@class engine.Rule
---@field type? string|string[]   a Lua type, "integer", "text" (a string or an intrinsic) or "any"
---@field required? boolean
---@field least? number           of a number; of a text or list: how many
---@field most? number
---@field unit? string            "MB": said in the message
---@field one_of? any[]           the values that are accepted
---@field each? engine.Rule       every item of a list, which must be one
---@field fields? table<string, engine.Rule>  a table with exactly these fields
---@field test? fun(value: any): string?  returns what is wrong: "must begin with a letter"

-- "@lua/engine/check.lua" → "@"; the same from a folder: "@/home/ada/laconic/".
local root = debug.getinfo(1, "S").source:match "^(.*)lua/engine/check%.lua$"
local own_places = { root .. "lua/engine/", root .. "stdlib/laconic/" }
local loader = root .. "lua/engine/definition.lua" -- who called this is not the file's author
local caller = root .. "lua/engine/callback.lua" -- of hooks and decorators
local own = {} -- source → whether it is ours

local function is_own(source)
  local answer = own[source]
  if answer == nil then
    answer = false
    for _, place in ipairs(own_places) do
      answer = answer or source:sub(1, #place) == place
    end
    own[source] = answer
  end
  return answer
end

--- The author's line that led here, "service.lua:12"; nil when no author's code is running.
---@param level? integer  where to begin to look, as for debug.getinfo; default 2, the caller
---@return string?
function check.where(level)
  level = level or 2
  while true do
    local info = debug.getinfo(level, "Sl")
    if not info or info.source == loader then
      return nil
    end
    if info.currentline > 0 and not is_own(info.source) then
      local path = info.source:match "^[@=](.*)$" or info.short_src
      return path .. ":" .. info.currentline
    end
    level = level + 1
  end
end

--- Whether the host is loading or building a service right now: the file itself runs, or one of its
--- hooks or decorators.
---@return boolean
function check.is_building()
  local level = 2
  while true do
    local info = debug.getinfo(level, "S")
    if not info then
      return false
    elseif info.source == loader or info.source == caller then
      return true
    end
    level = level + 1
  end
end

--- Raises an error of kind "invalid" at the author's line.
---@param code string
---@param message string
---@param hint? string
function check.fail(code, message, hint)
  failure.raise("invalid", message, { code = code, where = check.where(), hint = hint })
end

--- "unknown field 'memmory' (did you mean 'memory'?)": `what` is "field", "hook", …
---@param what string
---@param word any
---@param names table<string, any>
---@return string
function check.unknown(what, word, names)
  return require("engine.spelling").unknown(what, word, names)
end

--- "there are key, lambda, timeout": the hint beside it, where no name is like enough.
---@param word any
---@param names table<string, any>
---@return string?
function check.known(word, names)
  return require("engine.spelling").known(word, names)
end

--- Whether a text fits one of these patterns, from its beginning to its end where they say so.
---@param text string
---@param patterns string[]
---@return boolean
function check.fits(text, patterns)
  for _, pattern in ipairs(patterns) do
    if text:match(pattern) then
      return true
    end
  end
  return false
end

--- Whether `value` is an intrinsic such as { Ref = "X" } or { ["Fn::Sub"] = "…" }.
---@param value any
---@return boolean
function check.is_intrinsic(value)
  if type(value) ~= "table" then
    return false
  end
  local key = next(value)
  return type(key) == "string"
    and next(value, key) == nil
    and (key == "Ref" or key:sub(1, 4) == "Fn::")
end

local function has_type(value, want)
  if want == "any" then
    return true
  elseif want == "integer" then
    return math.type(value) == "integer"
  elseif want == "text" then
    return type(value) == "string" or check.is_intrinsic(value)
  end
  return type(value) == want
end

local function shown(value)
  if type(value) == "string" then
    return ("string %q"):format(#value > 40 and value:sub(1, 37) .. "..." or value)
  elseif type(value) == "number" or type(value) == "boolean" then
    return ("%s %s"):format(math.type(value) or type(value), tostring(value))
  end
  if value == nil then
    return "nothing"
  end
  local metatable = getmetatable(value)
  return "a " .. (type(metatable) == "table" and metatable.__name or type(value))
end

-- "lambda.layers[2]": made only where it is needed, which is rarely.
local function path_of(name, field)
  if field == nil then
    return name
  end
  return math.type(field) and ("%s[%d]"):format(name, field) or name .. "." .. field
end

local function check_type(name, field, value, want)
  if type(want) == "string" then
    if has_type(value, want) then
      return
    end
    want = { want }
  end
  for _, candidate in ipairs(want) do
    if has_type(value, candidate) then
      return
    end
  end
  local wanted = table.concat(want, " or "):gsub("text", "string or intrinsic")
  check.fail("E103", ("%s: %s expected, got %s"):format(path_of(name, field), wanted, shown(value)))
end

local function check_range(name, field, value, rule)
  local size = type(value) == "number" and value or #value
  if size >= (rule.least or size) and size <= (rule.most or size) then
    return
  end
  local unit = rule.unit and " " .. rule.unit or ""
  local range
  if rule.least and rule.most then
    range = ("from %s to %s"):format(rule.least, rule.most)
  elseif rule.most then
    range = ("at most %s"):format(rule.most)
  else
    range = ("at least %s"):format(rule.least)
  end
  check.fail("E104", ("%s: must be %s%s, got %s"):format(path_of(name, field), range, unit, size))
end

local function check_choice(name, field, value, choices)
  local names, set = {}, {}
  for _, choice in ipairs(choices) do
    if choice == value then
      return
    end
    set[choice] = true
    table.insert(names, tostring(choice))
  end
  local guess = require("engine.spelling").guess(value, set)
  local text = "%s: %s is not one of %s%s"
  local wanted = table.concat(names, ", ")
  check.fail("E104", text:format(path_of(name, field), shown(value), wanted, guess))
end

local check_value

local function check_list(name, list, rule)
  local count = 0
  for _ in pairs(list) do
    count = count + 1
  end
  if count ~= #list then
    check.fail("E103", ("%s: a list expected, got named fields or a hole"):format(name))
  end
  for i, item in ipairs(list) do
    check_value(name, i, item, rule)
  end
end

-- What a value that is no table must obey; of a table, the outside.
local function check_outside(name, field, value, rule)
  check_type(name, field, value, rule.type or (rule.each or rule.fields) and "table" or "any")
  if (rule.least or rule.most) and not check.is_intrinsic(value) then
    check_range(name, field, value, rule)
  end
  if rule.one_of then
    check_choice(name, field, value, rule.one_of)
  end
end

function check_value(name, field, value, rule)
  check_outside(name, field, value, rule)
  if (rule.each or rule.fields) and not check.is_intrinsic(value) then
    if rule.each then
      check_list(path_of(name, field), value, rule.each)
    else
      check.fields(path_of(name, field), value, rule.fields)
    end
  end
  local problem = rule.test and rule.test(value)
  if problem then
    check.fail("E105", ("%s: %s"):format(path_of(name, field), problem))
  end
end

--- Raises, at the author's line, unless `value` has type `want`.
---@param name string
---@param value any
---@param want string|string[]  see engine.Rule
function check.type(name, value, want)
  check_type(name, nil, value, want)
end

--- Raises, at the author's line, unless `value` obeys the rule.
---@param name string
---@param value any
---@param rule engine.Rule
function check.value(name, value, rule)
  check_value(name, nil, value, rule)
end

--- Raises, at the author's line, for a key of `t` that is not a key of `allowed`.
---@param name string
---@param t table
---@param allowed table<string, any>
function check.keys(name, t, allowed)
  local unknown
  for key in pairs(t) do
    if allowed[key] == nil and (unknown == nil or tostring(key) < tostring(unknown)) then
      unknown = key
    end
  end
  if unknown ~= nil then
    check.fail("E101", ("%s: %s"):format(name, check.unknown("field", unknown, allowed)),
      check.known(unknown, allowed))
  end
end

local ordered = setmetatable({}, { __mode = "k" }) -- rules → their names, sorted once

--- Raises, at the author's line, unless `options` is a table with exactly the fields that `rules`
--- allow. The first mistake in the order of names is told: a message never depends on chance.
---@param name string
---@param options any
---@param rules table<string, engine.Rule>
function check.fields(name, options, rules)
  check_type(name, nil, options, "table")
  check.keys(name, options, rules)
  local names = ordered[rules]
  if not names then
    names = order.keys(rules)
    ordered[rules] = names
  end
  for _, field in ipairs(names) do
    local value, rule = options[field], rules[field]
    if value ~= nil then
      check_value(name, field, value, rule)
    elseif rule.required then
      check.fail("E102", ("%s: field '%s' is missing"):format(name, field))
    end
  end
end

return check
