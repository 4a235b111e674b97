--- Paths into an item: names, and places of lists counted from 0. They are followed, compared, and
--- changed in a draft of the item: what is there is never touched, since others hold it.
local path = {}

---@alias engine.local.services.dynamodb.Path (string|integer)[]

--- How messages show a path: "[a, b, [1]]".
---@param steps engine.local.services.dynamodb.Path
---@return string
function path.text(steps)
  local parts = {}
  for i, step in ipairs(steps) do
    parts[i] = math.type(step) and ("[%d]"):format(step) or step
  end
  return "[" .. table.concat(parts, ", ") .. "]"
end

local function is_place(step)
  return math.type(step) == "integer"
end

local function child(value, step)
  if is_place(step) then
    return value.L and value.L[step + 1]
  end
  return value.M and value.M[step]
end

--- The value at a path; nil when there is none.
---@param item engine.local.services.dynamodb.Item
---@param steps engine.local.services.dynamodb.Path
---@return engine.local.services.dynamodb.Attribute?
function path.get(item, steps)
  local value = item[steps[1]]
  for i = 2, #steps do
    if not value then
      return nil
    end
    value = child(value, steps[i])
  end
  return value
end

--- How two paths get in each other's way: "overlap" when one leads through the other, "conflict" when
--- they take the same value for a map and for a list.
---@param a engine.local.services.dynamodb.Path
---@param b engine.local.services.dynamodb.Path
---@return "overlap"|"conflict"|nil
function path.clash(a, b)
  for i = 1, math.min(#a, #b) do
    if is_place(a[i]) ~= is_place(b[i]) then
      return "conflict"
    elseif a[i] ~= b[i] then
      return nil
    end
  end
  return "overlap"
end

--- Refuses paths of one expression that get in each other's way.
---@param reader engine.local.services.dynamodb.Reader
---@param paths engine.local.services.dynamodb.Path[]
function path.check_apart(reader, paths)
  for i, one in ipairs(paths) do
    for j = i + 1, #paths do
      local clash = path.clash(one, paths[j])
      if clash then
        reader:refuse("Two document paths %s with each other; must remove or rewrite one of these"
          .. " paths; path one: %s, path two: %s", clash, path.text(one), path.text(paths[j]))
      end
    end
  end
end

local function copy(map)
  local made = setmetatable({}, getmetatable(map)) -- the mark of a list or an object stays
  for key, value in pairs(map) do
    made[key] = value
  end
  return made
end

---@class engine.local.services.dynamodb.Draft
---@field item engine.local.services.dynamodb.Item  as it is changed
---@field owned table<table, true>                  the values that are the draft's own

--- A draft of an item, to be changed.
---@param item engine.local.services.dynamodb.Item
---@return engine.local.services.dynamodb.Draft
function path.draft(item)
  return { item = copy(item), owned = {} }
end

-- The list or the map that holds the last step of a path, the draft's own, and that step as its key;
-- nil when the way there does not exist or is of another kind.
local function holder(draft, steps)
  local within, key = draft.item, steps[1]
  for i = 2, #steps do
    local kind = is_place(steps[i]) and "L" or "M"
    local value = within[key]
    if not value or not value[kind] then
      return nil
    end
    if not draft.owned[value] then
      value = { [kind] = copy(value[kind]) }
      draft.owned[value] = true
      within[key] = value
    end
    within, key = value[kind], is_place(steps[i]) and steps[i] + 1 or steps[i]
  end
  return within, key
end

--- Puts a value at a path; one past a list's end is added to it.
---@return boolean done  false when the way there does not exist
function path.set(draft, steps, value)
  local within, key = holder(draft, steps)
  if not within then
    return false
  end
  if #steps > 1 and is_place(steps[#steps]) then
    key = math.min(key, #within + 1)
  end
  within[key] = value
  return true
end

--- Takes away what is at a path; nothing there is no mistake.
---@return boolean done  false when the way there does not exist
function path.remove(draft, steps)
  local within, key = holder(draft, steps)
  if not within then
    return false
  end
  if #steps > 1 and is_place(steps[#steps]) then
    if key <= #within then
      table.remove(within, key)
    end
  else
    within[key] = nil
  end
  return true
end

return path
