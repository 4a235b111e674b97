--- What a command is about: the service of a file, or a stack that is named instead of one.
local failure = require "engine.failure"
local file = require "host.file"

local subject = {}

local DEFAULT = "service.lua"

---@class engine.Subject
---@field name string             of the stack
---@field path? string            the service file, when there is one
---@field service? engine.Service

--- Finds out what `word` stands for: a path ends in .lua, anything else names a stack; without a
--- word it is the service.lua of this folder.
---@param word? string
---@param globals table
---@return engine.Subject
function subject.find(word, globals)
  if word and not word:match "%.lua$" then
    return { name = word }
  end
  local path = word or DEFAULT
  if not word and not file.exists(path) then
    failure.raise("invalid", "there is no service.lua here", {
      code = "E201",
      hint = "name a service file or a stack, or begin a service with `laconic new NAME`",
    })
  end
  local service = require("engine.definition").load(path, { env = globals.env })
  return { name = service.name, path = path, service = service }
end

-- A physical id without the stack's name before it.
local function own_name(stack_name, physical_id)
  local prefix = stack_name .. "_"
  return physical_id:sub(1, #prefix) == prefix and physical_id:sub(#prefix + 1) or physical_id
end

--- The functions of a stack: { name, id, physical_id, is_function }, in the order of their ids.
---@param session engine.Session
---@param stack_name string
---@return table[]
function subject.functions(session, stack_name)
  local found = {}
  for _, resource in ipairs(require("engine.aws.stack").resources(session, stack_name)) do
    if resource.type == "AWS::Lambda::Function" then
      table.insert(found, {
        name = own_name(stack_name, resource.physical_id),
        id = resource.id,
        physical_id = resource.physical_id,
        is_function = true,
      })
    end
  end
  table.sort(found, function(a, b)
    return a.id < b.id
  end)
  return found
end

--- One of them: by its name in the service, its logical id or its name in Lambda.
---@return table
function subject.function_of(session, stack_name, word)
  local candidates = subject.functions(session, stack_name)
  return subject.named(candidates, word) or subject.refuse(candidates, word, stack_name)
end

--- The one of that name, logical id or physical id; nil when there is none.
---@param candidates table[]
---@param word string
---@return table?
function subject.named(candidates, word)
  for _, candidate in ipairs(candidates) do
    if word == candidate.name or word == candidate.id or word == candidate.physical_id then
      return candidate
    end
  end
end

--- Says that there is none, and what there is instead.
---@param candidates table[]
---@param word string
---@param stack_name string
---@param kind? string  of the candidates; default "function"
function subject.refuse(candidates, word, stack_name, kind)
  local names = {}
  for _, candidate in ipairs(candidates) do
    names[candidate.name] = true
  end
  local unknown = require("engine.check").unknown(kind or "function", word, names)
  failure.raise("failed", ("%s in the stack '%s'"):format(unknown, stack_name), {
    hint = "`laconic status` lists what the stack holds",
  })
end

return subject
