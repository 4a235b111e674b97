local fake_aws = dofile "tests/lua/fake_aws.lua"
local file = require "host.file"
local provision = require "engine.provision"

local SERVICE = [[
local laconic = require "laconic"

local service = laconic.service { name = "hello" }

local function note(build, text)
  build.values.log = build.values.log or {}
  table.insert(build.values.log, text)
end

service:hook("pre_build", function(build)
  build.runtime = { name = "bootstrap", data = "#!", executable = true }
  note(build, "pre_build" .. (build.files and " with files" or ""))
end)
service:hook("post_build", function(build)
  note(build, "post_build" .. (build.files and " with files" or ""))
end)
service:hook("archive", function(build, archive)
  archive:add { name = "extra.txt", data = "extra" }
  note(build, "archive" .. (build.code and " with code" or ""))
end)
service:hook("pre_marshal", function(build)
  note(build, "pre_marshal" .. (build.template and " with template" or ""))
end)
service:hook("post_marshal", function(build)
  note(build, "post_marshal" .. (build.template.Resources.Extra and " with Extra" or ""))
end)
service:hook("validate", function(build, template)
  note(build, "validate" .. (template.Resources.Extra and " with Extra" or ""))
  template.Resources = nil
  %s
end)
service:hook("rollback", function(build, err)
  note(build, "rollback after " .. tostring(err))
  local file = assert(io.open(build.output_dir .. "/rolled_back", "w"))
  file:write(table.concat(build.values.log, "\n"))
  file:close()
end)

service:lambda {
  name = "greet",
  handler = function() end,
  decorators = { function(template, _, build)
    note(build, "function decorator")
    template.Outputs = { Greeting = { Value = "hi" } }
  end },
}
service:decorate(function(template, build)
  note(build, "service decorator")
  template.Resources = { Extra = { Type = "AWS::SQS::Queue" } }
end)

return service
]]

local ORDER = {
  "pre_build",
  "post_build with files",
  "archive",
  "pre_marshal",
  "function decorator",
  "service decorator",
  "post_marshal with Extra",
  "validate with Extra",
}

local CREATED = {
  GetCallerIdentity = { { Account = "123456789012" } },
  HeadBucket = { { headers = {} } },
  GetBucketVersioning = { { body = "<VersioningConfiguration/>" } },
  HeadObject = { fake_aws.refusal(404, "", "Not Found") },
  PutObject = { { headers = {} } },
  DeleteObject = { {} },
  DescribeStacks = { fake_aws.no_stack(), fake_aws.stack "CREATE_COMPLETE" },
  DescribeStackEvents = {
    fake_aws.events { { "hello", "REVIEW_IN_PROGRESS" }, { "hello", "CREATE_COMPLETE" } },
  },
  CreateChangeSet = { { Id = "arn:cs", StackId = fake_aws.ID } },
  DescribeChangeSet = { { Status = "CREATE_COMPLETE", Changes = {} } },
  DeleteChangeSet = { {} },
  DeleteStack = { {} },
  ExecuteChangeSet = { {} },
  ListChangeSets = { {} },
}

local folder

-- What was noted until the rollback; nil when there was none.
local function rolled_back()
  return (file.read(folder .. "/.laconic/hello/rolled_back"))
end

local function write_service(in_validator)
  local path = folder .. "/service.lua"
  assert(file.write(path, (SERVICE:gsub("%%s", in_validator or ""))))
  return path
end

local function options_for(scripts)
  local cloud = fake_aws.new(setmetatable(scripts or {}, { __index = CREATED }))
  return { session = cloud:session(), params = {}, tags = {}, build_id = "b1" }, cloud
end

local function mistake(path, options)
  local ok, raised = pcall(provision.run, path, options)
  assert.is_false(ok)
  return raised
end

