--- AWS::CloudFormation::CustomResource and Custom::*: the Lambda function that is its ServiceToken is
--- invoked with a response URL of this cloud, and what it puts there decides.
---
--- One thing is kinder than in AWS: a function that fails without having answered, and fails when it is
--- tried again, fails the resource at once; AWS waits for an answer that cannot come.
local addresses = require "engine.local.addresses"
local fault = require "engine.local.fault"
local identifier = require "engine.local.identifier"
local json = require "host.json"
local loop = require "engine.local.loop"
local naming = require "engine.local.naming"
local tickets = require "engine.local.services.cloudformation.tickets"

local custom = { replacement = {}, custom = true }

local DEFAULT_TIMEOUT <const> = 3600
local MAX_ID <const> = 1024
local MAX_GENERATED_ID <const> = 255

-- CloudFormation hands every scalar over as text, there and back.
local function as_text(value)
  if type(value) == "table" then
    local copy = json.is_array(value) and json.array {} or {}
    for key, item in pairs(value) do
      copy[key] = as_text(item)
    end
    return copy
  end
  return type(value) == "string" and value or tostring(value)
end

-- What the function is told: with URLs that it can reach.
local function told(job, properties)
  return addresses.reachable(job.cloud, as_text(properties))
end

local function event_of(job, kind, url, request_id)
  return {
    RequestType = kind,
    ResponseURL = url,
    StackId = job.stack.id,
    RequestId = request_id,
    ResourceType = job.type,
    LogicalResourceId = job.logical_id,
    PhysicalResourceId = kind ~= "Create" and job.physical_id or nil,
    ResourceProperties = told(job, job.properties),
    OldResourceProperties = kind == "Update" and told(job, job.attempted or job.previous) or nil,
  }
end

local function complain(format, ...)
  fault.raise("ValidationError", format:format(...))
end

-- Runs the function; when it fails before it has answered, that is the answer.
local function invoke(job, event, ticket)
  local lambda = job.cloud:service "lambda"
  local ok, problem = pcall(lambda.invoke_again, job.cloud, {
    region = job.region,
    name = job.properties.ServiceToken,
    payload = assert(json.encode(event)),
  }, function()
    return not ticket.event.is_set
  end)
  if problem and not ticket.event.is_set then
    local body = ok and json.decode(problem)
    local text = type(body) == "table" and body.errorMessage or problem
    ticket.event:set(assert(json.encode {
      Status = "FAILED",
      Reason = "the function failed without an answer: " .. tostring(text),
      PhysicalResourceId = job.physical_id,
    }))
  end
end

local function is_id(value)
  return type(value) == "string" and value ~= "" and #value <= MAX_ID
end

-- A resource that could not be made is deleted by the id that the failure was told with.
local function claim_id(job, text)
  local answer = text ~= tickets.TOO_LONG and json.decode(text)
  if type(answer) == "table" and is_id(answer.PhysicalResourceId) then
    job.claim(answer.PhysicalResourceId)
  end
end

local function read_answer(text, request_id)
  if text == tickets.TOO_LONG then
    complain "Response object is too long."
  end
  local answer = json.decode(text)
  if type(answer) ~= "table" then
    complain("Invalid response from custom resource: it is not a JSON object. (RequestId: %s)",
      request_id)
  elseif answer.Status ~= "SUCCESS" and answer.Status ~= "FAILED" then
    complain("Invalid response from custom resource: Status must be SUCCESS or FAILED. "
      .. "(RequestId: %s)", request_id)
  elseif answer.Status == "FAILED" then
    complain("Received response status [FAILED] from custom resource. Message returned: %s "
      .. "(RequestId: %s)", tostring(answer.Reason or "See the details in CloudWatch Log Stream"),
      request_id)
  elseif not is_id(answer.PhysicalResourceId) then
    complain("Invalid PhysicalResourceId in the custom resource's response (RequestId: %s)",
      request_id)
  end
  return answer
end

local function send(job, kind)
  local token = job.properties.ServiceToken
  if type(token) ~= "string" or not token:find "^arn:aws:lambda:" then
    complain("ServiceToken of %s must be the ARN of a Lambda function: this cloud knows no other",
      job.logical_id)
  end
  local seconds = tonumber(job.properties.ServiceTimeout) or DEFAULT_TIMEOUT
  local request_id = identifier.uuid()
  local ticket <close> = tickets.issue(job.cloud)
  loop.spawn(invoke, job, event_of(job, kind, ticket.url, request_id), ticket)
  if not job.wait(ticket.event, seconds) then
    complain("CloudFormation did not receive a response from your Custom Resource. Please check "
      .. "your logs for requestId [%s].", request_id)
  end
  if kind == "Create" then
    claim_id(job, ticket.event.value)
  end
  local answer = read_answer(ticket.event.value, request_id)
  job.hide(answer.NoEcho == true or answer.NoEcho == "true")
  local data = type(answer.Data) == "table" and as_text(answer.Data) or {}
  return answer.PhysicalResourceId, json.object(data)
end

-- However the creation ends, a deletion follows it: by the id that the function answers with, else by
-- one that CloudFormation gives.
function custom.create(job)
  job.claim(naming.physical(job, MAX_GENERATED_ID))
  return send(job, "Create")
end

function custom.update(job)
  if job.previous.ServiceToken ~= job.properties.ServiceToken then
    complain "Modifying service token is not allowed."
  end
  return send(job, "Update")
end

function custom.delete(job)
  send(job, "Delete")
end

return custom
