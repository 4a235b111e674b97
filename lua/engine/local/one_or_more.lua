--- What policies say by itself or in a list ("Action": "s3:GetObject"), as a list.
local json = require "host.json"

---@param value any
---@return any[]
return function(value)
  if type(value) ~= "table" or not json.is_array(value) then
    return { value }
  end
  return value
end
