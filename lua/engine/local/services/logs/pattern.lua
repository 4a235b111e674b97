--- Filter patterns of CloudWatch Logs: words that a message must have, or one comparison of a JSON
--- message's field.
---
---     ERROR timeout          both words      "connection lost"   the phrase
---     ERROR -ignored         the first without the second        ?WARN ?ERROR   either
---     { $.level = "error" }  { $.ms > 100 }  { $.user EXISTS }
local fault = require "engine.local.fault"
local json = require "host.json"

local pattern = {}

local function invalid(text, why)
  fault.raise("InvalidParameterException", ("Invalid filter pattern '%s': %s"):format(text, why))
end

-- The terms of a text: { text, sign? }, phrases in quotes whole.
local function read_terms(text)
  local terms, place = {}, 1
  while true do
    place = text:find("%S", place)
    if not place then
      return terms
    end
    local sign = text:match("^[-?]", place)
    place = place + (sign and 1 or 0)
    local phrase, after = text:match('^"([^"]*)"()', place)
    local word, stop = text:match('^([^%s"]+)()', place)
    if not phrase and not word then
      invalid(text, "a quote is not closed, or a sign stands alone")
    end
    table.insert(terms, { text = phrase or word, sign = sign })
    place = after or stop
  end
end

local function by_terms(text)
  local all, none, any = {}, {}, {}
  for _, term in ipairs(read_terms(text)) do
    table.insert(term.sign == "-" and none or term.sign == "?" and any or all, term.text)
  end
  local function has(message, term)
    return message:find(term, 1, true) ~= nil
  end
  return function(message)
    for _, term in ipairs(all) do
      if not has(message, term) then
        return false
      end
    end
    for _, term in ipairs(none) do
      if has(message, term) then
        return false
      end
    end
    for _, term in ipairs(any) do
      if has(message, term) then
        return true
      end
    end
    return #any == 0
  end
end

local function glob(text)
  return "^" .. text:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

local COMPARE = {
  ["="] = function(value, wanted)
    if type(wanted) == "string" then
      return value ~= nil and tostring(value):match(glob(wanted)) ~= nil
    end
    return value == wanted
  end,
  ["<"] = function(value, wanted)
    return type(value) == "number" and value < wanted
  end,
  [">"] = function(value, wanted)
    return type(value) == "number" and value > wanted
  end,
  ["<="] = function(value, wanted)
    return type(value) == "number" and value <= wanted
  end,
  [">="] = function(value, wanted)
    return type(value) == "number" and value >= wanted
  end,
}
COMPARE["!="] = function(value, wanted)
  return value ~= nil and not COMPARE["="](value, wanted)
end

local function read_value(text, whole)
  local quoted = text:match '^"(.*)"$'
  if quoted then
    return quoted
  end
  return tonumber(text) or text:match "^[%w_*.-]+$" or invalid(whole, "the value cannot be read")
end

local function descend(value, path)
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then
      return nil
    end
    value = value[name]
  end
  return value
end

local function by_field(text)
  local path, rest = text:match "^{%s*%$%.([%w_.-]+)%s*(.-)%s*}$"
  if not path then
    invalid(text, "laconic local reads one comparison: { $.field = value }")
  end
  if rest == "EXISTS" then
    return function(value)
      return descend(value, path) ~= nil
    end
  end
  local operator, value = rest:match "^([=!<>]+)%s*(.+)$"
  local compare, wanted = COMPARE[operator or ""], value and read_value(value, text)
  if not compare or operator:find "[<>]" and type(wanted) ~= "number" then
    invalid(text, "laconic local reads one comparison: { $.field = value }")
  end
  return function(document)
    return compare(descend(document, path), wanted)
  end
end

--- Compiles a filter pattern into a predicate of messages. Empty: everything.
---@param text? string
---@return fun(message: string): boolean
function pattern.compile(text)
  if not text or not text:find "%S" then
    return function()
      return true
    end
  elseif not text:match "^%s*{" then
    return by_terms(text)
  end
  local matches = by_field(text:match "^%s*(.-)%s*$")
  return function(message)
    local document = message:match "^%s*{" and json.decode(message)
    return type(document) == "table" and matches(document)
  end
end

return pattern
