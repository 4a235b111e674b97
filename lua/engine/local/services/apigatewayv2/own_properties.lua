--- The properties of what belongs to an API, without the API.
---@param properties table
---@return table
return function(properties)
  local own = {}
  for name, value in pairs(properties) do
    own[name] = name ~= "ApiId" and value or nil
  end
  return own
end
