local fake_aws = dofile "tests/lua/fake_aws.lua"
local upload = require "engine.upload"
local journal = require "engine.upload.journal"
local sweep = require "engine.upload.sweep"
local file = require "host.file"

local MISSING = fake_aws.refusal(404, "", "Not Found")

local folder, uploads

local function new_build()
  assert(file.write(folder .. "/code.zip", "zip!"))
  return {
    service_name = "hello",
    bucket = "artifacts",
    output_dir = folder,
    template_text = '{"Key":"hello/code-1.zip"}',
    code = { path = folder .. "/code.zip", bytes = 4, key = "hello/code-1.zip" },
  }
end

local function named_in_journal()
  local keys = {}
  local text = file.read(folder .. "/uploads.json") or ""
  for key in text:gmatch '"key": "([^"]+)"' do
    table.insert(keys, key)
  end
  return keys
end

-- A bucket that holds what is put into it: target → bytes.
local function new_cloud(objects, refuse)
  local cloud
  cloud = fake_aws.new {
    HeadObject = function(params)
      local bytes = objects[params.target]
      return bytes and { headers = { ["content-length"] = tostring(bytes) } } or MISSING
    end,
    PutObject = function(params)
      table.insert(cloud.journal_at_put, table.concat(named_in_journal(), " "))
      if refuse and params.target:find(refuse) then
        return fake_aws.refusal(403, "AccessDenied", "no")
      end
      objects[params.target] = #(params.body or "zip!")
      return { headers = { ["x-amz-version-id"] = "v1" } }
    end,
    DeleteObject = function(params)
      objects[params.target:gsub("%?.*", "")] = nil
      return {}
    end,
    DescribeStacks = { fake_aws.no_stack() },
    GetTemplate = { { TemplateBody = "hello/code-live.zip" } },
  }
  cloud.journal_at_put = {}
  return cloud
end

local function count(map)
  local number = 0
  for _ in pairs(map) do
    number = number + 1
  end
  return number
end

