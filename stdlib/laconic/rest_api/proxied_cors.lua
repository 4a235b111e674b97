--- The headers of CORS in the answers of functions behind proxy integrations: API Gateway passes on
--- what a function answers and adds nothing. Runs in Lambda, as an interceptor.
---@module "laconic.rest_api.proxied_cors"
local proxied_cors = {}

--- The environment variable that tells functions behind an API its origins, which the stack may
--- know alone.
---@param said table  the API
---@return string
function proxied_cors.variable(said)
  return "LACONIC_CORS_" .. said.stem:upper()
end

local function header_of(map, wanted)
  for name, value in pairs(type(map) == "table" and map or {}) do
    if type(name) == "string" and name:lower() == wanted then
      return value
    end
  end
end

-- The origin that the answer names: the only one, or the caller's when it is among them.
local function allowed_origin(origins, event)
  if #origins == 1 then
    return origins[1]
  end
  local origin = header_of(event.headers, "origin")
  for _, known in ipairs(origins) do
    if known == origin then
      return origin
    end
  end
end

local function copy(map)
  local result = {}
  for key, value in pairs(type(map) == "table" and map or {}) do
    result[key] = value
  end
  return result
end

-- Results may be kept by their function, for other callers: they are copied.
local function with_headers(result, cors, origins, event)
  local answer, headers = copy(result), copy(result.headers)
  local origin = allowed_origin(origins, event)
  headers["access-control-allow-origin"] = origin
  if origin and cors.credentials then
    headers["access-control-allow-credentials"] = "true"
  end
  if cors.expose_headers then
    headers["access-control-expose-headers"] = table.concat(cors.expose_headers, ",")
  end
  if #origins > 1 and not header_of(headers, "vary") then
    headers.vary = "Origin"
  end
  answer.headers = headers
  return answer
end

-- HTTP APIs send the same form with a version, load balancers with their own name: what may call
-- those is theirs to say.
local function is_of_rest_api(event)
  return type(event) == "table" and type(event.requestContext) == "table"
    and event.httpMethod ~= nil and event.version == nil and event.requestContext.elb == nil
end

local function is_proxied(event, result)
  return is_of_rest_api(event) and type(result) == "table" and result.statusCode ~= nil
end

--- The interceptor of an API whose origins are these, parted by commas. What a function says of its
--- own accord stands.
---@param cors table   what laconic.rest_api.cors read
---@param text string
---@return laconic.Interceptor
function proxied_cors.interceptor(cors, text)
  local origins = {}
  for origin in text:gmatch "[^,]+" do
    table.insert(origins, origin)
  end
  return {
    after_dispatch = function(_, event, result)
      if is_proxied(event, result)
        and not header_of(result.headers, "access-control-allow-origin")
        and not header_of(result.multiValueHeaders, "access-control-allow-origin") then
        return with_headers(result, cors, origins, event)
      end
    end,
  }
end

return proxied_cors
