local apply = require "engine.apply"
local change_set_request = require "engine.aws.change_set_request"
local fake_aws = dofile "tests/lua/fake_aws.lua"
local inplace = require "engine.inplace"

local MODEL = {
  name = "hello",
  tags = { team = "shop" },
  where = { Q = "service.lua:5" },
  functions = {},
}

local function new_build(template)
  return {
    bucket = "artifacts",
    template = template or { Resources = { Q = { Type = "AWS::SQS::Queue" } } },
    template_text = "{}",
    template_key = "hello/template-1.json",
  }
end

local MADE = {
  DescribeEvents = { fake_aws.refusal(400, "InvalidAction", "not known here") },
  CreateChangeSet = { { Id = "arn:cs", StackId = fake_aws.ID } },
  DescribeChangeSet = {
    {
      Status = "CREATE_COMPLETE",
      Changes = { { ResourceChange = { Action = "Add", LogicalResourceId = "Q" } } },
    },
  },
  DeleteChangeSet = { {} },
  DeleteStack = { {} },
  DescribeStackEvents = { fake_aws.events { { "hello", "REVIEW_IN_PROGRESS" } } },
  ExecuteChangeSet = { {} },
  ListChangeSets = { { Summaries = {} } },
  ListStackResources = { { StackResourceSummaries = {} } },
}

local function cloud_with(scripts)
  return fake_aws.new(setmetatable(scripts, { __index = MADE }))
end

local function run(cloud, options, build)
  return apply.run(MODEL, build or new_build(), cloud:session(), options or {})
end

local function mistake(fn, ...)
  local ok, raised = pcall(fn, ...)
  assert.is_false(ok)
  return raised
end

