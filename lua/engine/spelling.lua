--- Mistyped words: which of the known names was meant.
local spelling = {}

-- Edits (insert, drop, replace, swap neighbours) that turn `a` into `b`; gives up past `limit`.
local function distance(a, b, limit)
  if math.abs(#a - #b) > limit then
    return limit + 1
  end
  local before, previous = {}, {}
  for j = 0, #b do
    previous[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, previous = previous, row
  end
  return previous[#b]
end

--- The name most like `word` among the keys of `names`, when one is like enough.
---@param word any
---@param names table<string, any>
---@return string?
function spelling.nearest(word, names)
  if type(word) ~= "string" or #word > 64 then
    return nil
  end
  local lower = word:lower()
  local best, least = nil, math.max(1, #word // 3) + 1
  for name in pairs(names) do
    if type(name) == "string" then
      local begins = #word > 2 and name:sub(1, #word):lower() == lower
      local edits = begins and 1 or distance(lower, name:lower(), least)
      if edits < least or edits == least and best and name < best then
        best, least = name, edits
      end
    end
  end
  return best
end

--- " (did you mean 'memory'?)", to follow a sentence; "" when no name is like enough.
---@param word any
---@param names table<string, any>
---@return string
function spelling.guess(word, names)
  local near = spelling.nearest(word, names)
  return near and (" (did you mean '%s'?)"):format(near) or ""
end

--- "unknown field 'memmory' (did you mean 'memory'?)": `what` is "field", "hook", …
---@param what string
---@param word any
---@param names table<string, any>
---@return string
function spelling.unknown(what, word, names)
  return ("unknown %s '%s'%s"):format(what, tostring(word), spelling.guess(word, names))
end

local MOST_LISTED <const> = 30

--- "there are key, lambda, timeout": what to say beside it when no name is like enough; nil when one
--- is, or when they are too many to be read.
---@param word any
---@param names table<string, any>
---@return string?
function spelling.known(word, names)
  if spelling.nearest(word, names) then
    return nil
  end
  local list = {}
  for name in pairs(names) do
    table.insert(list, tostring(name))
  end
  table.sort(list)
  return #list > 0 and #list <= MOST_LISTED and "there are " .. table.concat(list, ", ") or nil
end

return spelling
