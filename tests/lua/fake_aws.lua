-- An AWS in a table, for specs: what it answers is scripted by action, what it was asked is kept.
--
--     local cloud = fake_aws.new { DescribeStacks = { fake_aws.stack("CREATE_COMPLETE") } }
--     local session = cloud:session()
--
-- An action's script is a list of answers, the last of which stays, or a function(params, cloud).
-- An answer is a table (an XML or JSON document), or fake_aws.refusal(…), or fake_aws.lost(…).
local session = require "engine.aws.session"
local uri = require "host.uri"
local xml = require "host.xml"

local fake_aws = {}
fake_aws.__index = fake_aws

local ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/hello/1"
fake_aws.ID = ID

-- "Action=A&Tags.member.1.Key=k" → { Action = "A", ["Tags.member.1.Key"] = "k" }
local function read_form(body)
  local params = {}
  for _, pair in ipairs(assert(uri.parse_query(body))) do
    params[pair[1]] = pair[2]
  end
  return params
end

local function write_xml(value)
  if type(value) ~= "table" then
    return xml.escape(tostring(value))
  end
  local parts, names = {}, {}
  for i, item in ipairs(value) do
    parts[i] = "<member>" .. write_xml(item) .. "</member>"
  end
  for name in pairs(value) do
    if type(name) == "string" then
      table.insert(names, name)
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    table.insert(parts, ("<%s>%s</%s>"):format(name, write_xml(value[name]), name))
  end
  return table.concat(parts)
end

--- A refusal of AWS's.
function fake_aws.refusal(status, code, message)
  return {
    err = {
      kind = "service",
      status = status,
      code = code,
      message = message or code,
      retryable = status >= 500 or code == "Throttling",
    },
  }
end

--- No answer at all.
function fake_aws.lost(kind)
  kind = kind or "network"
  return { err = { kind = kind, code = "closed", message = "closed", retryable = true } }
end

--- DescribeStacks' answer for one stack.
function fake_aws.stack(status, fields)
  local stack = { StackName = "hello", StackId = ID, StackStatus = status }
  for name, value in pairs(fields or {}) do
    stack[name] = value
  end
  return { Stacks = { stack } }
end

--- DescribeStacks' answer when there is none.
function fake_aws.no_stack()
  return fake_aws.refusal(400, "ValidationError", "Stack with id hello does not exist")
end

--- DescribeStackEvents' answer; events are given with the oldest first, as { id, status, reason }.
function fake_aws.events(list, token)
  local events = {}
  for i = #list, 1, -1 do
    local id, status, reason = list[i][1], list[i][2], list[i][3]
    table.insert(events, {
      EventId = ("%s-%s"):format(id, status),
      StackId = ID,
      LogicalResourceId = id,
      PhysicalResourceId = id == "hello" and ID or id .. "-1",
      ResourceType = id == "hello" and "AWS::CloudFormation::Stack" or "AWS::SQS::Queue",
      ResourceStatus = status,
      ResourceStatusReason = reason,
    })
  end
  return { StackEvents = events, NextToken = token }
end

local REST = {
  { "HEAD", "^/[^/]+/$", "HeadBucket" },
  { "PUT", "^/[^/]+/%?publicAccessBlock=$", "PutPublicAccessBlock" },
  { "GET", "^/[^/]+/%?versioning=$", "GetBucketVersioning" },
  { "PUT", "^/[^/]+/$", "CreateBucket" },
  { "HEAD", "^/[^/]+/.+$", "HeadObject" },
  { "DELETE", "^/[^/]+/.+$", "DeleteObject" },
  { "PUT", "^/2015%-03%-31/functions/[^/]+/code$", "UpdateFunctionCode" },
  { "GET", "^/2015%-03%-31/functions/[^/]+$", "GetFunction" },
  { "PUT", "^/[^/]+/.+$", "PutObject" },
}

local function read_request(request)
  local target = request.url:match "^https?://[^/]+(.*)$"
  if (request.headers["Content-Type"] or ""):find "^application/x%-www%-form" then
    local params = read_form(request.body)
    return params.Action, params
  end
  for _, rule in ipairs(REST) do
    if request.method == rule[1] and target:find(rule[2]) then
      return rule[3], { target = target, body = request.body, headers = request.headers }
    end
  end
  error(("the fake knows no %s %s"):format(request.method, target))
end

local function next_answer(self, action, params)
  local script = self.scripts[action]
  if type(script) == "function" then
    return script(params, self)
  end
  assert(script, "the fake has no answer for " .. action)
  self.turns[action] = math.min((self.turns[action] or 0) + 1, #script)
  local answer = script[self.turns[action]]
  return type(answer) == "function" and answer(params, self) or answer
end

local function respond(action, answer)
  if answer.err then
    return nil, answer.err
  elseif answer.headers or answer.body then
    local headers = answer.headers or {}
    return { status = answer.status or 200, headers = headers, body = answer.body or "" }
  elseif answer.json then
    return { status = 200, headers = {}, body = assert(require("host.json").encode(answer.json)) }
  end
  local body = "<%sResponse><%sResult>%s</%sResult></%sResponse>"
  return {
    status = 200,
    headers = {},
    body = body:format(action, action, write_xml(answer), action, action),
  }
end

function fake_aws.new(scripts)
  return setmetatable({ scripts = scripts, turns = {}, calls = {}, now = 1000 }, fake_aws)
end

function fake_aws:send(request)
  local action, params = read_request(request)
  table.insert(self.calls, { action = action, params = params, at = self.now })
  return respond(action, next_answer(self, action, params))
end

--- The names of the actions that were asked for, in order.
function fake_aws:actions()
  local names = {}
  for i, call in ipairs(self.calls) do
    names[i] = call.action
  end
  return names
end

--- The calls of one action.
function fake_aws:asked(action)
  local found = {}
  for _, call in ipairs(self.calls) do
    if call.action == action then
      table.insert(found, call)
    end
  end
  return found
end

--- A session that speaks to this cloud alone, on a clock whose pauses take no time.
function fake_aws:session(options)
  local clock = {
    monotonic = function()
      return self.now
    end,
    now = function()
      return self.now
    end,
    sleep = function(seconds)
      self.now = self.now + seconds
      if self.interrupt_at and self.now >= self.interrupt_at then
        return nil, { kind = "interrupt", message = "interrupted" }
      end
      return true
    end,
  }
  local variables = (options or {}).variables
    or {
      AWS_ACCESS_KEY_ID = "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY = "secret",
      AWS_REGION = "us-east-1",
      AWS_ENDPOINT_URL = "http://localhost:1",
    }
  return session.new {
    clock = clock,
    getenv = function(name)
      return variables[name]
    end,
    read_file = function(path)
      return (options or {}).files and options.files[path]
    end,
    profile = (options or {}).profile,
    region = (options or {}).region,
    transport = {
      send = function(request)
        return self:send(request)
      end,
      send_all = function(requests)
        local results = {}
        for i, request in ipairs(requests) do
          local response, err = self:send(request)
          results[i] = { response = response, err = err }
        end
        return results
      end,
      s3 = self.s3 or {},
    },
  }
end

return fake_aws
