-- A provision over a network that fails, once at each of its requests or for ever. What passes is
-- passed over: same stack, same objects. What does not is one message, and the next run mends it.
local file = require "host.file"
local poll = require "host.poll"
local process = require "host.process"

package.path = "tests/faults/?.lua;" .. package.path
local proxy = require "proxy"

local program = dofile "tests/program.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "tried" }
local bucket = service:resource { name = "Photos", type = "AWS::S3::Bucket" }
service:lambda {
  name = "hello",
  environment = { BUCKET = bucket.ref },
  handler = function() return "alive" end,
}
return service
]]

-- What a run leaves behind, as one text.
local DESCRIBE = [[
local session = require("engine.aws.session").new {}
local stack = require "engine.aws.stack"
local s3 = require "host.s3"
local found, lines = stack.describe(session, "tried"), {}
table.insert(lines, "stack " .. (found and found.status:gsub("^UPDATE_", "CREATE_") or "none"))
for _, resource in ipairs(found and stack.resources(session, "tried") or {}) do
  table.insert(lines, resource.id .. " " .. resource.status:gsub("^UPDATE_", "CREATE_"))
end
local where = {
  credentials = session:credentials(), region = session:region(),
  endpoint = os.getenv "AWS_ENDPOINT_URL", bucket = "artifacts",
}
for _, object in ipairs(assert(s3.list(where))) do table.insert(lines, object.key) end
for _, left in ipairs(assert(s3.unfinished(where))) do
  table.insert(lines, "unfinished " .. left.key)
end
table.sort(lines)
io.write(table.concat(lines, "\n"), "\n")
]]

local CLEAN = [[
local s3 = require "host.s3"
local session = require("engine.aws.session").new {}
local where = {
  credentials = session:credentials(), region = session:region(),
  endpoint = os.getenv "AWS_ENDPOINT_URL", bucket = "artifacts",
}
for _, object in ipairs(assert(s3.list(where))) do
  where.key = object.key
  assert(s3.delete(where))
end
]]

local BUCKET = [[
require("engine.aws").call(require("engine.aws.session").new {}, "s3", "CreateBucket",
  { Bucket = "artifacts" })
]]

local HTML = "<html><body>Please log in to the hotel's network</body></html>"

local root, cloud, endpoint

local function options_of(words)
  local options = { program.path, table.unpack(words) }
  options.cwd = root
  options.env = program.environment(root, program.keys_for(endpoint))
  return options
end

-- Past the proxy.
local function laconic(words)
  local options = options_of(words)
  options.error, options.timeout = "output", 60
  local result = assert(process.run(options))
  assert.equal(0, result.status or -1, table.concat(words, " ") .. "\n" .. result.output)
  return result.output
end

local PROVISION = { "provision", "--bucket", "artifacts" }

local function provision(rule)
  return proxy.run(endpoint, rule, options_of(PROVISION))
end

local function state()
  return laconic { "run", "describe.lua" }
end

local function clean()
  laconic { "delete" }
  laconic { "run", "clean.lua" }
  assert(file.remove_tree(root .. "/.laconic/tried"))
end

describe("a provision over a network that fails", function()
  before_each(function()
    root = assert(file.temporary_folder())
    for name, text in pairs {
      ["service.lua"] = SERVICE,
      ["describe.lua"] = DESCRIBE,
      ["clean.lua"] = CLEAN,
      ["bucket.lua"] = BUCKET,
    } do
      assert(file.write(root .. "/" .. name, text))
    end
    cloud = assert(process.spawn {
      program.path, "local", "--port", "0",
      cwd = root,
      error = "output",
    })
    local said = ""
    while not said:match "http://127%.0%.0%.1:%d+%s" do
      assert(poll.wait({ cloud:fd() }, 30))
      said = said .. assert(cloud:read(), "the local cloud ended: " .. said)
    end
    endpoint = said:match "http://127%.0%.0%.1:%d+"
    laconic { "run", "bucket.lua" }
  end)

  after_each(function()
    cloud:kill(9)
    cloud:wait(10)
    cloud:close()
    assert(file.remove_tree(root))
  end)

  local function undisturbed()
    local total, result = provision(function() end)
    assert.equal(0, result.status, result.output)
    return total, state()
  end

  for title, fault in pairs {
    ["is refused"] = {
      answer = { status = 503, headers = { ["Retry-After"] = "0" }, body = "<html>busy</html>" },
    },
    ["is throttled"] = { answer = { status = 429, body = "" } },
    ["does not arrive"] = { cut = "request" },
    ["is not answered"] = { cut = "answer" },
    ["is answered in part"] = { cut = "body" },
  } do
    it("goes on when one request " .. title .. ", whichever", function()
      local total, wanted = undisturbed()
      for failing = 1, total do
        clean()
        local failed
        local _, result = provision(function(number, request)
          if number == failing then
            failed = request.method .. " " .. request.path .. " " .. request.body:sub(1, 60)
            return fault
          end
        end)
        local told = ("request %d, %s\n%s"):format(failing, failed, result.output)
        assert.equal(0, result.status, told)
        assert.equal(wanted, state(), told)
      end
    end)
  end

  it("says so in one message when an answer is none of AWS's, and mends it next time", function()
    local total, wanted = undisturbed()
    for failing = 1, total do
      clean()
      local _, result = provision(function(number)
        return number == failing and { answer = { status = 200, body = HTML } } or nil
      end)
      assert.is_false(result.output:find("stack traceback", 1, true) ~= nil, result.output)
      assert.is_nil(result.signal)
      laconic(PROVISION)
      assert.equal(wanted, state(), ("request %d\n%s"):format(failing, result.output))
    end
  end)

  it("gives up when every request is refused, and tells AWS's words", function()
    local count, result = provision(function()
      return { answer = { status = 503, body = "" } }
    end)
    assert.equal(1, result.status)
    assert.matches("503", result.output)
    assert.truthy(count < 20, count .. " requests")
  end)
end)
