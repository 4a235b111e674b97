--- Errors that clients are told of: their text begins with a prefix, by which API Gateway chooses the
--- status. Only what was made here keeps such a text; see engine.runtime.service_api.
local errors = {}

--- What each begins with.
errors.PREFIXES = { "Client Error:", "Forbidden:", "Not Found:" }

local metatable = { __name = "laconic.client_error" }

function metatable:__tostring()
  return self.message
end

--- Raises one.
---@param type string     its errorType
---@param prefix string   one of PREFIXES
---@param message string
function errors.raise(type, prefix, message)
  error(setmetatable({ type = type, message = prefix .. " " .. message }, metatable), 0)
end

--- Whether it was made here.
---@param raised any
---@return boolean
function errors.is(raised)
  return getmetatable(raised) == metatable
end

--- Whether a text would be told to clients.
---@param message string
---@return boolean
function errors.is_told(message)
  for _, prefix in ipairs(errors.PREFIXES) do
    if message:sub(1, #prefix) == prefix then
      return true
    end
  end
  return false
end

return errors
