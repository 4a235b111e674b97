-- The workflow against moto, which AWS_ENDPOINT_URL names (say `localhost`): create, update after an
-- edit, delete; in the account's own bucket, which is made on the way. tests/peers/with-moto starts
-- one. moto lists every change as Add and forgets the outputs of a stack that a change set made, so
-- neither "no changes" nor --inplace nor outputs can be seen there.
local aws = require "engine.aws"
local session = require "engine.aws.session"
local stack = require "engine.aws.stack"
local delete = require "engine.delete"
local provision = require "engine.provision"
local clock = require "host.clock"
local file = require "host.file"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "%s", description = "%s" }
local queue = service:resource { name = "Queue", type = "AWS::SQS::Queue" }
service:hook("pre_build", function(build)
  build.runtime = { name = "bootstrap", data = "#!/bin/sh\n", executable = true }
end)
service:lambda {
  name = "greet",
  environment = { QUEUE = queue.ref },
  handler = function() return "%s" end,
}
service:output { name = "Url", value = queue.ref }
return service
]]

local NAME = ("moto-%d"):format((clock.now() * 1000) // 1)

local folder = assert(file.temporary_folder())
local here = session.new {}

local function run(text)
  local path = folder .. "/service.lua"
  assert(file.write(path, SERVICE:format(NAME, text, text)))
  local began = clock.monotonic()
  local result = provision.run(path, { session = here, params = {}, tags = { team = "shop" } })
  return result, clock.monotonic() - began
end

describe("a provision against moto", function()
  it("creates the stack, and its bucket", function()
    local result, first = run "Hello"

    assert.equal("create", result.operation.kind)
    assert.equal("CREATE_COMPLETE", result.stack.status)
    assert.equal("shop", result.stack.tags.team)
    local answer = aws.call(here, "lambda", "GetFunction", { FunctionName = NAME .. "_greet" })
    assert.equal("greet", answer.Configuration.Handler)
    io.stdout:write(("create, with a new bucket: %.0f ms\n"):format(first * 1000))
  end)

  it("updates it after an edit", function()
    local result, seconds = run "Good day"

    assert.equal("update", result.operation.kind)
    assert.equal("UPDATE_COMPLETE", result.stack.status)
    assert.equal(2, result.sent.sent)
    io.stdout:write(("update: %.0f ms\n"):format(seconds * 1000))
  end)

  it("takes it away, artifacts and all", function()
    local done = delete.run(here, NAME, { artifacts = true })

    assert.is_true(done.existed)
    assert.equal(4, done.artifacts)
    assert.is_nil(stack.describe(here, NAME))
    assert.is_false(delete.run(here, NAME).existed)
  end)

  it("says how long a create takes, the best of five", function()
    local best = math.huge
    for i = 1, 5 do
      local _, seconds = run("Again " .. i)
      best = math.min(best, seconds)
      delete.run(here, NAME, { artifacts = true })
    end
    io.stdout:write(("create, best of five: %.0f ms\n"):format(best * 1000))
    assert(file.remove_tree(folder))
  end)
end)
