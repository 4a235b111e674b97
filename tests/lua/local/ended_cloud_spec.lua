-- However the cloud ends, the functions that it runs end with it.
local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local uri = require "host.uri"

local PATIENCE = 30
local ROLE = "arn:aws:iam::123456789012:role/r"
local TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
  .. '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'

-- Tells its id, and never comes to an end.
local HANDLER = [[
  local pid = io.open("/proc/self/stat"):read "n"
  assert(require("host.file").write(os.getenv "FOLDER" .. "/" .. event.name, tostring(pid)))
  while true do
    require("host.clock").sleep(1)
  end
]]

local function wait_for(what, is_so)
  local deadline = clock.monotonic() + PATIENCE
  while not is_so() do
    assert(clock.monotonic() < deadline, "waited in vain for " .. what)
    assert(clock.sleep(0.01))
  end
end

-- Gone, or dead and not yet reaped by who inherited it.
local function is_gone(pid)
  local stat = io.open(("/proc/%d/stat"):format(pid))
  local state = stat and stat:read "a":match "%) (%a)"
  if stat then
    stat:close()
  end
  return not state or state == "Z" or state == "X"
end

describe("a cloud that ends", function()
  local folder, cloud

  before_each(function()
    folder = assert(file.temporary_folder())
    cloud = served_cloud.start(folder .. "/state")
    assert.equal(200, cloud:query("iam", uri.build_query {
      Action = "CreateRole", Version = "2010-05-08", RoleName = "r",
      AssumeRolePolicyDocument = TRUST,
    }).status)
    local made = cloud:send {
      method = "POST", path = "/2015-03-31/functions", service = "lambda",
      body = json.encode {
        FunctionName = "f", Runtime = "provided.al2023", Handler = "index", Role = ROLE,
        Timeout = 900, Environment = { Variables = { FOLDER = folder } },
        Code = { ZipFile = packed_service.zip(folder, packed_service.text(HANDLER)) },
      },
    }
    assert.equal(201, made.status, made.body)
  end)

  after_each(function()
    cloud:close()
    file.remove_tree(folder)
  end)

  -- Two instances run, and never end by themselves.
  local function start_functions()
    local pids = {}
    for _, name in ipairs { "one", "two" } do
      assert.equal(202, cloud:send({
        method = "POST", path = "/2015-03-31/functions/f/invocations", service = "lambda",
        headers = { { "X-Amz-Invocation-Type", "Event" } }, body = json.encode { name = name },
      }).status)
      wait_for("the function", function()
        return file.exists(folder .. "/" .. name)
      end)
      table.insert(pids, math.tointeger(tonumber((assert(file.read(folder .. "/" .. name))))))
    end
    return pids
  end

  for _, case in ipairs { { "SIGTERM", 15 }, { "SIGINT", 2 }, { "SIGKILL", 9 } } do
    it("by " .. case[1] .. " leaves no function running", function()
      local pids = start_functions()
      for _, pid in ipairs(pids) do
        assert.is_false(is_gone(pid))
      end

      cloud.child:kill(case[2])
      assert(cloud.child:wait(PATIENCE))

      wait_for("the functions' end", function()
        return is_gone(pids[1]) and is_gone(pids[2])
      end)
      local again <close> = served_cloud.start(folder .. "/state")
      assert.equal(200, again:send({
        path = "/2015-03-31/functions/f", service = "lambda",
      }).status)
    end)
  end
end)
