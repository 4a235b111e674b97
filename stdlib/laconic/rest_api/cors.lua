--- Who may call a REST API from a page of another origin: what `cors` of it says, in the words of
--- laconic.cross_origin.
---@module "laconic.rest_api.cors"
local check = require "engine.check"
local cross_origin = require "laconic.cross_origin"

local cors = {}

-- What a page may send when its author does not say: what AWS's own clients do.
local HEADERS = {
  "Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "X-Api-Key",
}

local METHODS = { "*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT" }

local RULES = cross_origin.rules(METHODS, 0)

-- API Gateway quotes values, and templates quote texts, by apostrophes.
local function check_quotable(name, origins)
  for i, origin in ipairs(origins) do
    local field = ("%s.allow_origins[%d]"):format(name, i)
    if type(origin) == "string" and origin:find "['\"$#\\]" then
      check.fail("E105", ("%s: '%s' is no origin"):format(field, origin))
    elseif origin == "*" and #origins > 1 then
      check.fail("E104", field .. ": '*' stands for all, and others beside it say nothing")
    elseif type(origin) == "string" and origin ~= "*" and origin:find("*", 1, true) then
      local text = "%s: '%s': API Gateway compares origins as they are"
      check.fail("E105", text:format(field, origin), "name them one by one, or say \"*\"")
    end
  end
end

--- Checks what was said; nil when nothing was. Methods that are not said are those of each path.
---@param name string  "rest_api.cors"
---@param options boolean|laconic.CorsOptions|nil
---@return table?
function cors.read(name, options)
  if options == true then
    options = { allow_origins = { "*" } }
  end
  local said = cross_origin.read(name, options, RULES)
  if not said then
    return nil
  end
  check_quotable(name, said.allow_origins)
  return {
    origins = said.allow_origins,
    headers = said.allow_headers or HEADERS,
    methods = said.allow_methods,
    expose_headers = said.expose_headers,
    max_age = said.max_age,
    credentials = said.allow_credentials,
  }
end

return cors
