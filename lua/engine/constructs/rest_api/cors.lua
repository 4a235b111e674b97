--- What lets pages of other origins call an API: an OPTIONS method for each path, headers on every
--- answer that API Gateway maps, and on those that it gives by itself.
local value = require "engine.constructs.parts.value"

local cors = {}

local PREFIX <const> = "Access-Control-"

-- The origin that all answers name; nil when there are several, of which each names its caller's.
local function sole_origin(said)
  return #said.origins == 1 and said.origins[1] or nil
end

--- The headers of every answer of a method, with their values as API Gateway wants them.
---@param said table  what laconic.rest_api.cors read
---@return table<string, any>
function cors.headers(said)
  local origin = sole_origin(said)
  local headers = {
    [PREFIX .. "Allow-Credentials"] = said.credentials and value.quoted "true" or nil,
    [PREFIX .. "Allow-Origin"] = origin and value.quoted(origin),
    [PREFIX .. "Expose-Headers"] = said.expose_headers
      and value.quoted(table.concat(said.expose_headers, ",")),
    Vary = not origin and value.quoted "Origin" or nil,
  }
  return headers
end

--- What a mapping template of an answer begins with: it names the origin of whoever asks, when that
--- is one of several; nil when the origin is static.
---@param said table
---@return any[]? parts  texts and intrinsics, to be joined
function cors.prelude(said)
  if sole_origin(said) then
    return nil
  end
  local parts = {
    "#set($origin = $input.params().header.get('Origin'))\n"
      .. "#if($origin == '')\n#set($origin = $input.params().header.get('origin'))\n#end\n#if(",
  }
  for i, origin in ipairs(said.origins) do
    table.insert(parts, (i > 1 and " || " or "") .. "$origin == '")
    table.insert(parts, origin)
    table.insert(parts, "'")
  end
  table.insert(parts, ")\n"
    .. "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end\n")
  return parts
end

local ALL <const> = { "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT" }

local function allowed_methods(said, verbs)
  if said.methods then
    return table.concat(said.methods, ",")
  end
  for _, verb in ipairs(verbs) do
    if verb == "ANY" then
      verbs = ALL
    end
  end
  return table.concat(verbs, ",") .. ",OPTIONS"
end

local function preflight_headers(said, verbs)
  local headers = cors.headers(said)
  headers[PREFIX .. "Expose-Headers"] = nil
  headers[PREFIX .. "Allow-Headers"] = value.quoted(table.concat(said.headers, ","))
  headers[PREFIX .. "Allow-Methods"] = value.quoted(allowed_methods(said, verbs))
  headers[PREFIX .. "Max-Age"] = said.max_age and value.quoted(tostring(said.max_age))
  return headers
end

--- { ["method.response.header.X"] = … } for each header; what `declare` gives for its value.
---@param headers table<string, any>
---@param declare fun(value: any): any
---@return table<string, any>
function cors.parameters(headers, declare)
  local parameters = {}
  for name, header in pairs(headers) do
    parameters["method.response.header." .. name] = declare(header)
  end
  return parameters
end

--- For `cors.parameters`: a header is declared.
function cors.declared()
  return true
end

--- For `cors.parameters`: a header has that value.
function cors.given(header)
  return header
end

--- The properties of the OPTIONS method of a path, which API Gateway answers by itself.
---@param said table
---@param verbs string[]      those of the path, sorted
---@param is_binary boolean   the API has binary media types: "*/*" among them would refuse requests
---@return table
function cors.preflight(said, verbs, is_binary)
  local headers = preflight_headers(said, verbs)
  local prelude = cors.prelude(said)
  local template = prelude and value.join(table.unpack(prelude))
  local declared = cors.parameters(headers, cors.declared)
  if prelude then
    declared["method.response.header.Access-Control-Allow-Origin"] = true
  end
  return {
    ApiKeyRequired = false,
    AuthorizationType = "NONE",
    HttpMethod = "OPTIONS",
    Integration = {
      ContentHandling = is_binary and "CONVERT_TO_TEXT" or nil,
      IntegrationResponses = {
        {
          ResponseParameters = cors.parameters(headers, cors.given),
          ResponseTemplates = template and { ["application/json"] = template },
          StatusCode = "204",
        },
      },
      RequestTemplates = { ["application/json"] = '{"statusCode":204}' },
      Type = "MOCK",
    },
    MethodResponses = { { ResponseParameters = declared, StatusCode = "204" } },
  }
end

--- The headers of answers that API Gateway gives before a method is reached, which cannot depend on
--- the request: where several origins may call, all may read that something was refused.
---@param said table
---@return table<string, any>
function cors.gateway_headers(said)
  return {
    [PREFIX .. "Allow-Headers"] = value.quoted(table.concat(said.headers, ",")),
    [PREFIX .. "Allow-Origin"] = value.quoted(sole_origin(said) or "*"),
    [PREFIX .. "Allow-Credentials"] = sole_origin(said) and said.credentials and value.quoted "true"
      or nil,
  }
end

return cors
