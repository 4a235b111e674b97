--- What the flags of a command say of AWS, for calls that name no session: opened when the first is
--- made, closed with the command.
local default = require "engine.aws.default"

local default_target = {}

--- Offers it; the result is to be closed.
---@param globals table   the global flags
---@param path? string    the service file, or the script: whose folder has the local cloud
---@return table offer
function default_target.offer(globals, path)
  local opened
  default.offer(function()
    opened = require("engine.cli.target").open(globals, path)
    return opened.session
  end)
  return setmetatable({}, {
    __close = function()
      default.offer(nil)
      if opened then
        opened:close()
      end
    end,
  })
end

return default_target
