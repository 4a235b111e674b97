--- Another id for a resource of a finished template: what named the one names the other.
local renaming = {}

-- "${From}" and "${From.Attribute}"; but no variable that has the name.
local function rename_sub(argument, from, to)
  local is_list = type(argument) == "table"
  local text, variables = argument, nil
  if is_list then
    text, variables = argument[1], argument[2]
  end
  if type(text) ~= "string" or type(variables) == "table" and variables[from] ~= nil then
    return argument
  end
  text = text:gsub("%${" .. from .. "([.}])", "${" .. to .. "%1")
  if not is_list then
    return text
  end
  argument[1] = text
  return argument
end

-- { "From", "Attribute" } and "From.Attribute"; and of DependsOn "From" and { "From", "Other" }.
local function rename_ids(argument, from, to)
  if type(argument) ~= "table" then
    local id, rest = tostring(argument):match "^([^.]+)(.*)$"
    return id == from and to .. rest or argument
  end
  for i, id in ipairs(argument) do
    argument[i] = id == from and to or id
  end
  return argument
end

local function rename_ref(argument, from, to)
  return argument == from and to or argument
end

local RENAME <const> = {
  DependsOn = rename_ids,
  ["Fn::GetAtt"] = rename_ids,
  ["Fn::Sub"] = rename_sub,
  Ref = rename_ref,
}

-- `seen`: a hook's table may stand at two places, and inside itself.
local function rename(part, from, to, seen)
  if type(part) ~= "table" or seen[part] then
    return
  end
  seen[part] = true
  for key, item in pairs(part) do
    local by = RENAME[key]
    if by then
      part[key] = by(item, from, to)
    end
    rename(item, from, to, seen)
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
  local seen = {}
  rename(template.Resources, from, to, seen)
  rename(template.Outputs, from, to, seen)
end

return renaming
