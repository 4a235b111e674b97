--- What will run in Lambda, held against what the runtime carries: a module that only the host has
--- (host.process, engine.provision) is refused where it can but fail there. Which that is:
---
---   * what stands outside of every block of the service file, or of a module that is so required:
---     every cold start runs it;
---   * what stands in a handler or an interceptor, and outside of every block of the modules that it
---     requires.
---
--- A require in any other function says nothing: a command or a hook may be the only one to call it.
local carried = require "engine.compile.carried"
local failure = require "engine.failure"
local order = require "engine.order"

local handlers = {}

local CARRIED = {}
for _, name in ipairs(carried) do
  CARRIED[name] = true
end

-- The host's own names: those of files are not looked at, whatever they are called.
local function is_absent(graph, name)
  return (graph.builtins[name] or package.preload[name]) and not CARRIED[name]
end

local function refuse(source, item, why, hint)
  local text = ("the module '%s' is not part of the runtime: %s"):format(item.name, why)
  failure.raise("invalid", text, {
    code = "E211",
    where = source.path .. ":" .. item.line,
    hint = hint,
  })
end

local AT_START <const> = "this line is run whenever a function starts"
local IN_HANDLER <const> = "a handler cannot require it"

-- What a file runs when it is required; each file once.
local function check_load(graph, path, seen)
  local source = graph.sources[path]
  if not source or seen[path] then
    return
  end
  seen[path] = true
  for _, item in ipairs(source.requires) do
    if item.depth == 0 and not item.optional then
      if is_absent(graph, item.name) then
        refuse(source, item, AT_START, "require it inside the command or the hook that needs it")
      end
      check_load(graph, item.path, seen)
    end
  end
end

-- The lines of a function, which may stand in any file of the graph.
local function check_function(graph, fn, seen)
  local info = debug.getinfo(fn, "S")
  local source = graph.sources[info.source:match "^@(.*)$" or ""]
  for _, item in ipairs(source and source.requires or {}) do
    local inside = item.line >= info.linedefined and item.line <= info.lastlinedefined
    if inside and not item.optional then
      if is_absent(graph, item.name) then
        refuse(source, item, IN_HANDLER, "let a command or a hook do that")
      end
      check_load(graph, item.path, seen)
    end
  end
end

-- A file whose functions are all called by handlers.
local function check_whole(graph, path, seen)
  local source = graph.sources[path]
  for _, item in ipairs(source and source.requires or {}) do
    if not item.optional then
      if is_absent(graph, item.name) then
        refuse(source, item, IN_HANDLER, "let a command or a hook do that")
      end
      check_load(graph, item.path, seen)
    end
  end
end

local function functions_of(words)
  local list = { rawget(words, "handler") }
  local requests = rawget(words, "requests") or {} -- of a custom resource, behind its handler
  for _, kind in ipairs(order.keys(requests)) do
    table.insert(list, requests[kind])
  end
  for _, interceptor in ipairs(words.interceptors or {}) do
    for _, point in ipairs(order.keys(interceptor)) do
      local fn = interceptor[point]
      table.insert(list, type(fn) == "function" and fn or nil)
    end
  end
  for _, callback in ipairs(rawget(words, "shutdowns") or {}) do
    table.insert(list, callback.run)
  end
  return list
end

--- Refuses what handlers, or the start of a function, require in vain.
---@param graph engine.compile.Graph
---@param service engine.Service
function handlers.check(graph, service)
  local seen = {}
  check_load(graph, service.path, seen)
  for _, path in ipairs(graph.more) do
    check_whole(graph, path, seen)
  end
  for _, words in ipairs { service, table.unpack(service.functions) } do
    for _, fn in ipairs(functions_of(words)) do
      check_function(graph, fn, seen)
    end
  end
end

return handlers
