-- An API of four hundred operations, whose description is an object in S3: provisioned on a local
-- cloud, changed, broken and rolled back, and deleted.
local described = dofile "tests/flow/large_api/described.lua"
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

-- Fails once the API is as the new template wants it.
local BROKEN <const> = [[
service:resource {
  name = "Broken", type = "AWS::Lambda::Permission", depends_on = { "LargeApiStage" },
  properties = { Action = "lambda:InvokeFunction", FunctionName = "nobody", Principal = "*" },
}
]]

local folder, cloud, url

local function begin()
  folder = assert(file.temporary_folder())
  described.write(folder)
  cloud = served_cloud.start(folder .. "/.laconic/local")
end

local function finish()
  cloud:close()
  assert(file.remove_tree(folder))
end

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return result.output
end

local function answer_of(number)
  local answer = assert(http.request {
    url = url .. described.path(number):gsub("{id}", "7"),
    proxy = "",
  })
  assert.equal(200, answer.status, answer.body)
  return assert(json.decode(answer.body)).result
end

-- The keys of the descriptions that S3 holds.
local function objects()
  local buckets = cloud:send { path = "/" }.body
  local bucket = assert(buckets:match "<Name>(laconic%-artifacts[^<]*)</Name>", buckets)
  local keys = {}
  for key in cloud:send({ path = "/" .. bucket }).body:gmatch "<Key>(large/LargeApi[^<]*)</Key>" do
    table.insert(keys, key)
  end
  return keys
end

local function template()
  local text = run "template"
  return assert(json.decode(text)), text
end

describe("an API too large for the template", function()
  it("is described", begin)

  it("is referred to by the template, and shown", function()
    local made, text = template()
    local properties = made.Resources.LargeApi.Properties

    assert.is_nil(properties.Body)
    assert.same({ Ref = "ArtifactBucket" }, properties.BodyS3Location.Bucket)
    assert.is_true(#text < 10000)
    assert.matches("LargeApi%.json  %d+ bytes  goes to S3", run "check")
    assert.matches("LargeApi%.json  %d+ bytes  goes to S3", run "build")
    local noop = assert(json.decode(run("provision", "--noop", "--format", "json")))
    local listed = noop.artifacts.descriptions[1]
    assert.equal("LargeApi", listed.api)
    assert.equal(properties.BodyS3Location.Key["Fn::Sub"], listed.key)
    assert.is_true(listed.bytes > 1000000)
    assert.is_not_nil(json.decode(assert(file.read(folder .. "/" .. listed.path))))
  end)

  it("is provisioned, and answers from its first operation to its last", function()
    run("provision", "--local")
    url = run("outputs", "LargeUrl", "--local"):gsub("%s+$", "")

    assert.same({ id = "7", n = 200 }, answer_of(200))
    assert.same({ id = "7", n = 1 }, answer_of(400))
    assert.equal(1, #objects())
    assert.matches("^large/LargeApi%-%x+%.%d+%.us%-east%-1%.json$", objects()[1])
  end)

  it("has no changes without a change", function()
    assert.matches("No changes", program.run(folder, { "provision", "--local" }).error)
  end)

  it("changes with one operation; what was there before stays for a rollback", function()
    local _, before = template()
    described.write(folder, { default = 77 })
    local _, changed = template()
    assert.not_equal(before, changed)

    run("provision", "--local")

    assert.same({ id = "7", n = 77 }, answer_of(400))
    assert.same({ id = "7", n = 399 }, answer_of(399))
    assert.equal(2, #objects())
  end)

  it("is what it was after a rollback, and what was uploaded is taken back", function()
    local before = objects()
    described.write(folder, { default = 99, more = BROKEN })

    local result = program.run(folder, { "provision", "--local" })

    assert.equal(7, result.status, result.error)
    assert.matches("UPDATE_COMPLETE      LargeApi\n", result.error)
    assert.same({ id = "7", n = 77 }, answer_of(400))
    assert.same(before, objects())
  end)

  it("returns to the template when it is small", function()
    described.write(folder, { operations = 3, default = 5 })
    local properties = template().Resources.LargeApi.Properties

    assert.is_nil(properties.BodyS3Location)
    assert.is_not_nil(properties.Body)
    run("provision", "--local")
    assert.same({ id = "7", n = 5 }, answer_of(3))
  end)

  it("is deleted with all that was uploaded", function()
    run("delete", "--artifacts", "--local")

    assert.same({}, objects())
  end)

  it("leaves nothing", finish)
end)
