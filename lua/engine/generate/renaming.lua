--- Another id for a resource of a finished template: what named the one names the other.
local renaming = {}

-- Ref, DependsOn and GetAtt, wherever they are. Names in Fn::Sub stay: nothing that is renamed is
-- spoken of there.
local function rename(part, from, to)
  for key, item in pairs(part) do
    if item == from and (key == "Ref" or key == "DependsOn") then
      part[key] = to
    elseif type(item) == "table" then
      if key == "DependsOn" or key == "Fn::GetAtt" then
        for i, id in ipairs(item) do
          item[i] = id == from and to or id
        end
      end
      rename(item, from, to)
    end
  end
end

--- Gives a resource another id.
---@param template table
---@param model engine.Model
---@param from string
---@param to string
function renaming.resource(template, model, from, to)
  template.Resources[from], template.Resources[to] = nil, template.Resources[from]
  model.where[from], model.where[to] = nil, model.where[from]
  rename(template.Resources, from, to)
  rename(template.Outputs or {}, from, to)
end

return renaming
