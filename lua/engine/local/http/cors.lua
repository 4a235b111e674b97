--- Cross-origin rules that AWS's HTTP front ends answer for: those of an HTTP API, and those of a
--- function's URL. Both have the same members.
---
--- What a function says of the matter itself is left aside where such rules are.
local wildcard = require "engine.local.wildcard"

local cors = {}

---@class engine.local.http.Cors
---@field AllowCredentials? boolean
---@field AllowHeaders? string[]
---@field AllowMethods? string[]
---@field AllowOrigins? string[]
---@field ExposeHeaders? string[]
---@field MaxAge? integer

-- What to say to that origin; nil when it may not.
local function allowed_origin(rules, origin)
  for _, pattern in ipairs(rules.AllowOrigins or {}) do
    if wildcard.fits(pattern, origin) then
      return pattern == "*" and not rules.AllowCredentials and "*" or origin
    end
  end
end

local function add_list(headers, name, list)
  if list and #list > 0 then
    table.insert(headers, { name, table.concat(list, ",") })
  end
end

local function add_origin(headers, rules, origin)
  table.insert(headers, { "access-control-allow-origin", origin })
  if origin ~= "*" then
    table.insert(headers, { "vary", "Origin" })
  end
  if rules.AllowCredentials == true or rules.AllowCredentials == "true" then
    table.insert(headers, { "access-control-allow-credentials", "true" })
  end
end

--- Whether a request only asks what another one might do.
---@param request engine.local.Request
---@return boolean
function cors.is_preflight(request)
  return request.method == "OPTIONS" and request:header "origin" ~= nil
    and request:header "access-control-request-method" ~= nil
end

--- The headers of the answer to such a request; none for an origin that may not.
---@param rules engine.local.http.Cors
---@param request engine.local.Request
---@return { [1]: string, [2]: string }[]
function cors.preflight(rules, request)
  local headers = {}
  local origin = allowed_origin(rules, request:header "origin")
  if origin then
    add_origin(headers, rules, origin)
    add_list(headers, "access-control-allow-methods", rules.AllowMethods)
    add_list(headers, "access-control-allow-headers", rules.AllowHeaders)
    add_list(headers, "access-control-expose-headers", rules.ExposeHeaders)
    local age = math.tointeger(tonumber(rules.MaxAge))
    if age then
      table.insert(headers, { "access-control-max-age", tostring(age) })
    end
  end
  return headers
end

--- Puts what the rules say in the place of what an answer says of the matter.
---@param rules engine.local.http.Cors
---@param request engine.local.Request
---@param headers { [1]: string, [2]: string }[]  names in lower case; changed
function cors.apply(rules, request, headers)
  for i = #headers, 1, -1 do
    if headers[i][1]:find "^access%-control%-" then
      table.remove(headers, i)
    end
  end
  local asked = request:header "origin"
  local origin = asked and allowed_origin(rules, asked)
  if origin then
    add_origin(headers, rules, origin)
    add_list(headers, "access-control-expose-headers", rules.ExposeHeaders)
  end
end

return cors
