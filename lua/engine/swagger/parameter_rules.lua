--- Which parameters a dispatched operation may have: less than a description may say, because all of
--- them travel to the function as one table of names.
local place = require "engine.swagger.place"

local parameter_rules = {}

local SERVED <const> = { path = true, query = true, body = true }
local WITHOUT_BODY <const> = { get = true, head = true }

-- API Gateway's names; also what keeps them apart from everything that a template might read.
local NAME <const> = "^[%w._:$-]+$"

-- Of a body, only JSON has a template, but for those that an author lays over the integration.
local function is_unread(parameter, templates)
  for _, name in ipairs(parameter.media or {}) do
    if type(templates) == "table" and templates[name] ~= nil then
      return false
    end
  end
  return parameter.media ~= nil
end

-- What is sent by names that no template knows: deep[a]=1, or a=1 of an object.
local function is_scattered(parameter)
  return parameter.style == "deepObject"
    or parameter.type == "object" and parameter.location ~= "body" and not parameter.is_json
end

-- Styles that put signs before the value: ".7", ";id=7".
local WITH_SIGNS <const> = { label = true, matrix = true }

local function check_one(verb, parameter, templates, noted)
  local location = parameter.location
  if not SERVED[location] then
    noted:add(parameter.here, ("a %s parameter does not reach a function"):format(location),
      "put it into the path, the query or the body")
  elseif location == "body" and WITHOUT_BODY[verb] then
    noted:add(parameter.here, ("a %s request has no body"):format(verb:upper()),
      "put the parameter into the query, or let the operation be another")
  elseif is_unread(parameter, templates) then
    local media = table.concat(parameter.media, ", ")
    noted:add(parameter.here, ("a body of '%s' does not reach a function"):format(media),
      "describe it as application/json")
  elseif is_scattered(parameter) then
    noted:add(parameter.here, "an object in a URL reaches a function as JSON alone",
      "let the parameter have a 'content' of application/json in place of its 'schema'")
  elseif WITH_SIGNS[parameter.style] then
    noted:add(place.below(parameter.here, "style"),
      ("'%s' leaves its signs in what reaches a function"):format(parameter.style),
      "take it out, or write simple")
  elseif location ~= "body" and not parameter.name:find(NAME) then
    noted:add(place.below(parameter.here, "name"),
      ("'%s' is not a name that API Gateway takes"):format(parameter.name),
      "write letters, digits, '.', '_', ':', '$' and '-'")
  end
end

--- Notes what of them cannot be.
---@param verb string
---@param parameters engine.swagger.Parameter[]
---@param here engine.swagger.Place  of the operation
---@param templates any  those that the author lays over the integration's, by media type
---@param noted engine.swagger.Problems
function parameter_rules.check(verb, parameters, here, templates, noted)
  local seen = {}
  for _, parameter in ipairs(parameters) do
    check_one(verb, parameter, templates, noted)
    if seen[parameter.name] then
      noted:add(here, ("there are multiple parameters of the name '%s': %s and %s")
        :format(parameter.name, seen[parameter.name], parameter.location), "rename one of them")
    end
    seen[parameter.name] = parameter.location
  end
end

return parameter_rules
