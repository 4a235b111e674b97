--- Payload format 1.0: an HTTP API's request in the form that REST APIs have, for functions written for
--- them; and the answer, which has to say its status.
local event_v1 = require "engine.local.http.event_v1"
local json = require "host.json"
local payload_v2 = require "engine.local.http.payload_v2"
local received = require "engine.local.http.received"

local payload_v1 = {}

-- Who signed is told as the authorizer. REST APIs do not have the first member.
local CALLER <const> = '"cognitoAmr":null,' .. event_v1.caller()

local function fixed_of(parts)
  local place = parts.place
  return event_v1.fixed {
    resource = parts.resource,
    variables = place.variables,
    context = {
      accountId = place.account,
      apiId = place.api_id,
      domainName = place.domain,
      resourceId = parts.route_key,
      stage = place.stage,
    },
  }
end

local function asked_of(cloud, request, parts)
  local agent = request:header "user-agent"
  local headers, all_headers = received.gathered(received.each_header(cloud, request))
  local query, all_query = received.gathered(received.parameters(request.query))
  return {
    fixed = fixed_of(parts),
    method = request.method,
    path = parts.path,
    context_path = parts.path,
    headers = headers,
    all_headers = all_headers,
    query = query,
    all_query = all_query,
    parameters = parts.path_parameters,
    authorizer = parts.authorizer,
    caller = CALLER,
    address = received.address(request),
    agent = agent and received.unicode(agent),
    id = request.id,
    extended_id = request.id,
    milliseconds = received.now(),
  }
end

--- The event of a request, as JSON. The body is text where its type says so, else bytes.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param parts engine.local.http.Parts
---@return string
function payload_v1.event(cloud, request, parts)
  local asked = asked_of(cloud, request, parts)
  return '{"version":"1.0",' .. event_v1.fields(asked) .. event_v1.lists(asked)
    .. event_v1.body(received.body(request, received.headers(request), parts.most)) .. "}"
end

--- The event of a REQUEST authorizer, as JSON.
---@param cloud engine.local.Cloud
---@param request engine.local.Request
---@param parts engine.local.http.Parts
---@param question engine.local.http.Question
---@return string
function payload_v1.authorizer_event(cloud, request, parts, question)
  local source = event_v1.quoted(table.concat(question.identities, ","))
  return '{"version":"1.0","type":"REQUEST","methodArn":' .. event_v1.quoted(question.arn)
    .. ',"identitySource":' .. source .. ',"authorizationToken":' .. source .. ","
    .. event_v1.fields(asked_of(cloud, request, parts)) .. "}"
end

-- Headers of several values in the place of those of one.
local function spread(result)
  local lists = result.multiValueHeaders
  result.multiValueHeaders = nil
  if type(lists) ~= "table" then
    return {}
  end
  local list = {}
  local single = type(result.headers) == "table" and result.headers or {}
  for name, values in pairs(lists) do
    for key in pairs(single) do
      if type(key) == "string" and type(name) == "string" and key:lower() == name:lower() then
        single[key] = nil
      end
    end
    for _, value in ipairs(type(values) == "table" and values or {}) do
      table.insert(list, { name, value })
    end
  end
  return list
end

--- What a function returned as an answer for host.server; nil when it is malformed.
---@param text string  JSON
---@param default_type string
---@return table?
function payload_v1.answer(text, default_type)
  local result = json.decode(text)
  if type(result) ~= "table" or result.statusCode == nil then
    return nil
  end
  local more = spread(result)
  result.cookies = nil
  local answer = payload_v2.structured(result, default_type)
  local has_type = false
  for _, pair in ipairs(answer and more or {}) do
    if not payload_v2.add_header(answer, pair[1], pair[2]) then
      return nil
    end
    has_type = has_type or pair[1]:lower() == "content-type"
  end
  if has_type then
    for i, pair in ipairs(answer.headers) do
      if pair[1] == "content-type" then
        table.remove(answer.headers, i) -- the default's, or of one value where there are several
        break
      end
    end
  end
  return answer
end

return payload_v1
