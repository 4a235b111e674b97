--- Sample events as a handler gets them: through JSON.
local json = require "host.json"

--- The event of `laconic event NAME --option …`.
---@param name string
---@param options? table<string, string>
---@return table
return function(name, options)
  local sample = require("engine.samples." .. name)
  local all = setmetatable(options or {}, { __index = sample.options })
  return assert(json.decode(assert(json.encode(sample.make(all)))))
end