describe("engine.apply", function()
  it("creates what is not there, and asks that a failure leaves nothing", function()
    local cloud = cloud_with { DescribeStacks = { fake_aws.no_stack() } }

    local operation = run(cloud, { params = {}, tags = { stage = "test" } })

    assert.equal("create", operation.kind)
    assert.equal(fake_aws.ID, operation.id)
    local params = cloud:asked("CreateChangeSet")[1].params
    assert.equal("CREATE", params.ChangeSetType)
    assert.equal("DELETE", params.OnStackFailure)
    assert.equal("http://localhost:1/artifacts/hello/template-1.json", params.TemplateURL)
    assert.equal("stage", params["Tags.member.1.Key"])
    assert.equal("team", params["Tags.member.2.Key"])
    assert.equal(1, #cloud:asked "ExecuteChangeSet")
  end)

  it("creates where OnStackFailure is not known", function()
    local tries = 0
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.no_stack() },
      CreateChangeSet = function(params)
        tries = tries + 1
        if params.OnStackFailure then
          return fake_aws.refusal(400, "ValidationError", "unknown parameter OnStackFailure")
        end
        return { Id = "arn:cs", StackId = fake_aws.ID }
      end,
    }

    assert.equal("create", run(cloud).kind)
    assert.equal(2, tries)
  end)

  it("treats a change set without a stack as not created, and clears it away", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "REVIEW_IN_PROGRESS" },
      ListChangeSets = {
        {
          Summaries = {
            { ChangeSetName = "laconic-1", ExecutionStatus = "AVAILABLE" },
            { ChangeSetName = "theirs", ExecutionStatus = "AVAILABLE" },
          },
          NextToken = "2",
        },
        { Summaries = { { ChangeSetName = "laconic-2", ExecutionStatus = "UNAVAILABLE" } } },
      },
    }

    assert.equal("create", run(cloud).kind)
    local removed = {}
    for i, call in ipairs(cloud:asked "DeleteChangeSet") do
      removed[i] = call.params.ChangeSetName
    end
    assert.same({ "laconic-1", "laconic-2" }, removed)
  end)

  for _, status in ipairs {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "CREATE_FAILED",
    "UPDATE_FAILED",
  } do
    it("updates a stack in " .. status, function()
      local cloud = cloud_with { DescribeStacks = { fake_aws.stack(status) } }

      local operation = run(cloud)

      assert.equal("update", operation.kind)
      assert.equal("hello-REVIEW_IN_PROGRESS", operation.mark)
      local params = cloud:asked("CreateChangeSet")[1].params
      assert.equal("UPDATE", params.ChangeSetType)
      assert.is_nil(params.OnStackFailure)
    end)
  end

  for _, status in ipairs {
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
  } do
    it("waits for a stack in " .. status .. ", then updates it", function()
      local cloud = cloud_with {
        DescribeStacks = {
          fake_aws.stack(status),
          fake_aws.stack(status),
          fake_aws.stack "UPDATE_COMPLETE",
        },
        DescribeStackEvents = {
          fake_aws.events { { "hello", status } },
          fake_aws.events { { "hello", status } },
          fake_aws.events { { "hello", status }, { "hello", "UPDATE_COMPLETE" } },
        },
      }

      assert.equal("update", run(cloud).kind)
    end)
  end

  it("deletes the remains of a failed create, then creates", function()
    local cloud = cloud_with {
      DescribeStacks = {
        fake_aws.stack "ROLLBACK_COMPLETE",
        fake_aws.stack "DELETE_IN_PROGRESS",
        fake_aws.no_stack(),
      },
    }

    assert.equal("create", run(cloud).kind)
    assert.equal(fake_aws.ID, cloud:asked("DeleteStack")[1].params.StackName)
  end)

  it("does not delete remains of which something was kept", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "ROLLBACK_COMPLETE" },
      ListStackResources = {
        {
          StackResourceSummaries = {
            { LogicalResourceId = "Gone", ResourceStatus = "DELETE_COMPLETE" },
            { LogicalResourceId = "Table", ResourceStatus = "DELETE_SKIPPED" },
          },
        },
      },
    }

    local raised = mistake(run, cloud)

    assert.equal("not_rolled_back", raised.kind)
    assert.matches("Table %(DELETE_SKIPPED%)", tostring(raised))
    assert.equal(0, #cloud:asked "DeleteStack")
  end)

  for _, status in ipairs {
    "UPDATE_ROLLBACK_FAILED",
    "ROLLBACK_FAILED",
    "DELETE_FAILED",
    "IMPORT_ROLLBACK_FAILED",
  } do
    it("says what to do about a stack in " .. status, function()
      local cloud = cloud_with {
        DescribeStacks = { fake_aws.stack(status) },
        ListStackResources = {
          {
            StackResourceSummaries = {
              {
                LogicalResourceId = "Q",
                ResourceStatus = "UPDATE_FAILED",
                ResourceStatusReason = "stuck",
              },
            },
          },
        },
      }

      local raised = mistake(run, cloud)

      assert.equal("not_rolled_back", raised.kind)
      assert.equal("E502", raised.code)
      assert.matches(status .. " and cannot be updated: Q: stuck", tostring(raised))
      assert.is_not_nil(raised.hint)
      assert.equal(0, #cloud:asked "CreateChangeSet")
    end)
  end

  for _, reason in ipairs {
    "The submitted information didn't contain changes. Submit different information.",
    "No updates are to be performed.",
  } do
    it("sees that nothing would change: " .. reason:sub(1, 10), function()
      local cloud = cloud_with {
        DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
        DescribeChangeSet = { { Status = "FAILED", StatusReason = reason } },
      }

      local operation = run(cloud)

      assert.equal("none", operation.kind)
      assert.equal(1, #cloud:asked "DeleteChangeSet")
      assert.equal(0, #cloud:asked "ExecuteChangeSet")
    end)
  end

  it("takes methods away before it deploys the API anew, and keeps no template of that", function()
    local function changed(action, type_name, id)
      return {
        ResourceChange = {
          Action = action,
          LogicalResourceId = id,
          ResourceType = "AWS::ApiGateway::" .. type_name,
        },
      }
    end
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeChangeSet = {
        {
          Status = "CREATE_COMPLETE",
          Changes = {
            changed("Remove", "Method", "Get"),
            changed("Remove", "Deployment", "D000000000001"),
            changed("Add", "Deployment", "D000000000002"),
          },
        },
      },
      PutObject = { { headers = {} } },
      DeleteObject = { { headers = {} } },
    }
    local build = new_build()
    build.service_name = "hello"
    build.template_text = '{"Resources":{"D000000000002":{}}}'

    local operation = run(cloud, nil, build)

    assert.is_true(operation.first)
    local sent = cloud:asked("PutObject")[1]
    assert.equal('{"Resources":{"D000000000001":{}}}', sent.params.body)
    local asked = cloud:asked "CreateChangeSet"
    assert.matches("/template%-1%.json$", asked[1].params.TemplateURL)
    assert.matches("/artifacts/hello/removals%-%x+%.json$", asked[2].params.TemplateURL)
    assert.not_equal(asked[1].params.ChangeSetName, asked[2].params.ChangeSetName)
    assert.equal(1, #cloud:asked "DeleteChangeSet")
    assert.equal(1, #cloud:asked "DeleteObject")
    assert.equal(asked[2].params.ChangeSetName,
      cloud:asked("ExecuteChangeSet")[1].params.ChangeSetName)
  end)

  it("executes a change of outputs alone, which lists no resource", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeChangeSet = { { Status = "CREATE_COMPLETE", Changes = {} } },
    }

    assert.equal("update", run(cloud).kind)
    assert.equal(1, #cloud:asked "ExecuteChangeSet")
  end)

  it("leaves nothing behind when the change set fails", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.no_stack(), fake_aws.stack "REVIEW_IN_PROGRESS" },
      DescribeChangeSet = {
        { Status = "CREATE_IN_PROGRESS" },
        { Status = "FAILED", StatusReason = "Unresolved resource dependencies [X]" },
      },
    }

    local raised = mistake(run, cloud)

    assert.matches("refused the template: Unresolved resource dependencies", tostring(raised))
    assert.equal(1, #cloud:asked "DeleteChangeSet")
    assert.equal(1, #cloud:asked "DeleteStack")
  end)

  it("tells what early validation found, at the author's line", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeChangeSet = { { Status = "FAILED", StatusReason = "AWS::EarlyValidation failed" } },
      DescribeEvents = {
        {
          OperationEvents = {
            { EventType = "STACK_EVENT" },
            {
              LogicalResourceId = "Q",
              ValidationPath = "/Resources/Q/Properties/Delay",
              ValidationStatusReason = "extraneous key",
            },
          },
        },
      },
    }

    assert.equal(
      "service.lua:5: CloudFormation refused the template:"
        .. " /Resources/Q/Properties/Delay: extraneous key",
      tostring(mistake(run, cloud))
    )
    assert.equal("DeleteChangeSet", cloud:actions()[#cloud.calls])
  end)

  it("leaves nothing behind when it may not execute", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.no_stack(), fake_aws.stack "REVIEW_IN_PROGRESS" },
      ExecuteChangeSet = { fake_aws.refusal(403, "AccessDenied", "no") },
    }

    assert.equal("denied", mistake(run, cloud).kind)
    assert.equal(1, #cloud:asked "DeleteChangeSet")
    assert.equal(1, #cloud:asked "DeleteStack")
  end)

  it("takes nothing back when it is not known whether the change began", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      ExecuteChangeSet = { fake_aws.lost() },
    }

    local raised = mistake(run, cloud)

    assert.is_true(raised.still_running)
    assert.equal(0, #cloud:asked "DeleteChangeSet")
  end)

  it("goes on when an answer was lost, and the request sent again", function()
    local cloud = cloud_with {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      CreateChangeSet = { fake_aws.refusal(400, "AlreadyExistsException", "exists") },
      ExecuteChangeSet = {
        fake_aws.refusal(400, "InvalidChangeSetStatus", "... status of EXECUTE_IN_PROGRESS."),
      },
    }

    assert.equal("update", run(cloud).kind)
    assert.equal(0, #cloud:asked "DeleteChangeSet")
  end)

  it("gives parameters: what was said, what is live, the bucket", function()
    local build = new_build {
      Parameters = {
        ArtifactBucket = { Type = "String" },
        Live = { Type = "String" },
        Said = { Type = "String" },
        WithDefault = { Type = "String", Default = "x" },
      },
      Resources = {},
    }
    local live = { Parameters = { { ParameterKey = "Live", ParameterValue = "old" } } }
    local cloud = cloud_with { DescribeStacks = { fake_aws.stack("CREATE_COMPLETE", live) } }

    run(cloud, { params = { Said = "new" } }, build)

    local params = cloud:asked("CreateChangeSet")[1].params
    assert.equal("ArtifactBucket", params["Parameters.member.1.ParameterKey"])
    assert.equal("artifacts", params["Parameters.member.1.ParameterValue"])
    assert.equal("Live", params["Parameters.member.2.ParameterKey"])
    assert.equal("true", params["Parameters.member.2.UsePreviousValue"])
    assert.equal("new", params["Parameters.member.3.ParameterValue"])
    assert.is_nil(params["Parameters.member.4.ParameterKey"])
  end)

  it("refuses a parameter that nobody declared, and one that nobody gave", function()
    local scripts = { DescribeStacks = { fake_aws.no_stack() } }
    local build = new_build { Parameters = { Size = { Type = "Number" } }, Resources = {} }

    local unknown = mistake(run, cloud_with(scripts), { params = { Syze = 1 } }, build)
    local missing = mistake(run, cloud_with(scripts), {}, build)

    assert.equal("usage", unknown.kind)
    assert.equal("--param: unknown parameter 'Syze' (did you mean 'Size'?)", unknown.message)
    assert.equal("no value for the parameter Size", missing.message)
  end)

  it("does not create a stack to change it in place", function()
    local cloud = cloud_with { DescribeStacks = { fake_aws.no_stack() } }

    local raised = mistake(apply.prepare, MODEL, new_build(), cloud:session(), { inplace = true })

    assert.equal("E504", raised.code)
    assert.equal(0, #cloud:asked "CreateChangeSet")
  end)
end)

describe("engine.aws.change_set_request", function()
  local function capabilities(resources, transform)
    return change_set_request.capabilities { Resources = resources, Transform = transform }
  end

  it("asks for no capability that the template does not need", function()
    assert.same({}, capabilities { Q = { Type = "AWS::SQS::Queue" } })
    assert.same({ "CAPABILITY_IAM" }, capabilities { R = { Type = "AWS::IAM::Role" } })
    assert.same({ "CAPABILITY_IAM" }, capabilities { R = { Type = "AWS::IAM::Policy" } })
    assert.same(
      { "CAPABILITY_NAMED_IAM" },
      capabilities { R = { Type = "AWS::IAM::Role", Properties = { RoleName = "r" } } }
    )
    assert.same(
      { "CAPABILITY_AUTO_EXPAND" },
      capabilities({ Q = { Type = "AWS::SQS::Queue" } }, "AWS::Serverless-2016-10-31")
    )
  end)

  it("names a change set after what it is made from", function()
    local function name(text, tags)
      return change_set_request.params({
        stack_name = "hello",
        type = "CREATE",
        template = {},
        template_text = text,
        template_url = "u",
        parameters = {},
        live_parameters = {},
        tags = tags or {},
      }).ChangeSetName
    end

    assert.matches("^laconic%-%x+$", name "a")
    assert.equal(name "a", name "a")
    assert.not_equal(name "a", name "b")
    assert.not_equal(name "a", name("a", { k = "v" }))
  end)
end)

describe("engine.inplace", function()
  local function change(fields, names)
    local details = {}
    for i, name in ipairs(names) do
      details[i] = { Target = { Attribute = "Properties", Name = name } }
    end
    local made = {
      Action = "Modify",
      ResourceType = "AWS::Lambda::Function",
      LogicalResourceId = "HelloFunction",
      PhysicalResourceId = "hello_hello",
      Details = details,
    }
    for name, value in pairs(fields) do
      made[name] = value
    end
    return made
  end

  local function prepared(...)
    return {
      live = { id = fake_aws.ID, name = "hello" },
      made = { name = "laconic-1", stack = fake_aws.ID, changes = { ... }, empty = false },
    }
  end

  local build = {
    bucket = "artifacts",
    template = {
      Resources = {
        HelloFunction = {
          Properties = {
            Code = { S3Bucket = { Ref = "ArtifactBucket" }, S3Key = "hello/code-1.zip" },
          },
        },
      },
    },
  }

  it("gives functions their new code, waits for it, removes the change set", function()
    local cloud = cloud_with {
      UpdateFunctionCode = { { json = {} } },
      GetFunction = {
        { json = { Configuration = { LastUpdateStatus = "InProgress" } } },
        { json = { Configuration = { LastUpdateStatus = "Successful" } } },
      },
    }

    local operation = inplace.run(prepared(change({}, { "Code" })), build, cloud:session())

    assert.equal("inplace", operation.kind)
    assert.equal(
      '{"S3Bucket":"artifacts","S3Key":"hello/code-1.zip"}',
      cloud:asked("UpdateFunctionCode")[1].params.body
    )
    assert.equal(2, #cloud:asked "GetFunction")
    assert.equal(1, #cloud:asked "DeleteChangeSet")
  end)

  it("refuses anything else, lists it, and changes nothing", function()
    local cloud = cloud_with {}

    local raised = mistake(inplace.run, prepared(
      change({}, { "Code" }),
      change({ LogicalResourceId = "Other" }, { "Code", "Environment" }),
      change({ ResourceType = "AWS::SQS::Queue", LogicalResourceId = "Q" }, { "Code" }),
      change({ Action = "Add", LogicalResourceId = "New" }, {}),
      change({ LogicalResourceId = "Vague" }, {})
    ), build, cloud:session())

    assert.equal(
      "more than functions' code would change: Add of New, AWS::Lambda::Function;"
        .. " Modify of Other, AWS::Lambda::Function (Code, Environment);"
        .. " Modify of Q, AWS::SQS::Queue (Code); Modify of Vague, AWS::Lambda::Function",
      tostring(raised)
    )
    assert.same({ "DeleteChangeSet" }, cloud:actions())
  end)

  it("does nothing when nothing would change", function()
    local cloud, nothing = cloud_with {}, prepared()
    nothing.made.empty = true

    assert.equal("none", inplace.run(nothing, build, cloud:session()).kind)
    assert.same({}, cloud:actions())
  end)
end)