describe("engine.provision", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("builds without asking anybody, with every hook in its place", function()
    local build, stages = provision.build(write_service(), { params = {}, tags = {} })

    assert.same(ORDER, build.values.log)
    assert.is_true(build.noop)
    assert.matches("^%x+$", build.build_id)
    assert.is_true(file.exists(folder .. "/.laconic/hello/code.zip"))
    assert.is_true(file.exists(folder .. "/.laconic/hello/template.json"))
    local names = {}
    for i, stage in ipairs(stages) do
      names[i] = stage.name
    end
    assert.same({ "load", "model", "compile", "archive", "generate", "marshal" }, names)
  end)

  it("runs all stages in order, and returns the stack", function()
    local options, cloud = options_for()

    local result = provision.run(write_service(), options)

    assert.equal("create", result.operation.kind)
    assert.equal("CREATE_COMPLETE", result.stack.status)
    assert.same(ORDER, result.build.values.log)
    assert.is_false(result.build.noop)
    assert.is_nil(rolled_back())
    assert.same({
      "GetCallerIdentity",
      "HeadBucket",
      "GetBucketVersioning",
      "HeadObject",
      "HeadObject",
      "PutObject",
      "PutObject",
      "DescribeStacks",
      "CreateChangeSet",
      "DescribeChangeSet",
      "ExecuteChangeSet",
      "DescribeStacks",
      "DescribeStackEvents",
    }, cloud:actions())
    assert.is_false(file.exists(folder .. "/.laconic/hello/uploads.json"))
  end)

  it("sends nothing when a validator refuses", function()
    local options, cloud = options_for()

    local raised = mistake(write_service "error 'too dear'", options)

    assert.matches("the validate hook failed: too dear", tostring(raised))
    assert.matches("service%.lua:%d+$", raised.where)
    assert.matches("\nrollback after .*too dear", rolled_back())
    assert.equal(0, #cloud:asked "PutObject")
    assert.equal(0, #cloud:asked "CreateChangeSet")
  end)

  it("rolls back, then takes back what it uploaded, when the stack fails", function()
    local options, cloud = options_for {
      DescribeStacks = { fake_aws.no_stack(), fake_aws.stack "DELETE_COMPLETE" },
      DescribeStackEvents = {
        fake_aws.events {
          { "GreetFunction", "CREATE_FAILED", "no room" },
          { "hello", "DELETE_COMPLETE" },
        },
      },
    }

    local raised = mistake(write_service(), options)

    assert.equal("rolled_back", raised.kind)
    assert.matches("service%.lua:%d+: the stack 'hello' could not be created", tostring(raised))
    assert.matches("\nrollback after ", rolled_back())
    assert.equal(2, #cloud:asked "DeleteObject")
    assert.is_false(file.exists(folder .. "/.laconic/hello/uploads.json"))
  end)

  it("keeps what it uploaded while the stack goes on without it", function()
    local options, cloud = options_for {
      DescribeStacks = { fake_aws.no_stack(), fake_aws.stack "CREATE_IN_PROGRESS" },
    }
    options.deadline = 5

    local raised = mistake(write_service(), options)

    assert.equal("deadline", raised.kind)
    assert.is_nil(rolled_back())
    assert.equal(0, #cloud:asked "DeleteObject")
    assert.is_true(file.exists(folder .. "/.laconic/hello/uploads.json"))
  end)

  it("says that nothing changed, and keeps what is there", function()
    local options, cloud = options_for {
      HeadObject = function(params)
        local path = folder .. "/.laconic/hello/"
        local name = params.target:find "template" and "template.json" or "code.zip"
        local size = assert(file.stat(path .. name)).size
        return { headers = { ["content-length"] = tostring(size) } }
      end,
      DescribeStacks = { fake_aws.stack "CREATE_COMPLETE" },
      DescribeChangeSet = {
        { Status = "FAILED", StatusReason = "The submitted information didn't contain changes." },
      },
    }

    local result = provision.run(write_service(), options)

    assert.equal("none", result.operation.kind)
    assert.equal(0, result.sent.sent)
    assert.equal(0, #cloud:asked "ExecuteChangeSet")
    assert.equal(0, #cloud:asked "DeleteObject")
  end)

  it("writes a package for CodePipeline, and leaves the stack alone", function()
    local options, cloud = options_for()
    options.code_pipeline_package = "release"

    local result = provision.run(write_service(), options)

    local archive = require "host.archive"
    local path = folder .. "/.laconic/hello/release.zip"
    assert.equal(path, result.package.path)
    assert.equal(result.build.template_text, (assert(archive.read(path, "template.json"))))
    assert.matches(
      '"ArtifactBucket": "laconic%-artifacts%-123456789012%-us%-east%-1"',
      (assert(archive.read(path, "parameters.json")))
    )
    assert.equal(2, #cloud:asked "PutObject")
    assert.equal(0, #cloud:asked "CreateChangeSet")
  end)
end)
