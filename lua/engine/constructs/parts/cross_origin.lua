--- CORS as HTTP APIs and function URLs have it in their properties.
local cross_origin = {}

--- The property; nil when nothing was said.
---@param said? table  laconic.CorsOptions
---@return table?
function cross_origin.properties(said)
  return said
    and {
      AllowCredentials = said.allow_credentials,
      AllowHeaders = said.allow_headers,
      AllowMethods = said.allow_methods,
      AllowOrigins = said.allow_origins,
      ExposeHeaders = said.expose_headers,
      MaxAge = said.max_age,
    }
end

return cross_origin
