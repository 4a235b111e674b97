local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local file = require "host.file"
local json = require "host.json"
local operation = require "engine.local.services.cloudformation.operation"
local store = require "engine.local.services.cloudformation.store"

local REGION = "us-east-1"

local current -- the cloud of the test that runs

local function call(action, params)
  return current:call("cloudformation", action, params)
end

local function body_of(resources, more)
  local template = { Resources = resources }
  for key, value in pairs(more or {}) do
    template[key] = value
  end
  return json.encode(template)
end

local function settled(name)
  local stack = store.get(current, REGION, name)
  while stack.operation do
    operation.wait(stack)
  end
  return stack
end

local function create(name, resources, more, params)
  local request = { StackName = name, TemplateBody = body_of(resources, more) }
  for key, value in pairs(params or {}) do
    request[key] = value
  end
  return settled(call("CreateStack", request).StackId)
end

local function update(name, resources, more, params)
  local request = { StackName = name, TemplateBody = body_of(resources, more) }
  for key, value in pairs(params or {}) do
    request[key] = value
  end
  call("UpdateStack", request)
  return settled(name)
end

-- "STATUS LogicalId", in the order in which it happened.
local function history(stack, from)
  local lines = {}
  for i = (from or 0) + 1, #stack.events do
    local event = stack.events[i]
    table.insert(lines, event.status .. " " .. event.logical_id)
  end
  return lines
end

local function place(list, text)
  for i, item in ipairs(list) do
    if item == text then
      return i
    end
  end
  return nil
end

local function group(name, more)
  local resource = { Type = "AWS::Logs::LogGroup", Properties = { LogGroupName = name } }
  for key, value in pairs(more or {}) do
    resource[key] = value
  end
  return resource
end

-- A resource that cannot be made: its archive is nowhere.
local function impossible(more)
  local resource = {
    Type = "AWS::Lambda::Function",
    Properties = {
      Code = { S3Bucket = "no-such-bucket", S3Key = "code.zip" },
      Handler = "x",
      Role = "arn:aws:iam::123456789012:role/none",
      Runtime = "provided.al2023",
    },
  }
  for key, value in pairs(more or {}) do
    resource[key] = value
  end
  return resource
end

local function group_names()
  local names = {}
  for _, found in ipairs(current:call("logs", "DescribeLogGroups", {}).logGroups) do
    table.insert(names, found.logGroupName)
  end
  return table.concat(names, " ")
end

local function refused(code, words, action, params)
  local raised = assert.error_matches(words, function()
    call(action, params)
  end)
  assert.equal(code, raised.code)
end

local function cloudy(name, body)
  it(name, function()
    in_cloud(function(opened, folder)
      current = opened
      body(folder)
    end)
  end)
end

