--- Where a method's options speak of its request's parameters: those that tell its cached answers apart,
--- and those that its integration gets. API Gateway wants each of them to be named.
---@module "laconic.rest_api.parameters"
local check = require "engine.check"

local parameters = {}

local REMEDY = "parameters of the query and headers are named in 'query' and 'headers' first"

-- The names that there are, by place.
local function known_names(options, segments)
  local known = { path = {}, query = options.query or {}, header = options.headers or {} }
  for _, segment in ipairs(segments) do
    known.path[segment.name or ""] = true
  end
  return known
end

local function check_named(field, place, name, known)
  if known[place][name] == nil then
    local unknown = check.unknown(place .. " parameter", name, known[place])
    check.fail("E104", ("%s: %s"):format(field, unknown), REMEDY)
  end
end

--- Checks the keys of a method's cache.
---@param options laconic.MethodOptions
---@param segments laconic.rest_api.Segment[]
function parameters.check_cache_keys(options, segments)
  local known = known_names(options, segments)
  for i, key in ipairs(options.cache and options.cache.keys or {}) do
    local place, name = key:match "^(%l+)%.(.+)$"
    check_named(("method.cache.keys[%d]"):format(i), place, name, known)
  end
end

local PLACES = {
  header = "header",
  multivalueheader = "header",
  multivaluequerystring = "query",
  path = "path",
  querystring = "query",
}

local OTHERS = {
  "^'.*'$", "^context%.[%w._-]+$", "^stageVariables%.[%w_]+$", "^method%.request%.body$",
  "^method%.request%.body[.[].+$",
}

--- Checks what an integration's parameters are mapped from.
---@param options laconic.MethodOptions
---@param segments laconic.rest_api.Segment[]
function parameters.check_mapped(options, segments)
  local known = known_names(options, segments)
  for target, source in pairs(options.request_parameters or {}) do
    local field = "method.request_parameters." .. target
    local kind, name = source:match "^method%.request%.(%l+)%.(.+)$"
    if PLACES[kind] then
      check_named(field, PLACES[kind], name, known)
    elseif not check.fits(source, OTHERS) then
      check.fail("E105", ("%s: '%s' is nothing that can be mapped"):format(field, source),
        "say method.request.querystring.NAME, …header.NAME, …path.NAME or …body, context.NAME,"
          .. " stageVariables.NAME, or a text in apostrophes: \"'text'\"")
    end
  end
end

return parameters
