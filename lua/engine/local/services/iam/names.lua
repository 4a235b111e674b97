--- What IAM's things may be called, and where they may be.
local fault = require "engine.local.fault"

local names = {}

--- Refuses what is no name.
---@param field string  "roleName"
---@param name any
---@param most integer  characters
function names.check(field, name, most)
  if type(name) ~= "string" or not name:match "^[%w_+=,.@-]+$" or #name > most then
    fault.raise("ValidationError", ("1 validation error detected: Value at '%s' failed to satisfy"
      .. " constraint: 1 to %d characters of [\\w+=,.@-]"):format(field, most))
  end
end

--- Refuses what is no path.
---@param path string
function names.check_path(path)
  if path ~= "/" and not path:match "^/[!-~]*/$" then
    fault.raise("ValidationError", "The specified value for path is invalid. It must begin and end"
      .. " with / and contain only alphanumeric characters and/or / characters.")
  end
end

return names