describe("CreateStack", function()
  cloudy("makes resources in the order of their needs, and tells every step", function()
    local stack = create("s", {
      B = group({ ["Fn::Sub"] = "${A}-b" }),
      A = group "a",
      C = group("c", { DependsOn = "B" }),
    }, { Outputs = { Name = { Value = { Ref = "B" }, Description = "of B" },
      Arn = { Value = { ["Fn::GetAtt"] = { "A", "Arn" } } } } })

    assert.equal("CREATE_COMPLETE", stack.status)
    assert.same({
      "CREATE_IN_PROGRESS s",
      "CREATE_IN_PROGRESS A", "CREATE_IN_PROGRESS A", "CREATE_COMPLETE A",
      "CREATE_IN_PROGRESS B", "CREATE_IN_PROGRESS B", "CREATE_COMPLETE B",
      "CREATE_IN_PROGRESS C", "CREATE_IN_PROGRESS C", "CREATE_COMPLETE C",
      "CREATE_COMPLETE s",
    }, history(stack))
    assert.equal("a a-b c", group_names())
    local shown = call("DescribeStacks", { StackName = "s" }).Stacks[1]
    assert.equal("arn:aws:logs:us-east-1:123456789012:log-group:a:*", shown.Outputs[1].OutputValue)
    assert.equal("a-b", shown.Outputs[2].OutputValue)
    assert.equal("of B", shown.Outputs[2].Description)
  end)

  cloudy("takes back what it made when a resource fails", function()
    local stack = create("s", { A = group "a", Bad = impossible { DependsOn = "A" } })

    assert.equal("ROLLBACK_COMPLETE", stack.status)
    assert.equal("", group_names())
    local lines = history(stack)
    local failed = place(lines, "CREATE_FAILED Bad")
    assert.matches("The role defined for the function cannot be assumed",
      stack.events[failed].reason)
    assert.is_true(failed < place(lines, "ROLLBACK_IN_PROGRESS s"))
    assert.is_true(place(lines, "ROLLBACK_IN_PROGRESS s") < place(lines, "DELETE_COMPLETE A"))
    assert.equal("The following resource(s) failed to create: [Bad]. Rollback requested by user.",
      stack.events[place(lines, "ROLLBACK_IN_PROGRESS s")].reason)
  end)

  cloudy("deletes itself, or stays as it is, when that was asked for", function()
    local gone = create("gone", { A = group "a", Bad = impossible() }, nil,
      { OnFailure = "DELETE" })
    local left = create("left", { B = group "b", Bad = impossible { DependsOn = "B" } }, nil,
      { DisableRollback = "true" })

    assert.equal("DELETE_COMPLETE", gone.status)
    refused("ValidationError", "^ValidationError: Stack with id gone does not exist$",
      "DescribeStacks", { StackName = "gone" })
    assert.equal("DELETE_COMPLETE",
      call("DescribeStacks", { StackName = gone.id }).Stacks[1].StackStatus)
    assert.equal("CREATE_FAILED", left.status)
    assert.equal("b", group_names())
  end)

  cloudy("resolves conditions, mappings and what is recorded only", function()
    local stack = create("s", {
      Yes = group("yes", { Condition = "IsProd" }),
      No = group("no", { Condition = "IsDev" }),
      Queue = { Type = "AWS::SQS::Queue", Properties = { QueueName = "jobs" } },
      Odd = { Type = "AWS::Quantum::Gate" },
    }, {
      Parameters = { Stage = { Type = "String", Default = "prod" } },
      Mappings = { M = { prod = { x = "mapped" } } },
      Conditions = {
        IsProd = { ["Fn::Equals"] = { { Ref = "Stage" }, "prod" } },
        IsDev = { ["Fn::Not"] = { { Condition = "IsProd" } } },
      },
      Outputs = {
        Url = { Value = { Ref = "Queue" } },
        Arn = { Value = { ["Fn::GetAtt"] = "Queue.Arn" } },
        Odd = { Value = { ["Fn::GetAtt"] = { "Odd", "Spin" } } },
        Mapped = { Value = { ["Fn::FindInMap"] = { "M", { Ref = "Stage" }, "x" } } },
        Absent = { Condition = "IsDev", Value = { Ref = "No" } },
      },
    })

    local values = {}
    for _, output in ipairs(stack.outputs) do
      values[output.key] = output.value
    end
    assert.same({
      Url = current.url .. "/123456789012/jobs",
      Arn = "arn:aws:sqs:us-east-1:123456789012:jobs",
      Odd = "recorded-only:Spin",
      Mapped = "mapped",
    }, values)
    assert.is_nil(stack.resources.No)
    assert.matches("^s%-Odd%-%w+$", stack.resources.Odd.physical_id)
    assert.matches("recorded only", stack.resources.Queue.reason)
  end)

  cloudy("gives recorded user pools ids and attributes of Cognito's form", function()
    local stack = create("s", {
      Pool = { Type = "AWS::Cognito::UserPool", Properties = { UserPoolName = "guests" } },
      Client = {
        Type = "AWS::Cognito::UserPoolClient", Properties = { UserPoolId = { Ref = "Pool" } },
      },
    }, {
      Outputs = {
        Arn = { Value = { ["Fn::GetAtt"] = "Pool.Arn" } },
        Client = { Value = { Ref = "Client" } },
        Provider = { Value = { ["Fn::GetAtt"] = "Pool.ProviderURL" } },
      },
    })

    local values, id = {}, stack.resources.Pool.physical_id
    for _, output in ipairs(stack.outputs) do
      values[output.key] = output.value
    end
    assert.matches("^us%-east%-1_%w%w%w%w%w%w%w%w%w$", id)
    assert.equal("arn:aws:cognito-idp:us-east-1:123456789012:userpool/" .. id, values.Arn)
    assert.equal("https://cognito-idp.us-east-1.amazonaws.com/" .. id, values.Provider)
    assert.matches("^[%l%d]+$", values.Client)
    assert.equal(26, #values.Client)
  end)

  cloudy("refuses what CloudFormation refuses, in its words", function()
    local role = { R = { Type = "AWS::IAM::Role", Properties = { RoleName = "r" } } }
    local one = { A = group "a" }
    local cases = {
      { one, nil,
        { Parameters = { { ParameterKey = "X", ParameterValue = "1" } } }, "do not exist in the" },
      { one, { Parameters = { P = { Type = "String" } } }, nil,
        "Parameters: %[P%] must have values" },
      { one, { Parameters = { P = { Type = "String", AllowedValues = { "a" } } } },
        { Parameters = { { ParameterKey = "P", ParameterValue = "b" } } },
        "Parameter 'P' must be one of AllowedValues" },
      { one, { Parameters = { P = { Type = "String", AllowedPattern = "[a-z]+" } } },
        { Parameters = { { ParameterKey = "P", ParameterValue = "9" } } },
        "Parameter 'P' must match pattern %[a%-z%]%+" },
      { one, { Parameters = { P = { Type = "Number" } } },
        { Parameters = { { ParameterKey = "P", ParameterValue = "nine" } } },
        "Parameter 'P' must be a number" },
      { { A = group { Ref = "Nobody" } }, nil, nil,
        "Unresolved resource dependencies %[Nobody%] in the Resources block of the template" },
      { { A = group { Ref = "B" }, B = group { Ref = "A" } }, nil, nil,
        "Circular dependency between resources: %[A, B%]" },
      { { A = { Type = "Nonsense" } }, nil, nil, "Unrecognized resource types: %[Nonsense%]" },
      { { A = {} }, nil, nil, "Every Resources object must contain a Type member" },
      { one, { Colour = "red" }, nil, "Invalid template property or properties %[Colour%]" },
      { one, { Transform = "AWS::Serverless-2016-10-31" }, nil, "transform AWS::Serverless" },
      { { A = group { ["Fn::GetAtt"] = { "Nobody", "Arn" } } }, nil, nil,
        "Fn::GetAtt references undefined resource Nobody" },
      { { A = group { ["Fn::If"] = { "C", 1, 2 } } }, nil, nil,
        "unresolved condition dependency C" },
    }
    for _, case in ipairs(cases) do
      local params = { StackName = "s", TemplateBody = body_of(case[1], case[2]) }
      for key, value in pairs(case[3] or {}) do
        params[key] = value
      end
      refused("ValidationError", case[4], "CreateStack", params)
    end
    refused("InsufficientCapabilitiesException", "Requires capabilities : %[CAPABILITY_NAMED_IAM%]",
      "CreateStack", { StackName = "s", TemplateBody = body_of(role),
        Capabilities = { "CAPABILITY_IAM" } })
    refused("ValidationError", "Either Template URL or Template Body", "CreateStack",
      { StackName = "s" })
    refused("ValidationError", "JSON templates alone", "CreateStack",
      { StackName = "s", TemplateBody = "Resources: {}" })
    refused("ValidationError", "less than or equal to 51200", "CreateStack",
      { StackName = "s", TemplateBody = "{" .. (" "):rep(51200) .. "}" })
    refused("ValidationError", "stackName", "CreateStack",
      { StackName = "9s", TemplateBody = body_of(one) })
    local many = {}
    for i = 1, 501 do
      many["R" .. i] = { Type = "AWS::SNS::Topic" }
    end
    refused("ValidationError", "Number of resources, 501, is greater than maximum allowed, 500",
      "CreateStack", { StackName = "s", TemplateBody = body_of(many) })
    create("s", one)
    refused("AlreadyExistsException", "Stack %[s%] already exists", "CreateStack",
      { StackName = "s", TemplateBody = body_of(one) })
  end)

  cloudy("masks what must not be echoed", function()
    create("s", { A = group { Ref = "Secret" } }, {
      Parameters = { Secret = { Type = "String", NoEcho = true } },
    }, { Parameters = { { ParameterKey = "Secret", ParameterValue = "hush" } } })

    local shown = call("DescribeStacks", { StackName = "s" }).Stacks[1].Parameters[1]
    assert.equal("****", shown.ParameterValue)
  end)
end)

describe("UpdateStack", function()
  cloudy("changes in place, replaces, adds, and cleans up at the end", function()
    local stack = create("s", {
      Kept = group "kept",
      Moved = group "before",
      Dropped = group "dropped",
      User = group { ["Fn::Sub"] = "user-of-${Moved}" },
    })
    local from = #stack.events
    update("s", {
      Kept = group("kept", { Properties = { LogGroupName = "kept", RetentionInDays = 7 } }),
      Moved = group "after",
      User = group { ["Fn::Sub"] = "user-of-${Moved}" },
      New = group "new",
    })

    assert.equal("UPDATE_COMPLETE", stack.status)
    assert.equal("after kept new user-of-after", group_names())
    local lines = history(stack, from)
    local cleanup = place(lines, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS s")
    assert.is_true(place(lines, "UPDATE_COMPLETE Moved") < cleanup)
    assert.is_true(cleanup < place(lines, "DELETE_COMPLETE Moved"))
    assert.is_true(cleanup < place(lines, "DELETE_COMPLETE Dropped"))
    assert.equal("UPDATE_COMPLETE s", lines[#lines])
  end)

  cloudy("puts everything back when a resource fails", function()
    local stack = create("s", { A = group "a", B = group "b", Gone = group "gone" })
    local old_template = stack.template
    update("s", {
      A = group("a", { Properties = { LogGroupName = "a", RetentionInDays = 7 } }),
      B = group "b2",
      C = group "c",
      Bad = impossible { DependsOn = { "A", "B", "C" } },
    })

    assert.equal("UPDATE_ROLLBACK_COMPLETE", stack.status)
    assert.equal("a b gone", group_names())
    assert.equal(old_template, stack.template)
    assert.is_nil(stack.resources.Bad)
    assert.is_nil(stack.resources.C)
    assert.equal("b", stack.resources.B.physical_id)
    local found = current:call("logs", "DescribeLogGroups", { logGroupNamePrefix = "a" })
    assert.is_nil(found.logGroups[1].retentionInDays)
    assert.is_not_nil(place(history(stack), "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS s"))
  end)

  cloudy("does nothing when nothing changed, and says so", function()
    create("s", { A = group "a" })

    refused("ValidationError", "^ValidationError: No updates are to be performed.$", "UpdateStack",
      { StackName = "s", TemplateBody = body_of { A = group "a" } })
    refused("ValidationError", "Stack %[none%] does not exist", "UpdateStack",
      { StackName = "none", TemplateBody = body_of { A = group "a" } })
    refused("ValidationError", "Update of resource type is not permitted", "UpdateStack",
      { StackName = "s", TemplateBody = body_of { A = { Type = "AWS::SNS::Topic" } } })
    assert.equal("UPDATE_COMPLETE",
      update("s", { A = group "a" }, { Outputs = { X = { Value = "1" } } }).status)
  end)

  cloudy("refuses to replace what keeps its own name", function()
    local function role(path)
      return { R = { Type = "AWS::IAM::Role", Properties = {
        RoleName = "named", Path = path,
        AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
          Effect = "Allow", Action = "sts:AssumeRole",
          Principal = { Service = "lambda.amazonaws.com" },
        } } },
      } } }
    end
    local able = { Capabilities = { "CAPABILITY_NAMED_IAM" } }
    create("s", role "/", nil, able)
    local stack = update("s", role "/other/", nil, able)

    assert.equal("UPDATE_ROLLBACK_COMPLETE", stack.status)
    assert.matches("custom%-named resource requires replacing. Rename named and update the stack",
      stack.events[place(history(stack), "UPDATE_FAILED R")].reason)
  end)
end)

describe("change sets", function()
  cloudy("tell what would change, and change it when executed", function()
    create("s", {
      Edited = group "edited", Moved = group "moved", Dropped = group "dropped",
      User = group { ["Fn::Sub"] = "u-${Moved}" },
    })
    local made = call("CreateChangeSet", { StackName = "s", ChangeSetName = "c",
      TemplateBody = body_of {
        Edited = group("edited", { Properties = { LogGroupName = "edited", RetentionInDays = 1 } }),
        Moved = group "moved2",
        User = group { ["Fn::Sub"] = "u-${Moved}" },
        New = group "new",
      } })
    local described = call("DescribeChangeSet", { ChangeSetName = made.Id })

    assert.equal("CREATE_COMPLETE", described.Status)
    assert.equal("AVAILABLE", described.ExecutionStatus)
    local by_id = {}
    for _, change in ipairs(described.Changes) do
      by_id[change.ResourceChange.LogicalResourceId] = change.ResourceChange
    end
    assert.equal("Add", by_id.New.Action)
    assert.equal("Remove", by_id.Dropped.Action)
    assert.equal("False", by_id.Edited.Replacement)
    assert.equal("RetentionInDays", by_id.Edited.Details[1].Target.Name)
    assert.equal("Never", by_id.Edited.Details[1].Target.RequiresRecreation)
    assert.equal("True", by_id.Moved.Replacement)
    assert.equal("Always", by_id.Moved.Details[1].Target.RequiresRecreation)
    assert.equal("Dynamic", by_id.User.Details[1].Evaluation)
    assert.equal("Moved", by_id.User.Details[1].CausingEntity)

    call("ExecuteChangeSet", { StackName = "s", ChangeSetName = "c" })
    assert.equal("UPDATE_COMPLETE", settled("s").status)
    assert.equal("edited moved2 new u-moved2", group_names())
    refused("InvalidChangeSetStatus", "EXECUTE_COMPLETE", "ExecuteChangeSet",
      { ChangeSetName = made.Id })
  end)

  cloudy("without a change fail, in AWS's words", function()
    create("s", { A = group "a" })
    call("CreateChangeSet", { StackName = "s", ChangeSetName = "c",
      TemplateBody = body_of { A = group "a" } })
    local described = call("DescribeChangeSet", { StackName = "s", ChangeSetName = "c" })

    assert.equal("FAILED", described.Status)
    assert.equal("UNAVAILABLE", described.ExecutionStatus)
    assert.equal("The submitted information didn't contain changes. "
      .. "Submit different information to create a change set.", described.StatusReason)
    call("DeleteChangeSet", { StackName = "s", ChangeSetName = "c" })
    refused("ChangeSetNotFound", "ChangeSet %[c%] does not exist", "DescribeChangeSet",
      { StackName = "s", ChangeSetName = "c" })
  end)

  cloudy("create stacks that are under review until then", function()
    call("CreateChangeSet", { StackName = "s", ChangeSetName = "c", ChangeSetType = "CREATE",
      TemplateBody = body_of { A = group "a" } })

    assert.equal("REVIEW_IN_PROGRESS", store.get(current, REGION, "s").status)
    assert.equal("", group_names())
    call("ExecuteChangeSet", { StackName = "s", ChangeSetName = "c" })
    assert.equal("CREATE_COMPLETE", settled("s").status)
    refused("ValidationError", "already exists and cannot be created again", "CreateChangeSet",
      { StackName = "s", ChangeSetName = "d", ChangeSetType = "CREATE",
        TemplateBody = body_of { A = group "a" } })
  end)
end)

describe("DeleteStack", function()
  cloudy("deletes in reverse order, but for what is retained", function()
    local stack = create("s", {
      A = group "a", B = group { ["Fn::Sub"] = "${A}-b" },
      Keep = group("keep", { DeletionPolicy = "Retain" }),
    })
    local from = #stack.events
    call("DeleteStack", { StackName = "s" })
    settled(stack.id)

    assert.equal("DELETE_COMPLETE", stack.status)
    assert.equal("keep", group_names())
    local lines = history(stack, from)
    assert.is_true(place(lines, "DELETE_COMPLETE B") < place(lines, "DELETE_IN_PROGRESS A"))
    assert.is_not_nil(place(lines, "DELETE_SKIPPED Keep"))
    call("DeleteStack", { StackName = "s" }) -- what is gone may be deleted again
  end)

  cloudy("is refused while something protects the stack", function()
    create("base", { A = group "a" },
      { Outputs = { X = { Value = { Ref = "A" }, Export = { Name = "shared" } } } })
    local user = create("user", { B = group { ["Fn::Join"] = { "-",
      { { ["Fn::ImportValue"] = "shared" }, "b" } } } })
    call("UpdateTerminationProtection",
      { StackName = "user", EnableTerminationProtection = "true" })

    assert.equal("a-b", user.resources.B.physical_id)
    refused("ValidationError", "TerminationProtection is enabled", "DeleteStack",
      { StackName = "user" })
    call("DeleteStack", { StackName = "base" })
    local base = settled "base"
    assert.equal("CREATE_COMPLETE", base.status)
    assert.equal("Delete canceled. Cannot delete export shared as it is in use by user.",
      base.events[#base.events].reason)
    assert.equal("a a-b", group_names())
    assert.same({ "user" }, call("ListImports", { ExportName = "shared" }).Imports)
    assert.equal("UPDATE_ROLLBACK_COMPLETE", update("base", { A = group "a" }).status)
  end)
end)

describe("what is told", function()
  cloudy("comes in pages, the newest event first", function()
    local resources = {}
    for i = 1, 50 do
      resources["Topic" .. i] = { Type = "AWS::SNS::Topic" }
    end
    local stack = create("s", resources)
    local seen, token = 0, nil
    repeat
      local page = call("DescribeStackEvents", { StackName = "s", NextToken = token })
      seen, token = seen + #page.StackEvents, page.NextToken
    until not token

    assert.equal(#stack.events, seen)
    assert.equal(152, seen)
    local newer = call("DescribeStackEvents", { StackName = "s" })
    table.insert(stack.events, stack.events[1])
    local older = call("DescribeStackEvents", { StackName = "s", NextToken = newer.NextToken })
    table.remove(stack.events)
    assert.equal(52, #older.StackEvents)
    refused("ValidationError", "The specified NextToken is not valid", "DescribeStackEvents",
      { StackName = "s", NextToken = "page-1" })
    local first = call("DescribeStackEvents", { StackName = "s" }).StackEvents[1]
    assert.equal("CREATE_COMPLETE", first.ResourceStatus)
    assert.equal("s", first.LogicalResourceId)
    assert.equal(50, #call("DescribeStackResources", { StackName = "s" }).StackResources)
    refused("ValidationError", "Resource None does not exist for stack s", "DescribeStackResource",
      { StackName = "s", LogicalResourceId = "None" })
  end)

  cloudy("covers templates that are not stacks yet", function()
    local text = body_of({ R = { Type = "AWS::IAM::Role" } }, {
      Description = "d", Parameters = { P = { Type = "String", Default = "x" } },
    })
    local summary = call("GetTemplateSummary", { TemplateBody = text })

    assert.same({ "CAPABILITY_IAM" }, summary.Capabilities)
    assert.same({ "AWS::IAM::Role" }, summary.ResourceTypes)
    assert.equal("x", call("ValidateTemplate", { TemplateBody = text }).Parameters[1].DefaultValue)
  end)
end)

-- Puts a template where a TemplateURL can name it.
local function stored(key, text)
  local buckets = require "engine.local.services.s3.buckets"
  local objects = require "engine.local.services.s3.objects"
  if not buckets.peek(current, "templates") then
    buckets.create(current, "templates", REGION)
  end
  local index = buckets.index(current, "templates")
  local version = { key = key, size = #text, headers = {}, metadata = {}, etag = "x" }
  version.body = index:new_body()
  assert(file.write(index:body_path(version), text))
  objects.add(current, buckets.find(current, "templates"), version)
  return ("%s/templates/%s"):format(current.url, key)
end

describe("a nested stack", function()
  cloudy("lives and dies with its parent", function()
    local child = { Inner = group { Ref = "Name" } }
    local more = {
      Parameters = { Name = { Type = "String" } },
      Outputs = { Arn = { Value = { ["Fn::GetAtt"] = { "Inner", "Arn" } } } },
    }
    local url = stored("child.json", body_of(child, more))
    local function parent(name)
      return { Child = { Type = "AWS::CloudFormation::Stack", Properties = {
        TemplateURL = url, Parameters = { Name = name },
      } } }
    end
    local outputs = { Outputs = { Arn = { Value = { ["Fn::GetAtt"] = "Child.Outputs.Arn" } } } }
    local stack = create("s", parent "one", outputs)

    assert.equal("CREATE_COMPLETE", stack.status)
    assert.equal("arn:aws:logs:us-east-1:123456789012:log-group:one:*", stack.outputs[1].value)
    assert.equal("UPDATE_COMPLETE", update("s", parent "two", outputs).status)
    assert.equal("two", group_names())
    assert.equal("arn:aws:logs:us-east-1:123456789012:log-group:two:*", stack.outputs[1].value)
    assert.equal(stack.id,
      call("DescribeStacks", { StackName = stack.resources.Child.physical_id }).Stacks[1].ParentId)
    call("DeleteStack", { StackName = "s" })
    assert.equal("DELETE_COMPLETE", settled(stack.id).status)
    assert.equal("", group_names())
  end)
end)

describe("a cloud that was killed", function()
  it("brings its stacks to their end when it is started again", function()
    local folder = assert(file.temporary_folder())
    local ok, problem = pcall(function()
      in_cloud(function(opened)
        current = opened
        call("CreateStack", { StackName = "s", TemplateBody = body_of {
          A = group "a", B = group { ["Fn::Sub"] = "${A}-b" },
        } })
      end, folder) -- ends in the middle: every task is dropped where it stands

      in_cloud(function(opened)
        current = opened
        opened:service "cloudformation"
        assert.equal("CREATE_COMPLETE", settled("s").status)
        assert.equal("a a-b", group_names())
        call("DeleteStack", { StackName = "s" })
      end, folder)

      in_cloud(function(opened)
        current = opened
        opened:service "cloudformation"
        local stack = store.all(opened, REGION)[1]
        settled(stack.id)
        assert.equal("DELETE_COMPLETE", stack.status)
        assert.equal("", group_names())
      end, folder)
    end)
    file.remove_tree(folder)
    assert(ok, problem)
  end)
end)
