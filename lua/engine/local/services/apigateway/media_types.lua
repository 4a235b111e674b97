--- Media types: which bodies an API takes and gives as bytes.
local media_types = {}

--- A media type without its parameters, in lower case; nil for nothing.
---@param header? string  "application/json; charset=utf-8"
---@return string?
function media_types.bare(header)
  local kind = header and header:match "^%s*([^;,%s]+)"
  return kind and kind:lower()
end

--- What an API's binaryMediaTypes say of a media type. "image/*" is all of its kind, "*/*" is all.
---@param kinds? string[]
---@return fun(kind: string?): boolean
function media_types.matcher(kinds)
  local exact, families, all = {}, {}, false
  for _, kind in ipairs(kinds or {}) do
    local family = kind:lower():match "^(.+)/%*$"
    if kind == "*/*" then
      all = true
    elseif family then
      families[family] = true
    else
      exact[kind:lower()] = true
    end
  end
  return function(kind)
    if all or not kind then
      return all
    end
    return exact[kind] or families[kind:match "^[^/]*"] or false
  end
end

return media_types