describe("engine.upload", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    uploads = journal.open(folder)
  end)

  after_each(function()
    uploads:close()
    assert(file.remove_tree(folder))
  end)

  it("sends what is missing, under keys made of the content", function()
    local objects, build = {}, new_build()

    local sent = upload.put(build, new_cloud(objects):session(), uploads)

    assert.equal(2, sent.sent)
    assert.equal(4 + #build.template_text, sent.bytes)
    assert.matches("^hello/template%-%x+%.json$", build.template_key)
    assert.equal(4, objects["/artifacts/hello/code-1.zip"])
  end)

  it("makes the account's own bucket first, closed to the public", function()
    local cloud = fake_aws.new {
      CreateBucket = { { headers = {} } },
      PutPublicAccessBlock = { { headers = {} } },
      HeadObject = function()
        return MISSING
      end,
      PutObject = function()
        return { headers = {} }
      end,
    }
    local session = cloud:session {
      variables = {
        AWS_ACCESS_KEY_ID = "a",
        AWS_SECRET_ACCESS_KEY = "b",
        AWS_REGION = "eu-west-1",
        AWS_ENDPOINT_URL = "http://localhost:1",
      },
    }
    local build = new_build()
    build.bucket_absent = true

    upload.put(build, session, uploads)

    assert.matches("<LocationConstraint>eu%-west%-1<", cloud:asked("CreateBucket")[1].params.body)
    assert.matches("<BlockPublicPolicy>true<", cloud:asked("PutPublicAccessBlock")[1].params.body)
    assert.equal(2, #cloud:asked "PutObject")
  end)

  it("does not send what is there already, but sends what is there by halves", function()
    local objects = { ["/artifacts/hello/code-1.zip"] = 4 }
    local cloud = new_cloud(objects)

    local sent = upload.put(new_build(), cloud:session(), uploads)
    assert.equal(1, sent.sent)
    assert.equal(1, sent.skipped)

    objects["/artifacts/hello/code-1.zip"] = 3
    assert.equal(1, upload.put(new_build(), cloud:session(), uploads).sent)
  end)

  it("writes every key down before the first byte goes out", function()
    local build, cloud = new_build(), new_cloud {}

    upload.put(build, cloud:session(), uploads)

    assert.equal(build.template_key .. " hello/code-1.zip", cloud.journal_at_put[1])
  end)

  it("takes back what it created, that version alone, and nothing else", function()
    local objects = { ["/artifacts/hello/code-1.zip"] = 4 }
    local cloud = new_cloud(objects)

    local _, undo = upload.put(new_build(), cloud:session(), uploads)
    undo()

    assert.equal(1, count(objects))
    assert.equal(1, #cloud:asked "DeleteObject")
    assert.matches("%?versionId=v1$", cloud:asked("DeleteObject")[1].params.target)
    assert.same({}, named_in_journal())
  end)

  it("takes nothing away from a stack that is changing", function()
    local objects = {}
    local cloud = new_cloud(objects)
    cloud.scripts.DescribeStacks = { fake_aws.stack "UPDATE_IN_PROGRESS" }

    local _, undo = upload.put(new_build(), cloud:session(), uploads)
    undo()

    assert.equal(2, count(objects))
    assert.equal(2, #named_in_journal())
  end)

  it("takes nothing away that the live template refers to", function()
    local objects = {}
    local cloud = new_cloud(objects)
    cloud.scripts.DescribeStacks = { fake_aws.stack "UPDATE_COMPLETE" }
    cloud.scripts.GetTemplate = { { TemplateBody = "hello/code-1.zip" } }

    local _, undo = upload.put(new_build(), cloud:session(), uploads)
    undo()

    assert.same({ ["/artifacts/hello/code-1.zip"] = 4 }, objects)
  end)

  local DESCRIPTION <const> = "hello/EchoApi-0a1b.123456789012.us-east-1.json"

  local function with_description()
    local build = new_build()
    build.descriptions = {
      EchoApi = {
        key = "${AWS::StackName}/EchoApi-0a1b.${AWS::AccountId}.${AWS::Region}.json",
        value = { arn = { ["Fn::Join"] = { ":", { { Ref = "AWS::AccountId" }, "x" } } } },
      },
    }
    return build
  end

  it("sends descriptions, once it is known where the stack will be", function()
    local objects = {}
    local cloud = new_cloud(objects)
    cloud.scripts.GetCallerIdentity = { { Account = "123456789012" } }

    upload.put(with_description(), cloud:session(), uploads)

    local sent = {}
    for _, call in ipairs(cloud:asked "PutObject") do
      sent[call.params.target] = call.params.body
    end
    assert.equal('{"arn":"123456789012:x"}', sent["/artifacts/" .. DESCRIPTION])
  end)

  it("does not take away a description that the live template refers to", function()
    local objects = {}
    local cloud = new_cloud(objects)
    cloud.scripts.GetCallerIdentity = { { Account = "123456789012" } }
    cloud.scripts.DescribeStacks = { fake_aws.stack "UPDATE_COMPLETE" }
    cloud.scripts.GetTemplate = {
      { TemplateBody = '{"Fn::Sub":"${AWS::StackName}/EchoApi-0a1b.${AWS::AccountId}.x.json"}' },
    }

    local _, undo = upload.put(with_description(), cloud:session(), uploads)
    assert.equal(3, count(objects))
    undo()

    assert.same({ ["/artifacts/" .. DESCRIPTION] = 24 }, objects)
  end)

  it("leaves nothing behind when one of several is refused", function()
    local objects = {}
    local session = new_cloud(objects, "code"):session()

    local raised = assert.has_error(function()
      upload.put(new_build(), session, uploads)
    end)

    assert.equal("denied", raised.kind)
    assert.equal(0, count(objects))
    assert.same({ "hello/code-1.zip" }, named_in_journal()) -- it is not known whether it arrived
  end)

  it("sends a large file in parts", function()
    local build, cloud = new_build(), new_cloud {}
    build.code.bytes = 9 * 1024 * 1024
    local put
    cloud.s3 = {
      put = function(request)
        put = request
        return { etag = "x" }
      end,
    }

    assert.equal(2, upload.put(build, cloud:session(), uploads).sent)

    assert.equal("hello/code-1.zip", put.key)
    assert.equal("artifacts", put.bucket)
    assert.equal("http://localhost:1", put.endpoint)
  end)
end)

describe("engine.upload.sweep", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    uploads = journal.open(folder)
  end)

  after_each(function()
    uploads:close()
    assert(file.remove_tree(folder))
  end)

  local function left_over(key, fields)
    local entry = {
      endpoint = "localhost",
      region = "us-east-1",
      bucket = "artifacts",
      key = key,
    }
    for name, value in pairs(fields or {}) do
      entry[name] = value
    end
    return entry
  end

  it("strikes out what the run used, and asks nothing when nothing is left over", function()
    local cloud = new_cloud {}
    local session, build = cloud:session(), new_build()
    local sent = upload.put(build, session, uploads)
    local before = #cloud.calls

    assert.equal(0, sweep.unused(build, session, sent, uploads))

    assert.equal(before, #cloud.calls)
    assert.is_false(file.exists(folder .. "/uploads.json"))
  end)

  it("deletes what a killed run left, unless a template refers to it", function()
    local objects = {
      ["/artifacts/hello/code-killed.zip"] = 1,
      ["/artifacts/hello/code-live.zip"] = 1,
    }
    local session = new_cloud(objects):session()
    uploads:note { left_over "hello/code-killed.zip", left_over "hello/code-live.zip" }

    assert.equal(1, sweep.unused(new_build(), session, { uploads = {} }, uploads))

    assert.same({ ["/artifacts/hello/code-live.zip"] = 1 }, objects)
    assert.same({}, named_in_journal())
  end)

  it("leaves alone what stands in another place", function()
    local session = new_cloud({}):session()
    uploads:note {
      left_over("hello/code-1.zip", { endpoint = "aws" }),
      left_over("hello/code-2.zip", { region = "eu-west-1" }),
    }

    assert.equal(0, sweep.unused(new_build(), session, { uploads = {} }, uploads))

    assert.same({ "hello/code-1.zip", "hello/code-2.zip" }, named_in_journal())
  end)
end)

describe("engine.upload.journal", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("is found again by the next run", function()
    local entry = { endpoint = "aws", region = "r", bucket = "b", key = "k" }
    local first = journal.open(folder)
    first:note { entry }
    first:note { entry }
    first:close()

    local second <close> = journal.open(folder)

    assert.same({ { endpoint = "aws", region = "r", bucket = "b", key = "k" } }, second.uploads)
  end)

  it("lets one run at a time work in a folder", function()
    local first <close> = journal.open(folder)
    assert.truthy(first)

    local raised = assert.has_error(function()
      journal.open(folder)
    end)

    assert.equal("E505", raised.code)
    assert.matches("another laconic is at work in", raised.message)
  end)

  it("does not guess at a damaged file", function()
    assert(file.write(folder .. "/uploads.json", "[1"))

    local raised = assert.has_error(function()
      journal.open(folder)
    end)

    assert.matches("uploads.json is damaged", raised.message)
    assert(file.remove(folder .. "/uploads.json"))
    journal.open(folder):close() -- the lock was let go
  end)
end)
