--- One call to AWS: where to, in which protocol, and the answer as a table.
---
---     local answer = aws.call(session, "cloudformation", "DescribeStacks", { StackName = "hello" })
---     print(answer.Stacks[1].StackStatus)
---
--- Parameters and answers have AWS's own names. The answers of XML services (CloudFormation, STS,
--- IAM, SNS, EC2) hold strings only: "true", "3". A refusal raises an error object: our sentence,
--- AWS's words after it, AWS's code in `code`, HTTP's in `status`. What speaks a protocol is loaded
--- when a service of it is first called.
local failure = require "engine.failure"
local refusal = require "engine.aws.refusal"
local services = require "engine.aws.services"

local aws = {}

--- Who speaks to the network; a test gives its session another one.
---@class engine.Transport
---@field send fun(request: host.aws_request.Request): host.http.Response?, table?
---@field send_all fun(requests: host.aws_request.Request[], options?: table): table[]
---@field s3? table  host.s3

--- What a protocol makes of an action: what goes on the wire.
---@class engine.Wire
---@field method string
---@field target string      path and query, after the endpoint
---@field headers table<string, string>
---@field body? string
---@field body_file? { path: string, offset?: integer, length?: integer }
---@field url? string         in the endpoint's place

--- How to make a call, beside what it says.
---@class engine.CallOptions
---@field attempts? integer          in all; default 3
---@field timeout? number            seconds for one attempt
---@field connect_timeout? number
---@field deadline? number           seconds since 1970: no attempt outlasts it
---@field to_file? string            where the body of the answer goes
---@field max_body? integer          bytes
---@field idle_timeout? number        seconds without a byte; default 60
---@field sink? fun(bytes: string)    takes the body of the answer as it comes
---@field where? fun(): string?      the line that a refusal is blamed on

local PASSED_ON = {
  "attempts", "timeout", "connect_timeout", "idle_timeout", "to_file", "max_body", "sink",
}

local function transport(session)
  return session.transport or require "host.aws_request"
end

local PROTOCOLS = {
  query = "engine.aws.query",
  ec2 = "engine.aws.query",
  ["json-1.0"] = "engine.aws.json_document",
  ["json-1.1"] = "engine.aws.json_document",
}

local function rest_wire(service, action, params, place)
  local rest = require "engine.aws.rest"
  local shape = rest.action(service, action)
  if service.signing ~= "s3" then
    return rest.build(shape, params)
  end
  local left = {}
  for name, value in pairs(params) do
    left[name] = value
  end
  left.Bucket = nil
  local wire = rest.build(shape, left)
  wire.url = require("engine.aws.s3").bucket_url(place, params.Bucket)
  return wire
end

local function find_service(service)
  if type(service) == "table" then
    return service
  end
  return services.find(service)
    or failure.raise("invalid", ("there is no service '%s'"):format(service), { code = "E104" })
end

-- The seconds that a call may take; nil when there is no bound.
local function seconds_left(session, service, options)
  local left = options.deadline and options.deadline - session.clock.now()
  if left and left <= 0 then
    failure.raise("network", ("no time is left to call %s"):format(service.title), {
      code = "E408",
      where = options.where and options.where(),
      retryable = true,
    })
  end
  return left
end

-- What host.aws_request is asked for, whatever the protocol.
local function sign_for(session, service, place, wire, options)
  local request = {
    credentials = session:credentials(),
    region = place.signing_region,
    service = service.signing,
    method = wire.method,
    url = (wire.url or place.url) .. wire.target,
    headers = wire.headers,
    body = wire.body,
    body_file = wire.body_file,
    total_timeout = seconds_left(session, service, options),
  }
  for _, name in ipairs(PASSED_ON) do
    request[name] = options[name]
  end
  return request
end

-- The request for host.aws_request, and what to remember of it for the answer.
local function prepare(session, name, action, params, options)
  local service = find_service(name)
  local place = session:endpoint(service)
  local protocol = PROTOCOLS[service.protocol]
  local wire = protocol and require(protocol).build(service, action, params)
    or rest_wire(service, action, params, place)
  local call = { service = service, action = action, place = place, where = options.where }
  return sign_for(session, service, place, wire, options), call
end

