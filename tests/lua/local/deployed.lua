--- A local cloud in a process of its own with one stack in it: functions out of one service file, and
--- whatever else a template says.
local file = require "host.file"
local json = require "host.json"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local uri = require "host.uri"

local deployed = {}
deployed.__index = deployed

local PATIENCE <const> = 60 -- seconds, by the clock of the test's own turns
local BUCKET <const> = "code"

local ROLE <const> = {
  Type = "AWS::IAM::Role",
  Properties = {
    AssumeRolePolicyDocument = {
      Version = "2012-10-17",
      Statement = { {
        Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" },
        Action = "sts:AssumeRole",
      } },
    },
  },
}

local function element(text, name)
  return text:match(("<%s>(.-)</%s>"):format(name, name))
end

-- Waits for the stack; a failure is told in its events' words.
local function await(self, name)
  local deadline = os.time() + PATIENCE
  while os.time() < deadline do
    local answer = self.cloud:query("cloudformation", uri.build_query {
      Action = "DescribeStacks", Version = "2010-05-15", StackName = name,
    }).body
    local status = element(answer, "StackStatus")
    if status == "CREATE_COMPLETE" or status == "UPDATE_COMPLETE" then
      return answer
    elseif not status or not status:find "_IN_PROGRESS$" then
      error(self.cloud:query("cloudformation", uri.build_query {
        Action = "DescribeStackEvents", Version = "2010-05-15", StackName = name,
      }).body, 0)
    end
  end
  error("the stack is not ready in time", 0)
end

local function put_code(cloud, folder, text)
  local path = packed_service.write(folder .. "/code.zip", text)
  assert(cloud:send { method = "PUT", path = "/" .. BUCKET }.status == 200)
  assert(cloud:send {
    method = "PUT", path = "/" .. BUCKET .. "/code.zip", body = assert(file.read(path)),
  }.status == 200)
end

--- A function's resource; its handler is the word of that name in the service file.
function deployed.lambda(handler, more)
  local properties = {
    Runtime = "provided.al2023", Handler = handler, MemorySize = 256, Timeout = 20,
    Code = { S3Bucket = BUCKET, S3Key = "code.zip" },
    Role = { ["Fn::GetAtt"] = { "Role", "Arn" } },
  }
  for name, value in pairs(more or {}) do
    properties[name] = value
  end
  return { Type = "AWS::Lambda::Function", Properties = properties }
end

--- A function's permission to be called.
function deployed.permission(id, more)
  local properties = {
    FunctionName = { ["Fn::GetAtt"] = { id, "Arn" } }, Action = "lambda:InvokeFunction",
  }
  for name, value in pairs(more) do
    properties[name] = value
  end
  return { Type = "AWS::Lambda::Permission", Properties = properties }
end

--- Starts a cloud and makes the stack "s" of those resources.
---@param service string  the text of service.lua
---@param resources table<string, table>
---@param outputs table<string, table>  by name: their values
function deployed.start(service, resources, outputs)
  local self = setmetatable({ folder = assert(file.temporary_folder()) }, deployed)
  self.cloud = served_cloud.start(self.folder .. "/state")
  put_code(self.cloud, self.folder, service)
  resources.Role = ROLE
  local said = {}
  for name, value in pairs(outputs) do
    said[name] = { Value = value }
  end
  self.template = { Resources = resources, Outputs = said }
  self:apply "CreateStack"
  return self
end

--- Creates or updates the stack out of `self.template`.
function deployed:apply(action)
  local made = self.cloud:query("cloudformation", uri.build_query {
    Action = action, Version = "2010-05-15", StackName = "s",
    TemplateBody = assert(json.encode(self.template)),
    ["Capabilities.member.1"] = "CAPABILITY_IAM",
  })
  assert(made.status == 200, made.body)
  local answer = await(self, "s")
  self.outputs = {}
  for member in answer:gmatch "<member>(.-)</member>" do
    local key = element(member, "OutputKey")
    if key then
      self.outputs[key] = element(member, "OutputValue")
    end
  end
end

--- Sends a request as it is, and returns the answer.
---@param options table  url; method, headers, body
function deployed.send(options)
  return assert(require("host.http").request {
    method = options.method or "GET",
    url = options.url,
    headers = options.headers,
    body = options.body,
    timeout = 30,
    proxy = "",
  })
end

--- Ends the cloud and removes its folder; returns its exit status.
function deployed:close()
  local status = self.cloud:close()
  file.remove_tree(self.folder)
  return status
end

return deployed
