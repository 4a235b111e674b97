-- What stacks do to the services that act them out, and what those refuse.
local buckets = require "engine.local.services.s3.buckets"
local file = require "host.file"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local new_request = require("engine.local.request").new
local operation = require "engine.local.services.cloudformation.operation"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local store = require "engine.local.services.cloudformation.store"

local REGION = "us-east-1"
local TRUST = { Statement = { {
  Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" },
} } }

local current -- the cloud of the test that runs

local function call(action, params)
  return current:call("cloudformation", action, params)
end

local function settled(name)
  local stack = store.get(current, REGION, name)
  while stack.operation do
    operation.wait(stack)
  end
  return stack
end

local function put(action, name, resources, tags)
  local answer = call(action, {
    StackName = name, TemplateBody = json.encode { Resources = resources }, Tags = tags,
    Capabilities = { "CAPABILITY_NAMED_IAM" },
  })
  return settled(answer.StackId)
end

local function reason(stack, status, id)
  for _, event in ipairs(stack.events) do
    if event.status == status and event.logical_id == id then
      return event.reason
    end
  end
end

-- What S3 answers to GET /bucket?setting.
local function setting(bucket, name)
  local ok, answer = pcall(current.call, current, "s3", "GetBucketSetting",
    { bucket = bucket, setting = name })
  return ok and answer.body or answer.code
end

local function put_object(name, key, bytes)
  local request = new_request({
    method = "PUT", path = ("/%s/%s"):format(name, key), headers = {}, body = bytes,
  }, "1")
  request.region = REGION
  current:service("s3").actions.PutObject(request, { bucket = name, key = key }, current)
end

local function cloudy(name, body)
  it(name, function()
    in_cloud(function(opened, folder)
      current = opened
      body(folder)
    end)
  end)
end

local function bucket(properties)
  properties.BucketName = "photos"
  return { Type = "AWS::S3::Bucket", Properties = properties }
end

