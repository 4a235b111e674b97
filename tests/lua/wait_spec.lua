local delete = require "engine.delete"
local fake_aws = dofile "tests/lua/fake_aws.lua"
local follow = require "engine.aws.follow"
local wait = require "engine.wait"
local file = require "host.file"

local MODEL = { name = "hello", where = { Queue = "service.lua:7" } }

local folder

local function run(cloud, kind, options)
  local operation = { kind = kind, id = fake_aws.ID, name = "hello", mark = nil }
  return wait.run(operation, MODEL, { output_dir = folder }, cloud:session(), options)
end

local function mistake(fn, ...)
  local ok, raised = pcall(fn, ...)
  assert.is_false(ok)
  return raised
end

describe("engine.wait", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("returns the stack with its outputs, and hands on each event once", function()
    local outputs = {
      Outputs = { { OutputKey = "Url", OutputValue = "u" }, { OutputKey = "Arn" } },
    }
    local cloud = fake_aws.new {
      DescribeStacks = {
        fake_aws.stack "CREATE_IN_PROGRESS",
        fake_aws.stack "CREATE_IN_PROGRESS",
        fake_aws.stack("CREATE_COMPLETE", outputs),
      },
      DescribeStackEvents = {
        fake_aws.events { { "hello", "CREATE_IN_PROGRESS" } },
        fake_aws.events { { "hello", "CREATE_IN_PROGRESS" }, { "Queue", "CREATE_COMPLETE" } },
        fake_aws.events {
          { "hello", "CREATE_IN_PROGRESS" },
          { "Queue", "CREATE_COMPLETE" },
          { "hello", "CREATE_COMPLETE" },
        },
      },
    }
    local seen = {}

    local found = run(cloud, "create", {
      on_event = function(event)
        table.insert(seen, event.EventId)
      end,
    })

    assert.same({ { key = "Arn", value = "" }, { key = "Url", value = "u" } }, found.outputs)
    assert.same(
      { "hello-CREATE_IN_PROGRESS", "Queue-CREATE_COMPLETE", "hello-CREATE_COMPLETE" },
      seen
    )
  end)

  it("does not wait for a fast back end", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeStackEvents = { fake_aws.events { { "hello", "CREATE_COMPLETE" } } },
    }

    run(cloud, "create")

    assert.equal(1000, cloud.now)
  end)

  it("does not take the status from before for the one after", function()
    local cloud = fake_aws.new {
      DescribeStacks = {
        fake_aws.stack "UPDATE_COMPLETE",
        fake_aws.stack "UPDATE_IN_PROGRESS",
        fake_aws.stack("UPDATE_COMPLETE", { Description = "new" }),
      },
      DescribeStackEvents = {
        fake_aws.events { { "hello", "UPDATE_IN_PROGRESS" } },
        fake_aws.events { { "hello", "UPDATE_IN_PROGRESS" } },
        fake_aws.events { { "hello", "UPDATE_IN_PROGRESS" }, { "hello", "UPDATE_COMPLETE" } },
      },
    }

    assert.equal("new", run(cloud, "update").description)
  end)

  it("reads events page by page, and no further than the mark", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "UPDATE_COMPLETE" },
      DescribeStackEvents = {
        fake_aws.events({ { "hello", "UPDATE_COMPLETE" } }, "2"),
        fake_aws.events({ { "old", "CREATE_COMPLETE" }, { "Queue", "UPDATE_COMPLETE" } }, "3"),
      },
    }
    local operation = {
      kind = "update",
      id = fake_aws.ID,
      name = "hello",
      mark = "old-CREATE_COMPLETE",
    }
    local seen = {}

    wait.run(operation, MODEL, { output_dir = folder }, cloud:session(), {
      on_event = function(event)
        table.insert(seen, event.LogicalResourceId)
      end,
    })

    assert.same({ "Queue", "hello" }, seen)
    assert.equal(2, #cloud:asked "DescribeStackEvents")
    assert.equal("2", cloud:asked("DescribeStackEvents")[2].params.NextToken)
  end)

  it("tells an event once that is on two pages", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeStackEvents = {
        fake_aws.events({ { "Queue", "CREATE_COMPLETE" }, { "hello", "CREATE_COMPLETE" } }, "2"),
        fake_aws.events { { "hello", "CREATE_IN_PROGRESS" }, { "Queue", "CREATE_COMPLETE" } },
      },
    }
    local seen = {}

    run(cloud, "create", {
      on_event = function(event)
        table.insert(seen, event.EventId)
      end,
    })

    assert.same(
      { "hello-CREATE_IN_PROGRESS", "Queue-CREATE_COMPLETE", "hello-CREATE_COMPLETE" },
      seen
    )
  end)

  it("bears throttling and lost connections, more slowly", function()
    local cloud = fake_aws.new {
      DescribeStacks = {
        fake_aws.refusal(400, "Throttling", "Rate exceeded"),
        fake_aws.lost(),
        fake_aws.stack "CREATE_COMPLETE",
      },
      DescribeStackEvents = { fake_aws.events { { "hello", "CREATE_COMPLETE" } } },
    }

    assert.equal("CREATE_COMPLETE", run(cloud, "create").status)
    assert.is_true(cloud.now > 1001)
  end)

  it("tells what a custom resource's handler said, and not what is said around it", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "ROLLBACK_COMPLETE" },
      DescribeStackEvents = { fake_aws.events {
        { "Queue", "CREATE_FAILED", "Received response status [FAILED] from custom resource. "
          .. "Message returned: service.lua:7: no such shelf (log stream: 1) (RequestId: 12a-4)" },
        { "hello", "ROLLBACK_COMPLETE" },
      } },
    }

    local raised = mistake(run, cloud, "create")

    assert.matches("^Queue %(.-%): service.lua:7: no such shelf %(log stream: 1%)$", raised.cause)
  end)

  it("gives up on a back end that stays silent, and says that the stack goes on", function()
    local cloud = fake_aws.new { DescribeStacks = { fake_aws.lost() } }

    local raised = mistake(run, cloud, "create")

    assert.equal("deadline", raised.kind)
    assert.is_true(raised.still_running)
  end)

  it("does not bear a refusal", function()
    local cloud = fake_aws.new { DescribeStacks = { fake_aws.refusal(403, "AccessDenied", "no") } }

    local raised = mistake(run, cloud, "create")

    assert.equal("denied", raised.kind)
    assert.is_true(raised.still_running)
    assert.equal(1, #cloud.calls)
  end)

  it("stops at the deadline", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "CREATE_IN_PROGRESS" },
      DescribeStackEvents = { fake_aws.events {} },
    }

    local raised = mistake(run, cloud, "create", { deadline = 60 })

    assert.equal("deadline", raised.kind)
    assert.equal("E503", raised.code)
    assert.is_true(cloud.now >= 1060 and cloud.now < 1070)
    assert.is_true(#cloud.calls < 60)
  end)

  it("stops following on Ctrl-C, and says how to go on", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "CREATE_IN_PROGRESS" },
      DescribeStackEvents = { fake_aws.events {} },
    }
    cloud.interrupt_at = 1003

    local raised = mistake(run, cloud, "create")

    assert.equal("interrupt", raised.kind)
    assert.is_true(raised.still_running)
    assert.matches("run `laconic provision` again", raised.hint)
  end)

  it("tells the root cause first, at the author's line, and keeps the events", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "DELETE_COMPLETE" },
      DescribeStackEvents = {
        fake_aws.events {
          { "Role", "CREATE_FAILED", "Resource creation cancelled" },
          { "Queue", "CREATE_FAILED", "the name is taken" },
          { "Later", "CREATE_FAILED", "also" },
          { "hello", "DELETE_COMPLETE" },
        },
      },
    }

    local raised = mistake(run, cloud, "create")

    assert.equal("rolled_back", raised.kind)
    assert.equal("E501", raised.code)
    assert.equal(
      "service.lua:7: the stack 'hello' could not be created, and nothing of it is left:"
        .. " Queue (AWS::SQS::Queue): the name is taken",
      tostring(raised)
    )
    assert.matches("the name is taken", (assert(file.read(folder .. "/events.json"))))
  end)

  it("tells what to do where AWS's reason does not", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "UPDATE_ROLLBACK_COMPLETE" },
      DescribeStackEvents = {
        fake_aws.events {
          { "Queue", "CREATE_FAILED", "A sibling ({id}) of this resource already has a"
            .. " variable path part -- only one is allowed" },
          { "hello", "UPDATE_ROLLBACK_COMPLETE" },
        },
      },
    }

    local raised = mistake(run, cloud, "update")

    assert.matches("^CloudFormation makes the new one .*; every event stands in ", raised.hint)
  end)

  it("deletes what a failed create left, where the back end does not", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "ROLLBACK_COMPLETE", fake_aws.no_stack() },
      DescribeStackEvents = { fake_aws.events { { "hello", "ROLLBACK_COMPLETE" } } },
      DeleteStack = { {} },
    }

    assert.equal("rolled_back", mistake(run, cloud, "create").kind)
    assert.equal(1, #cloud:asked "DeleteStack")
  end)

  local RESULTS = {
    UPDATE_ROLLBACK_COMPLETE = "rolled_back",
    UPDATE_ROLLBACK_FAILED = "not_rolled_back",
    UPDATE_FAILED = "not_rolled_back",
    CREATE_FAILED = "not_rolled_back",
    ROLLBACK_FAILED = "not_rolled_back",
    DELETE_FAILED = "not_rolled_back",
  }
  for status, kind in pairs(RESULTS) do
    it(("ends with %s at %s"):format(kind, status), function()
      local cloud = fake_aws.new {
        DescribeStacks = { fake_aws.stack(status) },
        DescribeStackEvents = { fake_aws.events { { "hello", status, "because" } } },
      }

      assert.equal(kind, mistake(run, cloud, "update").kind)
      assert.equal(0, #cloud:asked "DeleteStack")
    end)
  end

  it("believes a back end that tells no events, after a while", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeStackEvents = { fake_aws.events {} },
    }

    assert.equal("CREATE_COMPLETE", run(cloud, "create").status)
    assert.is_true(cloud.now > 1010)
  end)
