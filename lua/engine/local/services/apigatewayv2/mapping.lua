--- What an integration of an HTTP API changes of a request on its way to the function, and of the answer on
--- its way back: headers, the query, the path, the status.
---
--- Values are texts with `$request.header.name` or `${context.requestId}` in them. What is not there
--- changes nothing.
local json = require "host.json"
local order = require "engine.order"
local received = require "engine.local.http.received"
local uri = require "host.uri"

local mapping = {}
mapping.__index = mapping

local MOST_BODY <const> = 100 * 1024 -- bytes that values are looked for in

---@class engine.local.services.apigatewayv2.Change
---@field verb "append"|"overwrite"|"remove"
---@field place "header"|"querystring"|"path"|"statuscode"
---@field name? string   of the header or parameter
---@field text string    what it becomes

local function compile_change(target, text)
  local verb, place, name = tostring(target):match "^(%l+):(%l+)%.?(.*)$"
  if not verb then
    return nil
  end
  return { verb = verb, place = place, name = name ~= "" and name or nil, text = tostring(text) }
end

local function compile_request(parameters)
  local changes = {}
  for _, target in ipairs(order.keys(parameters or {})) do
    table.insert(changes, compile_change(target, parameters[target]))
  end
  return changes
end

local function compile_response(by_status)
  local compiled = {}
  for status, said in pairs(by_status or {}) do
    local changes = {}
    for _, pair in ipairs(said.ResponseParameters or {}) do
      table.insert(changes, compile_change(pair.Destination, pair.Source))
    end
    compiled[tostring(status)] = changes
  end
  return compiled
end

--- Makes the changes out of an integration's properties; nil when it changes nothing.
---@param properties table
---@return table?
function mapping.compile(properties)
  local request = compile_request(properties.RequestParameters)
  local response = compile_response(properties.ResponseParameters)
  if #request == 0 and next(response) == nil then
    return nil
  end
  return setmetatable({ on_request = request, on_response = response }, mapping)
end

-- ---- values ---------------------------------------------------------------------------------------

local function member_of(body, path)
  local value = body and #body <= MOST_BODY and json.decode(body) or nil
  for name in path:gmatch "[^.]+" do
    value = type(value) == "table" and value[name] or nil
  end
  if type(value) == "table" then
    return json.encode(value)
  end
  return value ~= nil and value ~= json.null and tostring(value) or nil
end

local function values_in(headers, query, path, body)
  return {
    header = function(name)
      return headers[name:lower()]
    end,
    querystring = function(name)
      return query[name]
    end,
    path = path,
    body = function(name)
      return member_of(body(), name)
    end,
  }
end

local function add_values(context, prefix, values)
  for name, value in pairs(type(values) == "table" and values or {}) do
    if type(value) ~= "table" and value ~= json.null then
      context[prefix .. tostring(name)] = tostring(value)
    end
  end
end

-- What an authorizer told: a function's context by its names, a token's claims by theirs.
local function add_authorizer(context, said)
  add_values(context, "authorizer.", type(said.lambda) == "table" and said.lambda or said)
  add_values(context, "authorizer.claims.", (type(said.jwt) == "table" and said.jwt or said).claims)
end

local function context_of(request, place, parts)
  local context = {
    apiId = place.api_id,
    domainName = place.domain,
    httpMethod = request.method,
    path = parts.path,
    requestId = request.id,
    routeKey = parts.route_key,
    stage = place.stage,
    ["identity.sourceIp"] = received.address(request),
    ["identity.userAgent"] = request:header "user-agent",
  }
  add_authorizer(context, parts.authorizer or {})
  return context
end

-- "request.header.name" → its value
local function find_value(sources, expression)
  local root, rest = expression:match "^(%a+)%.(.+)$"
  if root == "context" or root == "stageVariables" then
    return sources[root][rest]
  end
  local place, name = (rest or ""):match "^(%l+)%.?(.*)$"
  local find = sources[root] and sources[root][place]
  return find and find(name)
end

-- The text with all values in it; nil when it is one value that is not there, and for what a client has
-- said with line breaks in it, which would be a header of its own.
local function fill(text, sources)
  local whole = text:match "^%$([%w_.-]+)$" or text:match "^%${([%w_.-]+)}$"
  local filled
  if whole then
    filled = find_value(sources, whole)
  else
    filled = text:gsub("%${([%w_.-]+)}", function(expression)
      return find_value(sources, expression) or ""
    end)
  end
  return filled and not filled:find "[\0-\31\127]" and filled or nil
end

-- ---- changes --------------------------------------------------------------------------------------

-- Changes a list of { name, value }, in which names are alike that `key_of` makes alike.
local function change_list(list, change, value, key_of)
  local changed, key = {}, key_of(change.name)
  for _, pair in ipairs(list) do
    if change.verb == "append" or key_of(pair[1]) ~= key then
      table.insert(changed, pair)
    end
  end
  if change.verb ~= "remove" then
    table.insert(changed, { change.name, value })
  end
  return changed
end

local function same(text)
  return text
end

local function query_list(query)
  local list = {}
  for name, value in received.parameters(query) do
    table.insert(list, { name, value })
  end
  return list
end

local function query_text(list)
  local parts = {}
  for i, pair in ipairs(list) do
    parts[i] = uri.encode(pair[1]) .. "=" .. uri.encode(pair[2])
  end
  return table.concat(parts, "&")
end

local function sources_of(request, place, parts)
  local body
  local function read_body()
    body = body or request.body or request:text(parts.most)
    return body
  end
  local function path(name)
    return name == "" and parts.path or (parts.path_parameters or {})[name]
  end
  return {
    request = values_in(received.headers(request), received.query(request.query) or {}, path,
      read_body),
    context = context_of(request, place, parts),
    stageVariables = place.variables or {},
  }
end

--- The request as who stands behind the route is to see it; where the path is changed, `parts.path` is,
--- and `parts.mapped_path` says so.
---@param request engine.local.Request
---@param place engine.local.http.Place
---@param parts engine.local.http.Parts
---@return engine.local.Request
function mapping:request(request, place, parts)
  local sources = sources_of(request, place, parts)
  local headers, query, path = request.headers, query_list(request.query), parts.path
  for _, change in ipairs(self.on_request) do
    local value = change.verb == "remove" and "" or fill(change.text, sources)
    if value and change.place == "header" then
      headers = change_list(headers, change, value, string.lower)
    elseif value and change.place == "querystring" then
      query = change_list(query, change, value, same)
    elseif value and change.place == "path" then
      path, parts.mapped_path = value, value
    end
  end
  parts.path = path
  return setmetatable({
    headers = headers,
    header_values = false, -- the request's own, which were read before, are not these
    query = query_text(query),
  }, { __index = request })
end

--- Changes an answer by its status.
---@param answer { status: integer, headers: table, body?: string }
---@param request engine.local.Request
---@param place engine.local.http.Place
---@param parts engine.local.http.Parts
function mapping:answer(answer, request, place, parts)
  local changes = self.on_response[tostring(answer.status)]
  if not changes then
    return
  end
  local sources = sources_of(request, place, parts)
  sources.response = values_in(received.headers(answer), {}, nil, function()
    return answer.body
  end)
  for _, change in ipairs(changes) do
    local value = change.verb == "remove" and "" or fill(change.text, sources)
    if value and change.place == "header" then
      answer.headers = change_list(answer.headers, change, value, string.lower)
    elseif value and change.place == "statuscode" then
      answer.status = math.tointeger(tonumber(value)) or answer.status
    end
  end
end

return mapping
