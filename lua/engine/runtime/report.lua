--- What was raised → Lambda's error object: errorMessage, errorType, stackTrace.
local current = require "engine.runtime.current"
local json = require "host.json"

local report = {}

local MOST_FRAMES = 32
local MOST_LEVELS = 100 -- of the stack, to find these in
local MOST_BYTES = 32 * 1024 -- Lambda cuts an error object above 256 KB; a sentence is shorter

---@class engine.runtime.Failed
---@field errorMessage string
---@field errorType string
---@field stackTrace string[]  "service.lua:12: in function 'greet'", innermost first

local caught_metatable = { __name = "laconic.caught" }

local function function_text(info)
  if info.namewhat ~= "" then
    return ("%s '%s'"):format(info.namewhat == "global" and "function" or info.namewhat, info.name)
  elseif info.what == "main" then
    return "main chunk"
  end
  return ("function <%s:%d>"):format(info.short_src, info.linedefined)
end

-- What debug.traceback writes, but of the innermost levels alone: it looks for the outermost ones
-- too, and where a stack has overflowed those are so far that it takes seconds.
---@param level integer
---@return string
function report.innermost(level)
  local lines = {}
  for i = level + 1, level + MOST_LEVELS do
    local info = debug.getinfo(i, "Sln")
    if not info then
      break
    elseif info.what ~= "C" then
      local where = ("\n\t%s:%d: in "):format(info.short_src, info.currentline)
      lines[#lines + 1] = where .. function_text(info)
    end
  end
  return table.concat(lines)
end

-- Frames of ours and of C say nothing to an author.
local function frames(traceback)
  local list = {}
  for line in traceback:gmatch "\n\t([^\n]+)" do
    local ours = line:match "^%[C%]" or line:match "^%(%.%.%.tail"
      or line:match "^lua/engine/" or line:match "^stdlib/laconic/"
    if not ours and #list < MOST_FRAMES then
      table.insert(list, line)
    end
  end
  return list
end

--- Makes the message handler of an xpcall: keeps what was raised, and where.
---@param root string  taken off the paths in messages and traces
function report.handler(root)
  local pattern = root:gsub("%p", "%%%0") .. "/"
  return function(raised)
    if getmetatable(raised) == caught_metatable then
      return raised -- it was caught before, and raised again
    end
    local trace = (current.noted(raised) or report.innermost(2)):gsub(pattern, "")
    local value = type(raised) == "string" and raised:gsub(pattern, "") or raised
    return setmetatable({ raised = value, trace = trace }, caught_metatable)
  end
end

local function text_field(value, name)
  local ok, field = pcall(function()
    return value[name]
  end)
  return ok and type(field) == "string" and field or nil
end

local function show(value)
  local ok, text = pcall(tostring, value)
  return ok and text or "an error that cannot be shown"
end

-- A table may say its message and type itself; anything else is shown, and so is an error object of
-- ours, which says its cause too.
local function message_of(raised)
  local metatable = getmetatable(raised)
  local ours = type(metatable) == "table" and metatable.__name == "laconic.failure"
  if type(raised) ~= "table" or ours then
    return show(raised)
  end
  local message = text_field(raised, "message") or text_field(raised, "errorMessage")
  local where = text_field(raised, "where")
  return message and (where and where .. ": " .. message or message) or show(raised)
end

local function type_of(raised)
  if type(raised) ~= "table" then
    return raised == "not enough memory" and "Runtime.OutOfMemory" or "LuaError"
  end
  return text_field(raised, "type") or text_field(raised, "errorType")
    or text_field(raised, "kind") or "LuaError"
end

--- The error object of what an xpcall with `report.handler` caught.
---@param caught any
---@return engine.runtime.Failed
function report.describe(caught)
  if type(caught) ~= "table" or caught.trace == nil then
    caught = { raised = caught, trace = "" } -- out of memory, or an error in the handler of errors
  end
  local message = message_of(caught.raised)
  local where = message:match "^([^\n:]+:%d+): "
  -- What was cut short says itself where: it may have been in a coroutine.
  local inner = type(caught.raised) == "table" and text_field(caught.raised, "trace")
  local list = frames(inner or caught.trace)
  if where and not (list[1] and list[1]:find(where .. ":", 1, true)) then
    table.insert(list, 1, where)
  end
  return {
    errorMessage = message:sub(1, MOST_BYTES),
    errorType = type_of(caught.raised),
    stackTrace = json.array(list),
  }
end

--- An error object of the runtime's own.
---@param type string
---@param message string
---@return engine.runtime.Failed
function report.make(type, message)
  return { errorMessage = message, errorType = type, stackTrace = json.array {} }
end

--- Raises one: what an xpcall around it describes has this type and message, and no place.
---@param type string
---@param message string
function report.refuse(type, message)
  error({ type = type, message = message }, 0)
end

-- Lua strings are bytes: what is not UTF-8 would not be JSON.
local function printable(text)
  return utf8.len(text) and text
    or text:gsub("[\x80-\xff]", function(byte)
      return ("\\x%02x"):format(byte:byte())
    end)
end

--- As JSON; never fails.
---@param failed engine.runtime.Failed
---@return string
function report.encode(failed)
  local list = json.array {}
  for i, line in ipairs(failed.stackTrace) do
    list[i] = printable(line)
  end
  return assert(json.encode {
    errorMessage = printable(failed.errorMessage),
    errorType = printable(failed.errorType),
    stackTrace = list,
  })
end

return report
