--- A stage's settings for methods, as its `methodSettings` list them: for one path and verb, or for all
--- by the path "/*" and the verb "*".
local method_settings = {}

-- "/pets/{id}" as method settings and usage plans may say it: "/~1pets~1{id}" escapes the slashes.
local function is_path(said, path)
  said = tostring(said):gsub("~1", "/"):gsub("^//", "/")
  return said == path
end

--- The setting that decides about a method: one of its own wins over that of all.
---@param settings table[]
---@param path string    "/pets/{id}"
---@param verb string
---@param field? string  only those that speak of it
---@return table? setting
---@return boolean is_exact  it names path and verb
function method_settings.find(settings, path, verb, field)
  local chosen, is_exact = nil, false
  for _, setting in ipairs(settings) do
    local fits = setting.httpMethod == verb or setting.httpMethod == "*"
    local is_own = is_path(setting.resourcePath, path) and fits
    local is_all = is_path(setting.resourcePath, "/*") and setting.httpMethod == "*"
    if (not field or setting[field]) and (is_own or is_all and not chosen) then
      chosen, is_exact = setting, is_own and setting.httpMethod == verb
    end
  end
  return chosen, is_exact
end

return method_settings