local function read_as_protocol(response, call)
  local service, action = call.service, call.action
  local protocol = PROTOCOLS[service.protocol]
  if protocol then
    return require(protocol).read(service, action, response)
  end
  local rest = require "engine.aws.rest"
  return rest.read(rest.action(service, action), response)
end

-- Nobody but S3, which tells so of a bucket elsewhere, sends an SDK to another place.
local function is_astray(response, call)
  local astray = response.status >= 300 and response.status ~= 304
  return astray and call.service.signing ~= "s3"
end

-- A page of whoever stands between AWS and us is no answer, nor is half of one.
local function read(response, call)
  local ok, answer
  if not is_astray(response, call) then
    ok, answer = pcall(read_as_protocol, response, call)
    if ok and type(answer) == "table" then
      return answer
    elseif not ok and not failure.is(answer, "input") and not failure.is(answer, "limit") then
      error(answer, 0)
    end
  end
  local message = "what came back for %s is no answer of %s (HTTP %d)"
  failure.raise("failed", message:format(call.action, call.service.title, response.status), {
    where = call.where and call.where(),
    cause = ok == false and answer or nil,
    hint = "is there a proxy or a login page between this machine and AWS?",
  })
end

local function send(session, request, call)
  local response, err = transport(session).send(request)
  return response or refusal.raise(err, call)
end

--- Calls one action and returns its answer; raises when AWS refuses or cannot be reached.
---@param session engine.Session
---@param service string|engine.AwsService   a name of engine.aws.services: "cloudformation"
---@param action string                      "DescribeStacks"
---@param params? table<string, any>
---@param options? engine.CallOptions
---@return table answer
function aws.call(session, service, action, params, options)
  local request, call = prepare(session, service, action, params or {}, options or {})
  return read(send(session, request, call), call)
end

-- A body as its Content-Type says: a table for JSON and XML, else the text.
local function decoded(response)
  local kind = response.headers["content-type"] or ""
  if response.body == "" then
    return ""
  elseif kind:find "[/+]json" or kind:find "^application/x%-amz%-json" then
    return require("engine.aws.json_document").decode(response.body)
  elseif kind:find "[/+]xml" then
    local root = assert(require("host.xml").decode(response.body))
    return require("engine.aws.xml_answer").fold(root)
  end
  return response.body
end

local function wire_of(request)
  local headers, body = {}, request.body
  for name, value in pairs(request.headers or {}) do
    headers[name] = value
  end
  if type(body) == "table" then
    body = assert(require("host.json").encode(body))
    headers["Content-Type"] = headers["Content-Type"] or "application/json"
  end
  local query = request.query and require("host.uri").build_query(request.query) or ""
  return {
    method = request.method or "GET",
    target = (request.path or "/") .. (query ~= "" and "?" .. query or ""),
    headers = headers,
    body = body,
  }
end

--- Sends a request as it is told, signed: for the actions of REST services that no table knows.
---@param session engine.Session
---@param service string|engine.AwsService
---@param request { method?: string, path?: string, query?: table, headers?: table, body?: string|table }
---  path: as on the request line. A body that is a table goes as JSON
---@param options? engine.CallOptions
---@return { status: integer, headers: table<string, string>, body: any } answer
function aws.request(session, service, request, options)
  service, options = find_service(service), options or {}
  local place, wire = session:endpoint(service), wire_of(request)
  local call = {
    service = service,
    action = wire.method .. " " .. (request.path or "/"),
    place = place,
    where = options.where,
  }
  local response = send(session, sign_for(session, service, place, wire, options), call)
  return { status = response.status, headers = response.headers, body = decoded(response) }
end

--- Calls several actions side by side. One refusal does not stop the others.
---@param session engine.Session
---@param calls { [1]: string, [2]: string, [3]: table }[]  service, action, parameters
---@return { answer?: table, failure?: engine.Failure }[] results  in the order of the calls
function aws.call_all(session, calls)
  local requests, details = {}, {}
  for i, call in ipairs(calls) do
    requests[i], details[i] = prepare(session, call[1], call[2], call[3] or {}, {})
  end
  local results = {}
  for i, result in ipairs(#requests > 0 and transport(session).send_all(requests) or {}) do
    if result.response then
      local ok, answer = pcall(read, result.response, details[i])
      results[i] = ok and { answer = answer } or { failure = failure.from(answer) }
    else
      results[i] = { failure = refusal.of(result.err, details[i]) }
    end
  end
  return results
end

return aws
