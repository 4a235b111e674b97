local attach = require "engine.local.attach"
local attendance = require "engine.local.attendance"
local clock = require "host.clock"
local file = require "host.file"
local http = require "host.http"
local poll = require "host.poll"
local process = require "host.process"
local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local folder

before_each(function()
  folder = assert(file.temporary_folder())
end)

after_each(function()
  assert(file.remove_tree(folder))
end)

local function is_healthy(url)
  local answer = http.request { url = url .. "/_laconic/health", proxy = "" }
  return answer ~= nil and answer.status == 200
end

local PATIENCE = 30

-- A command of its own that uses the cloud until it is killed; returns the URL that it uses, too.
local function another_command()
  local script = folder .. "/command.lua"
  assert(file.write(script, ([[
    local cloud = require("engine.local.attach").open(%q)
    print(cloud.endpoint_url)
    io.stdout:flush()
    while true do
      require("host.clock").sleep(60)
    end
  ]]):format(folder)))
  local command = assert(process.spawn { program.path, "run", script, error = "inherit" })
  local said = ""
  while not said:find "\n" do
    assert(#assert(poll.wait({ command:fd() }, PATIENCE)) > 0, "the command did not attach")
    said = said .. assert(command:read(), "the command ended: " .. said)
  end
  return command, said:match "^%S+"
end

local function kill(command)
  command:kill(9)
  assert(command:wait(PATIENCE))
  command:close()
end

-- The cloud's own lock on its state goes when its process does.
local function wait_for_its_end()
  local deadline = clock.monotonic() + PATIENCE
  local lock
  repeat
    assert(clock.monotonic() < deadline, "the cloud did not end")
    lock = file.lock(folder .. "/.laconic/local/lock")
  until lock or not clock.sleep(0.01)
  lock:close()
end

-- What happens to the process of a cloud whose user leaves while `alone` and `is_attended` are so.
local function ask_to_end(alone, is_attended)
  local asked = {}
  local kept = { attendance.alone, attendance.is_attended }
  local cloud = attach.open(folder)
  local child = cloud.child
  cloud.child = {
    kill = function(_, signal)
      table.insert(asked, signal)
    end,
    wait = function()
      table.insert(asked, "wait")
    end,
    release = function()
      table.insert(asked, "release")
    end,
    close = function() end,
  }
  attendance.alone = function()
    return alone and setmetatable({}, { __close = function() end }) or nil
  end
  attendance.is_attended = function()
    return is_attended
  end
  local ok, problem = pcall(cloud.close, cloud)
  attendance.alone, attendance.is_attended = table.unpack(kept)
  kill(child)
  assert(ok, problem)
  return asked
end

describe("engine.local.attach", function()
  it("asks a cloud to end that nobody uses, and not one that ends by itself", function()
    assert.same({ 15, "wait" }, ask_to_end(true, false))
    assert.same({ "wait" }, ask_to_end(false, false))
    assert.same({ "release" }, ask_to_end(false, true))
  end)

  it("starts a cloud for as long as it is held", function()
    local url
    do
      local cloud <close> = attach.open(folder)
      url = cloud.endpoint_url
      assert.is_true(is_healthy(url))
      assert.equal("local", cloud.credentials.access_key_id)
      assert.equal("us-east-1", cloud.region)
    end
    assert.is_false(is_healthy(url))
  end)

  it("uses the one that runs there, and leaves it running", function()
    local running <close> = served_cloud.start(folder .. "/.laconic/local")
    local cloud = attach.open(folder)
    assert.equal(running.url, cloud.endpoint_url)
    cloud:close()
    assert.is_true(is_healthy(running.url))
  end)

  it("lets the cloud go on for others when its starter leaves or is killed", function()
    local starter, url = another_command()
    local cloud = attach.open(folder)
    assert.equal(url, cloud.endpoint_url)
    kill(starter)
    assert.is_true(is_healthy(url))
    cloud:close()
    wait_for_its_end()

    local first = attach.open(folder)
    local other, same = another_command()
    assert.equal(first.endpoint_url, same)
    first:close()
    first:close()
    assert.is_true(is_healthy(same))
    kill(other)
    wait_for_its_end()
    assert.is_false(is_healthy(same))
  end)

  it("leaves no cloud behind when all who use it are killed", function()
    local starter = another_command()
    local other = another_command()
    kill(starter)
    kill(other)
    wait_for_its_end()
  end)

  it("does not join a cloud that is on its way out", function()
    local state = folder .. "/.laconic/local"
    assert(file.make_folder(state))
    do
      local alone <close> = attendance.alone(state)
      assert.is_false(attendance.is_attended(state))
      assert.error_matches("does not come to its end", function()
        attendance.join(state, 0)
      end)
      assert.truthy(alone)
    end
    local one <close> = attendance.join(state, 0)
    local two <close> = attendance.join(state, 0)
    assert.is_true(attendance.is_attended(state))
    assert.is_nil(attendance.alone(state))
    assert.truthy(one and two)
  end)

  it("is not led astray by what a killed cloud left behind", function()
    local killed = served_cloud.start(folder .. "/.laconic/local")
    killed:kill()
    assert.is_true(file.exists(folder .. "/.laconic/local/endpoint.json"))
    local cloud <close> = attach.open(folder)
    assert.is_true(is_healthy(cloud.endpoint_url))
  end)

  it("says so when the cloud cannot start", function()
    assert(file.make_folder(folder .. "/.laconic/local/lock")) -- where a file is wanted
    assert.error_matches("ended before it was ready", function()
      attach.open(folder)
    end)
    assert(file.remove_tree(folder .. "/.laconic"))
    assert(file.write(folder .. "/.laconic", "in the way"))
    assert.error_matches("cannot make folder", function()
      attach.open(folder)
    end)
  end)
end)