end)

describe("engine.aws.follow", function()
  it("pauses from 20 ms, growing, to 5 s", function()
    local slept = {}
    local pauses = follow.pauses {
      sleep = function(seconds)
        table.insert(slept, seconds)
        return true
      end,
    }

    for _ = 1, 30 do
      pauses:wait()
    end

    assert.is_true(slept[1] >= 0.015 and slept[1] <= 0.025)
    for _, seconds in ipairs(slept) do
      assert.is_true(seconds <= 5 * 1.25)
    end
    assert.is_true(slept[30] >= 5 * 0.75)
  end)
end)

describe("engine.delete", function()
  it("is content when there is no stack", function()
    local cloud = fake_aws.new { DescribeStacks = { fake_aws.no_stack() } }

    assert.same({ existed = false, artifacts = 0 }, delete.run(cloud:session(), "hello"))
  end)

  it("deletes the stack and waits until it is gone, by its id", function()
    local cloud = fake_aws.new {
      DescribeStacks = {
        fake_aws.stack "CREATE_COMPLETE",
        fake_aws.stack "DELETE_IN_PROGRESS",
        fake_aws.stack "DELETE_COMPLETE",
      },
      DescribeStackEvents = {
        fake_aws.events { { "hello", "CREATE_COMPLETE" } },
        fake_aws.events { { "hello", "CREATE_COMPLETE" }, { "hello", "DELETE_IN_PROGRESS" } },
        fake_aws.events { { "hello", "CREATE_COMPLETE" }, { "hello", "DELETE_COMPLETE" } },
      },
      DeleteStack = { {} },
    }

    assert.is_true(delete.run(cloud:session(), "hello").existed)
    assert.equal(fake_aws.ID, cloud:asked("DescribeStacks")[2].params.StackName)
  end)

  it("names what could not be deleted", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE", fake_aws.stack "DELETE_FAILED" },
      DescribeStackEvents = {
        fake_aws.events { { "hello", "CREATE_COMPLETE" } },
        fake_aws.events {
          { "hello", "CREATE_COMPLETE" },
          { "Photos", "DELETE_FAILED", "the bucket is not empty" },
          { "hello", "DELETE_FAILED" },
        },
      },
      DeleteStack = { {} },
    }

    local raised = mistake(delete.run, cloud:session(), "hello")

    assert.equal("not_rolled_back", raised.kind)
    assert.matches("Photos: the bucket is not empty", tostring(raised))
  end)

  it("deletes the service's artifacts when asked, and only what is named as one", function()
    local cloud = fake_aws.new {
      DescribeStacks = { fake_aws.no_stack() },
      DeleteObject = { {} },
    }
    cloud.s3 = {
      list = function(request)
        assert.equal("hello/", request.prefix)
        return {
          { key = "hello/code-0a1b.zip" },
          { key = "hello/template-0a1b.json" },
          { key = "hello/notes.txt" },
          { key = "hello/sub/code-0a1b.zip" },
        }
      end,
    }

    local done = delete.run(cloud:session(), "hello", { artifacts = true, bucket = "artifacts" })

    assert.equal(2, done.artifacts)
    assert.equal("/artifacts/hello/code-0a1b.zip", cloud:asked("DeleteObject")[1].params.target)
  end)
end)
