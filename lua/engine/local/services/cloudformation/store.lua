--- The stacks that this cloud knows: found by name or id, changed in memory, kept on disk.
---
--- A stack's document is written once a turn of the loop, however many of its resources moved in it,
--- and before every end of an operation: what a kill can lose is then found out again, not guessed.
local clock = require "host.clock"
local fault = require "engine.local.fault"
local loop = require "engine.local.loop"

local store = {}

local UNFINISHED <const> = "cloudformation/unfinished"
local MAX_EVENTS <const> = 5000 -- of one stack; the oldest go first
local MAX_DELETED <const> = 200 -- deleted stacks remembered, in each region

local function document_of(region, stack)
  return ("cloudformation/%s/%s"):format(region, stack.id:match "[^/]*$")
end

local function note_of(stack)
  return ("%s/%s"):format(UNFINISHED, stack.id:match "[^/]*$")
end

local function load_region(cloud, region)
  local stacks = {}
  local folder = "cloudformation/" .. region
  for _, name in ipairs(cloud.state:list(folder)) do
    table.insert(stacks, cloud.state:get(folder .. "/" .. name))
  end
  table.sort(stacks, function(a, b)
    return a.created < b.created
  end)
  return stacks
end

--- Every stack of a region, the oldest first, deleted ones too.
---@param cloud engine.local.Cloud
---@param region string
---@return table[]
function store.all(cloud, region)
  local regions = cloud:memory "cloudformation"
  regions[region] = regions[region] or load_region(cloud, region)
  return regions[region]
end

--- The stacks whose operation has not ended: region and id. Read when a cloud starts.
---@return { region: string, id: string }[]
function store.unfinished(cloud)
  local list = {}
  for _, name in ipairs(cloud.state:list(UNFINISHED)) do
    table.insert(list, cloud.state:get(UNFINISHED .. "/" .. name))
  end
  return list
end

--- Notes that a stack's operation begins. A small document of its own, made and removed: cheaper than
--- one list written again and again.
function store.note_begin(cloud, stack)
  cloud.state:put(note_of(stack), { region = stack.region, id = stack.id })
end

--- Notes that it has ended.
function store.note_end(cloud, stack)
  cloud.state:remove(note_of(stack))
end

--- Whether a stack is gone, and only its id still finds it.
---@return boolean
function store.is_deleted(stack)
  return stack.status == "DELETE_COMPLETE"
end

--- The stack of that name or id; nil when there is none. A name never finds a deleted stack.
---@return table?
function store.find(cloud, region, name)
  for _, stack in ipairs(store.all(cloud, region)) do
    if stack.id == name or stack.name == name and not store.is_deleted(stack) then
      return stack
    end
  end
  return nil
end

--- The same, or a fault in AWS's words.
---@param format? string  default "Stack with id %s does not exist"
---@return table
function store.get(cloud, region, name, format)
  local stack = type(name) == "string" and store.find(cloud, region, name)
  if not stack then
    fault.raise("ValidationError",
      (format or "Stack with id %s does not exist"):format(tostring(name)))
  end
  return stack
end

--- Writes the stack's document now.
function store.save(cloud, stack)
  stack.dirty = nil
  cloud.state:put(document_of(stack.region, stack), stack)
end

--- Has the stack's document written before the loop waits for anything outside.
function store.touch(cloud, stack)
  if not stack.dirty then
    stack.dirty = true
    loop.spawn(function()
      if stack.dirty then
        store.save(cloud, stack)
      end
    end)
  end
end

local function forget_oldest(cloud, stacks)
  local deleted = {}
  for i, stack in ipairs(stacks) do
    if store.is_deleted(stack) then
      table.insert(deleted, i)
    end
  end
  if #deleted > MAX_DELETED then
    local stack = table.remove(stacks, deleted[1])
    cloud.state:remove(document_of(stack.region, stack))
  end
end

--- Takes a new stack in; its first `save` puts it on disk.
function store.add(cloud, stack)
  local stacks = store.all(cloud, stack.region)
  table.insert(stacks, stack)
  forget_oldest(cloud, stacks)
end

--- Removes a stack and its document: one that was only ever under review.
function store.remove(cloud, stack)
  local stacks = store.all(cloud, stack.region)
  for i, other in ipairs(stacks) do
    if other == stack then
      table.remove(stacks, i)
      break
    end
  end
  stack.dirty = nil
  cloud.state:remove(document_of(stack.region, stack))
end

--- Adds an event. The stack's own events carry its name and id; a resource's, its record's.
---@param stack table
---@param event table  logical_id, physical_id?, type, status, reason?, properties? (JSON)
function store.add_event(cloud, stack, event)
  stack.event_count = (stack.event_count or 0) + 1
  event.id = ("%s-%06d"):format(stack.id:match "[^/]*$", stack.event_count)
  event.at = clock.now()
  event.token = stack.operation and stack.operation.token
  table.insert(stack.events, event)
  if #stack.events > MAX_EVENTS then
    table.remove(stack.events, 1)
  end
  store.touch(cloud, stack)
end

--- Moves the stack to a status, with its event.
---@param status string
---@param reason? string
function store.set_status(cloud, stack, status, reason)
  stack.status, stack.status_reason = status, reason
  store.add_event(cloud, stack, {
    logical_id = stack.name,
    physical_id = stack.id,
    type = "AWS::CloudFormation::Stack",
    status = status,
    reason = reason,
  })
end

--- The change set of that name or id, or a fault.
---@param stack table
---@param name any
---@return table
function store.change_set(stack, name)
  for own_name, change_set in pairs(stack.change_sets) do
    if own_name == name or change_set.id == name then
      return change_set
    end
  end
  return fault.raise("ChangeSetNotFound", ("ChangeSet [%s] does not exist"):format(tostring(name)),
    404)
end

--- The exports of a region: name → { value, stack }.
---@return table<string, { value: string, stack: table }>
function store.exports(cloud, region)
  local exports = {}
  for _, stack in ipairs(store.all(cloud, region)) do
    if not store.is_deleted(stack) then
      for _, output in ipairs(stack.outputs) do
        if output.export then
          exports[output.export] = { value = output.value, stack = stack }
        end
      end
    end
  end
  return exports
end

--- The names of the stacks that import an export, sorted.
---@return string[]
function store.importers(cloud, region, export)
  local names = {}
  for _, stack in ipairs(store.all(cloud, region)) do
    if not store.is_deleted(stack) and stack.imports[export] then
      table.insert(names, stack.name)
    end
  end
  table.sort(names)
  return names
end

return store
