-- laconic run tests/bench/template.lua : how long it takes to marshal and to check templates of 10,
-- 100 and 1,000 functions, each with its role, its log group and what its events allow.
local clock = require "host.clock"
local template = require "host.template"

local RUNS = 9

local ASSUME = {
  Version = "2012-10-17",
  Statement = {
    {
      Effect = "Allow",
      Principal = { Service = { "lambda.amazonaws.com" } },
      Action = { "sts:AssumeRole" },
    },
  },
}

local function statement(action, id)
  return {
    Effect = "Allow",
    Action = { action .. ":GetItem", action .. ":PutItem", action .. ":UpdateItem" },
    Resource = { ["Fn::Sub"] = "arn:${AWS::Partition}:logs:${AWS::Region}:*:${" .. id .. "}" },
  }
end

local function add_function(resources, i)
  local id = ("Function%04d"):format(i)
  local role, logs = id .. "Role", id .. "Logs"
  resources[logs] = {
    Type = "AWS::Logs::LogGroup",
    Properties = { LogGroupName = "/aws/lambda/service-" .. i, RetentionInDays = 14 },
  }
  resources[role] = {
    Type = "AWS::IAM::Role",
    Properties = {
      AssumeRolePolicyDocument = ASSUME,
      Policies = {
        {
          PolicyName = "Privileges",
          PolicyDocument = {
            Version = "2012-10-17",
            Statement = { statement("dynamodb", logs), statement("logs", logs) },
          },
        },
      },
    },
  }
  resources[id] = {
    Type = "AWS::Lambda::Function",
    DependsOn = { logs },
    Properties = {
      Architectures = { "x86_64" },
      Code = { S3Bucket = "artifacts", S3Key = "service/0123456789abcdef.zip" },
      Description = "Function " .. i,
      Environment = { Variables = { STAGE = "prod", LOGS = { Ref = logs } } },
      FunctionName = { ["Fn::Sub"] = "${AWS::StackName}-" .. i },
      Handler = "handler",
      MemorySize = 128,
      Role = { ["Fn::GetAtt"] = { role, "Arn" } },
      Runtime = "provided.al2023",
      Timeout = 3,
    },
  }
end

local function median(fn)
  local times = {}
  for run = 1, RUNS do
    collectgarbage()
    local start = clock.monotonic()
    fn()
    times[run] = clock.monotonic() - start
  end
  table.sort(times)
  return times[RUNS // 2 + 1] * 1e3
end

for _, count in ipairs { 10, 100, 1000 } do
  local value = { AWSTemplateFormatVersion = "2010-09-09", Resources = {} }
  for i = 1, count do
    add_function(value.Resources, i)
  end
  local text = assert(template.marshal(value))
  local marshal = median(function()
    assert(template.marshal(value))
  end)
  local check = median(function()
    assert(template.problems(value, text))
  end)
  print(("template of %4d functions %8d bytes: marshal %6.2f ms, check %6.2f ms"):format(count,
    #text, marshal, check))
end
return 0
