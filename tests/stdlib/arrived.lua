--- Sample events as a handler gets them: through JSON.
local json = require "host.json"

--- The event of `laconic event NAME --option …`; one body stands for both of two records.
---@param name string
---@param options? table<string, string|string[]>
---@return table
return function(name, options)
  local sample = require("engine.samples." .. name)
  local all = setmetatable(options or {}, { __index = sample.options })
  if type(sample.options.body) == "table" and type(all.body) == "string" then
    all.body = { all.body, all.body }
  end
  return assert(json.decode(assert(json.encode(sample.make(all)))))
end
