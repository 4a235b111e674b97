--- Error objects: what is wrong, where, why, what to do. Raised anywhere, explained at the door.
---
---     failure.raise("invalid", "two functions are called 'hello'", {
---       code = "E106", where = "service.lua:41", hint = "rename one of them",
---     })
---
---@class engine.Failure
---@field kind string      "invalid", "usage", …: decides the exit status, see engine.codes
---@field message string   one sentence, without the place
---@field code? string     "E106", or AWS's ("NoSuchBucket") or errno's ("ENOENT")
---@field where? string    "service.lua:41"
---@field hint? string     what to do next
---@field cause? any       the failure, host error or text underneath
local failure = {}

local metatable = { __name = "laconic.failure" }

--- "service.lua:41: two functions are called 'hello'", and the cause's own words after ours.
function metatable:__tostring()
  local text = self.where and self.where .. ": " .. self.message or self.message
  return self.cause == nil and text or text .. ": " .. tostring(self.cause)
end

--- Makes an error object; `fields` (code, where, hint, cause, or your own) become its fields.
---@param kind string
---@param message string
---@param fields? table
---@return engine.Failure
function failure.make(kind, message, fields)
  local object = {}
  for name, value in pairs(fields or {}) do
    object[name] = value
  end
  object.kind, object.message = kind, message
  return setmetatable(object, metatable)
end

--- Makes an error object and raises it.
---@param kind string
---@param message string
---@param fields? table
function failure.raise(kind, message, fields)
  error(failure.make(kind, message, fields), 0)
end

--- Whether `value` is an error object, ours or the host's; with `kind`, whether it is of that kind.
---@param value any
---@param kind? string
---@return boolean
function failure.is(value, kind)
  return type(value) == "table"
    and type(value.kind) == "string"
    and type(value.message) == "string"
    and (kind == nil or value.kind == kind)
end

-- What was raised, as a text. A table without a text of its own would show its address only.
local function text_of(raised)
  local its = getmetatable(raised)
  if type(its) == "table" and its.__tostring then
    local ok, text = pcall(tostring, raised)
    return ok and text or "an error that cannot be shown: " .. tostring(text)
  elseif failure.is(raised) then
    return metatable.__tostring(raised)
  elseif raised == nil or type(raised) == "table" or type(raised) == "function" then
    return ("%s was raised as an error"):format(raised == nil and "nil" or "a " .. type(raised))
  end
  return tostring(raised)
end

-- "a.lua:3: text" → "a.lua:3", "text". The place that Lua puts before what a script raises.
local function split_place(text)
  local where, message = text:match "^([^\n]-:%d+): (.*)$"
  return where, message or text
end

--- Makes an error object out of whatever was raised. An error object comes back as it is; a text
--- gives up its "file:line" for the field `where`; anything else is shown by `tostring`.
---@param raised any
---@param kind? string  for what has none; default "failed"
---@return engine.Failure
function failure.from(raised, kind)
  if failure.is(raised) then
    return raised
  end
  local where, message = split_place(text_of(raised))
  return failure.make(kind or "failed", message, { where = where })
end

--- Puts a sentence before what was raised; kind and code are the cause's where `fields` has none.
---@param cause any
---@param message string
---@param fields? table
---@return engine.Failure
function failure.wrap(cause, message, fields)
  local beneath = failure.from(cause)
  local object = failure.make(fields and fields.kind or beneath.kind, message, fields)
  object.cause = cause
  object.code = object.code or beneath.code
  object.hint = object.hint or beneath.hint
  return object
end

--- What a person should read: the sentence and its cause, then what to do and where to read more.
---@param raised any
---@return string text  one or more lines
function failure.explain(raised)
  local object = failure.from(raised)
  local known = require("engine.codes").find(object) -- only when something failed
  local lines = { text_of(object) }
  local hint = object.hint or known.hint
  if hint then
    table.insert(lines, "  " .. hint)
  end
  if known.title then
    table.insert(lines, ("  (%s: laconic explain %s)"):format(known.title, object.code))
  end
  return table.concat(lines, "\n")
end

--- The same for a program to read: what is absent is left out. The cause is a text.
---@param raised any
---@return table facts  kind, message, code, where, hint, cause, status
function failure.facts(raised)
  local object = failure.from(raised)
  local known = require("engine.codes").find(object)
  return {
    kind = object.kind,
    message = object.message,
    code = object.code,
    where = object.where,
    hint = object.hint or known.hint,
    cause = object.cause ~= nil and tostring(object.cause) or nil,
    status = known.status,
  }
end

--- The exit status of a program that ends with this error.
---@param raised any
---@return integer
function failure.status(raised)
  return require("engine.codes").find(failure.from(raised)).status
end

return failure
