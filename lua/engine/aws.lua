--- One call to AWS: where to, in which protocol, and the answer as a table.
---
---     local answer = aws.call(session, "cloudformation", "DescribeStacks", { StackName = "hello" })
---     print(answer.Stacks[1].StackStatus)
---
--- Parameters and answers have AWS's own names. The answers of Query services (CloudFormation, STS,
--- IAM) hold strings only: "true", "3". A refusal raises an error object: our sentence, AWS's words
--- after it, AWS's code in `code`, HTTP's in `status`.
local query = require "engine.aws.query"
local rest = require "engine.aws.rest"
local services = require "engine.aws.services"
local codes = require "engine.codes"
local failure = require "engine.failure"
local json = require "host.json"
local uri = require "host.uri"

local aws = {}

--- Who speaks to the network; a test gives its session another one.
---@class engine.Transport
---@field send fun(request: host.aws_request.Request): host.http.Response?, table?
---@field send_all fun(requests: host.aws_request.Request[], options?: table): table[]
---@field s3? table  host.s3

local function transport(session)
  return session.transport or require "host.aws_request"
end

local FORM = "application/x-www-form-urlencoded; charset=utf-8"

local function query_wire(service, action, params)
  local form = query.flatten(params)
  form.Action, form.Version = action, service.version
  local body = uri.build_query(form)
  return { target = "/", headers = { ["Content-Type"] = FORM }, body = body }
end

local function json_wire(service, action, params)
  return {
    target = "/",
    headers = {
      ["Content-Type"] = "application/x-amz-json-1.1",
      ["X-Amz-Target"] = service.target .. "." .. action,
    },
    body = assert(json.encode(json.object(params))),
  }
end

-- The bucket goes into the host name at AWS, into the path elsewhere, and where the name has dots
-- (no certificate covers those).
local function bucket_url(place, bucket)
  if place.custom or bucket:find(".", 1, true) then
    return place.url .. "/" .. bucket
  end
  return (place.url:gsub("^https://", "https://" .. bucket .. "."))
end

local function rest_wire(service, action, params, place)
  if service.signing ~= "s3" then
    return rest.build(service.actions[action], params), place.url
  end
  local left = {}
  for name, value in pairs(params) do
    left[name] = value
  end
  left.Bucket = nil
  return rest.build(service.actions[action], left), bucket_url(place, params.Bucket)
end

-- The request for host.aws_request, and what to remember of it for the answer.
local function prepare(session, name, action, params)
  local service = services[name]
  local place = session:endpoint(service)
  local wire, url
  if service.protocol == "query" then
    wire = query_wire(service, action, params)
  elseif service.protocol == "json" then
    wire = json_wire(service, action, params)
  else
    wire, url = rest_wire(service, action, params, place)
  end
  local request = {
    credentials = session:credentials(),
    region = place.signing_region,
    service = service.signing,
    method = wire.method or "POST",
    url = (url or place.url) .. wire.target,
    headers = wire.headers,
    body = wire.body,
    body_file = wire.body_file,
  }
  return request, { service = service, action = action, place = place }
end

local function words_of(err, code)
  local words = err.message or ""
  if code and not words:find(code, 1, true) then
    words = ("%s (%s)"):format(words, code)
  end
  return words
end

-- An error of the host becomes one that says which call it was.
local function refusal(err, call)
  local title, action = call.service.title, call.action
  if err.kind == "network" then
    return failure.wrap(err, ("%s cannot be reached at %s"):format(title, call.place.url), {
      code = "E408",
      retryable = true,
    })
  elseif err.kind ~= "service" then
    return failure.from(err)
  end
  local code = err.code ~= "" and err.code or nil
  local known = codes.aws[code] or {}
  return failure.make(known.kind or "service", ("%s refused %s"):format(title, action), {
    code = code,
    status = err.status,
    aws_message = err.message,
    request_id = err.request_id,
    retryable = err.retryable,
    cause = words_of(err, code),
  })
end

local function read(response, call)
  local service = call.service
  if service.protocol == "query" then
    return query.read(response.body, call.action)
  elseif service.protocol == "json" then
    return response.body == "" and {} or assert(json.decode(response.body))
  end
  return rest.read(service.actions[call.action], response)
end

--- Calls one action and returns its answer; raises when AWS refuses or cannot be reached.
---@param session engine.Session
---@param service string   a name of engine.aws.services: "cloudformation"
---@param action string    "DescribeStacks"
---@param params? table<string, any>
---@return table answer
function aws.call(session, service, action, params)
  local request, call = prepare(session, service, action, params or {})
  local response, err = transport(session).send(request)
  if not response then
    error(refusal(err, call), 0)
  end
  return read(response, call)
end

--- Calls several actions side by side. One refusal does not stop the others.
---@param session engine.Session
---@param calls { [1]: string, [2]: string, [3]: table }[]  service, action, parameters
---@return { answer?: table, failure?: engine.Failure }[] results  in the order of the calls
function aws.call_all(session, calls)
  local requests, details = {}, {}
  for i, call in ipairs(calls) do
    requests[i], details[i] = prepare(session, call[1], call[2], call[3] or {})
  end
  local results = {}
  for i, result in ipairs(#requests > 0 and transport(session).send_all(requests) or {}) do
    if result.response then
      results[i] = { answer = read(result.response, details[i]) }
    else
      results[i] = { failure = refusal(result.err, details[i]) }
    end
  end
  return results
end

--- The address of an object, as CloudFormation wants it in TemplateURL.
---@param session engine.Session
---@param bucket string
---@param key string
---@return string
function aws.object_url(session, bucket, key)
  local place = session:endpoint(services.s3)
  return bucket_url(place, bucket) .. "/" .. uri.encode(key, "/")
end

--- Calls a verb of host.s3 ("put" for files of any size, "list"), with the session's credentials.
---@param session engine.Session
---@param verb string
---@param request table  bucket, key, and the verb's own fields
---@return any
function aws.s3(session, verb, request)
  local place = session:endpoint(services.s3)
  local full = {
    credentials = session:credentials(),
    region = place.signing_region,
    endpoint = place.custom and place.url or nil,
  }
  for name, value in pairs(request) do
    full[name] = value
  end
  local s3 = session.transport and session.transport.s3 or require "host.s3"
  local result, err = s3[verb](full)
  if not result then
    error(refusal(err, { service = services.s3, action = verb, place = place }), 0)
  end
  return result
end

return aws