describe("a stack's resource", function()
  cloudy("that lacks what its service needs fails in that service's words", function()
    local stack = put("CreateStack", "s", {
      Role = { Type = "AWS::IAM::Role", Properties = { RoleName = "r" } },
    })

    assert.equal("ROLLBACK_COMPLETE", stack.status)
    assert.matches("Value null at 'assumeRolePolicyDocument' failed to satisfy constraint",
      reason(stack, "CREATE_FAILED", "Role"))
  end)

  cloudy("whose name is taken cannot be made, and what has the name is left", function()
    current:call("logs", "CreateLogGroup", { logGroupName = "mine" })
    local stack = put("CreateStack", "s", {
      Group = { Type = "AWS::Logs::LogGroup", Properties = { LogGroupName = "mine" } },
    })

    assert.equal("ROLLBACK_COMPLETE", stack.status)
    assert.matches("already exists", reason(stack, "CREATE_FAILED", "Group"))
    assert.equal(1, #current:call("logs", "DescribeLogGroups", {}).logGroups)
  end)

  cloudy("that is a bucket with something in it fails the deletion until it is empty", function()
    put("CreateStack", "s", { Photos = bucket {} })
    put_object("photos", "x", "bytes")
    call("DeleteStack", { StackName = "s" })
    local stack = settled "s"

    assert.equal("DELETE_FAILED", stack.status)
    assert.equal("The following resource(s) failed to delete: [Photos]. ", stack.status_reason)
    assert.equal("The bucket you tried to delete is not empty (Service: S3; Status Code: 409; "
      .. "Error Code: BucketNotEmpty)", reason(stack, "DELETE_FAILED", "Photos"))
    assert.truthy(buckets.peek(current, "photos"))
    current:call("s3", "DeleteObject", { bucket = "photos", key = "x" })
    call("DeleteStack", { StackName = "s" })
    assert.equal("DELETE_COMPLETE", settled(stack.id).status)
    assert.is_nil(buckets.peek(current, "photos"))
  end)

  cloudy("that is a bucket's policy or notification is kept on the bucket", function()
    local function policy(action)
      return {
        Type = "AWS::S3::BucketPolicy",
        Properties = {
          Bucket = { Ref = "Photos" },
          PolicyDocument = { Statement = { { Effect = "Allow", Action = action } } },
        },
      }
    end
    local photos = bucket {
      NotificationConfiguration = { LambdaConfigurations = { {
        Event = "s3:ObjectCreated:*", Function = "arn:f",
        Filter = { S3Key = { Rules = { { Name = "prefix", Value = "in/" } } } },
      } } },
    }
    local made = put("CreateStack", "s", { Photos = photos, Policy = policy "s3:GetObject" })
    assert.equal("CREATE_COMPLETE", made.status)

    assert.equal('{"Statement":[{"Action":"s3:GetObject","Effect":"Allow"}]}',
      setting("photos", "policy"))
    assert.matches("<CloudFunctionConfiguration><CloudFunction>arn:f</CloudFunction>"
      .. "<Event>s3:ObjectCreated:%*</Event><Filter><S3Key><FilterRule><Name>prefix</Name>"
      .. "<Value>in/</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>",
      setting("photos", "notification"))

    put("UpdateStack", "s", { Photos = bucket {}, Policy = policy "s3:PutObject" })
    assert.matches("s3:PutObject", setting("photos", "policy"))
    assert.not_matches("arn:f", setting("photos", "notification"))
    local second = put("CreateStack", "t", { Policy = {
      Type = "AWS::S3::BucketPolicy",
      Properties = { Bucket = "photos", PolicyDocument = { Statement = json.array {} } },
    } })
    assert.matches("The bucket policy already exists on bucket photos",
      reason(second, "CREATE_FAILED", "Policy"))
    put("UpdateStack", "s", { Photos = bucket {} })
    assert.equal("NoSuchBucketPolicy", setting("photos", "policy"))
  end)

  cloudy("has the stack's tags and its own, as they are now", function(folder)
    local own = { { Key = "own", Value = "1" } }
    local function resources()
      return {
        Photos = bucket { Tags = own },
        Group = { Type = "AWS::Logs::LogGroup",
          Properties = { LogGroupName = "g", Tags = own } },
        Role = { Type = "AWS::IAM::Role",
          Properties = { RoleName = "r", Tags = own, AssumeRolePolicyDocument = TRUST } },
        Fn = { Type = "AWS::Lambda::Function", Properties = {
          FunctionName = "f", Tags = own, Handler = "index", Runtime = "provided.al2023",
          Role = { ["Fn::GetAtt"] = { "Role", "Arn" } },
          Code = { S3Bucket = "code", S3Key = "code.zip" },
        } },
      }
    end
    local function tags()
      local in_role = {}
      for _, tag in ipairs(current:call("iam", "ListRoleTags", { RoleName = "r" }).Tags) do
        in_role[tag.Key] = tag.Value
      end
      local in_bucket = {}
      for key, value in setting("photos", "tagging"):gmatch "<Key>(.-)</Key><Value>(.-)</Value>" do
        in_bucket[key] = value
      end
      local arn = "arn:aws:logs:us-east-1:123456789012:log-group:g"
      return {
        in_role,
        in_bucket,
        current:call("logs", "ListTagsForResource", { resourceArn = arn }).tags,
        current:call("lambda", "ListTags", { Resource = "f" }).Tags,
      }
    end
    local function told(name)
      local list = {}
      for i, one in ipairs(tags()) do
        list[i] = one[name] or "-"
      end
      return table.concat(list, " ")
    end
    local path = packed_service.write(folder .. "/code.zip", packed_service.text "return 1")
    buckets.create(current, "code", REGION)
    put_object("code", "code.zip", assert(file.read(path)))
    put("CreateStack", "s", resources(), { { Key = "team", Value = "a" } })

    assert.equal("1 1 1 1", told "own")
    assert.equal("a a a a", told "team")
    assert.equal("- s s s", told "aws:cloudformation:stack-name")
    own = { { Key = "new", Value = "2" } }
    put("UpdateStack", "s", resources(), { { Key = "crew", Value = "b" } })
    assert.equal("- - - -", told "own")
    assert.equal("- - - -", told "team")
    assert.equal("2 2 2 2", told "new")
    assert.equal("b b b b", told "crew")
  end)
end)

describe("what is told of stacks", function()
  cloudy("comes in pages, and by status", function()
    local topic = { Topic = { Type = "AWS::SNS::Topic" } }
    for i = 1, 101 do
      put("CreateStack", "s" .. i, topic)
    end
    call("DeleteStack", { StackName = "s7" })
    settled(call("ListStacks", { StackStatusFilter = { "DELETE_IN_PROGRESS", "DELETE_COMPLETE" } })
      .StackSummaries[1].StackId)
    put("CreateStack", "last", topic)
    local first = call("DescribeStacks", {})
    local second = call("DescribeStacks", { NextToken = first.NextToken })

    assert.equal(100, #first.Stacks)
    assert.equal("last", first.Stacks[1].StackName)
    assert.equal(1, #second.Stacks)
    assert.equal("s1", second.Stacks[1].StackName)
    assert.is_nil(second.NextToken)
    local deleted = call("ListStacks", { StackStatusFilter = { "DELETE_COMPLETE" } })
    assert.equal(1, #deleted.StackSummaries)
    assert.equal("s7", deleted.StackSummaries[1].StackName)
    assert.equal(100, #call("ListStacks", {}).StackSummaries)
    assert.error_matches("Value '%[GONE%]' at 'stackStatusFilter'", function()
      call("ListStacks", { StackStatusFilter = { "GONE" } })
    end)
    assert.error_matches("NextToken is not valid", function()
      call("DescribeStacks", { NextToken = "seven" })
    end)
  end)

  cloudy("is found by a resource's physical id", function()
    local stack = put("CreateStack", "s", { Photos = bucket {} })
    local found = call("DescribeStackResources", { PhysicalResourceId = "photos" }).StackResources

    assert.equal(1, #found)
    assert.equal(stack.id, found[1].StackId)
    assert.error_matches("Stack for other does not exist", function()
      call("DescribeStackResources", { PhysicalResourceId = "other" })
    end)
    assert.error_matches("Either StackName or PhysicalResourceId", function()
      call("DescribeStackResources", {})
    end)
  end)

  cloudy("comes as events of operations too, the failed ones alone if wanted", function()
    current:call("logs", "CreateLogGroup", { logGroupName = "mine" })
    local stack = put("CreateStack", "s", {
      Group = { Type = "AWS::Logs::LogGroup", Properties = { LogGroupName = "mine" } },
    })
    local all = call("DescribeEvents", { StackName = "s" }).OperationEvents
    local failed = call("DescribeEvents",
      { StackName = stack.id, Filters = { FailedEvents = "true" } }).OperationEvents

    assert.equal(#stack.events, #all)
    assert.equal("STACK_EVENT", all[1].EventType)
    assert.equal(1, #failed)
    assert.equal("PROVISIONING_ERROR", failed[1].EventType)
    assert.equal("Group", failed[1].LogicalResourceId)
    assert.matches("already exists", failed[1].ResourceStatusReason)
    assert.error_matches("StackName is required", function()
      call("DescribeEvents", { OperationId = "x" })
    end)
    assert.error_matches("ChangeSet %[none%] does not exist", function()
      call("DescribeEvents", { StackName = "s", ChangeSetName = "none" })
    end)
  end)

  cloudy("says plainly that there are no stack policies", function()
    for action, params in pairs {
      GetStackPolicy = { StackName = "s" },
      SetStackPolicy = { StackName = "s" },
      CreateStack = { StackName = "s", TemplateBody = "{}", StackPolicyBody = "{}" },
    } do
      local raised = assert.error_matches("laconic local does not answer", function()
        call(action, params)
      end)
      assert.equal("NotImplemented", raised.code)
    end
  end)
end)
