-- kill -9 at every point of a provision, then provision again: the same stack, and no object, upload
-- or change set that an undisturbed run would not have left.
--
-- A proxy stands between the program and the local cloud. For each request that a provision makes,
-- the program is killed once before the request is passed on, and once before its answer is.
local file = require "host.file"
local http = require "host.http"
local poll = require "host.poll"
local process = require "host.process"
local server = require "host.server"

local program = dofile "tests/program.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "victim" }
local bucket = service:resource { name = "Photos", type = "AWS::S3::Bucket" }
service:lambda {
  name = "hello",
  environment = { BUCKET = bucket.ref },
  handler = function() return "alive" end,
}
service:output { name = "Bucket", value = bucket.ref }
return service
]]

-- The local cloud as a process; `endpoint` is where it answers.
local function start_cloud(folder)
  local handle = assert(process.spawn {
    program.path, "local", "--port", "0",
    cwd = folder,
    error = "output",
  })
  local said = ""
  while true do
    assert(poll.wait({ handle:fd() }, 30))
    local bytes = handle:read()
    assert(bytes, "the local cloud ended: " .. said)
    said = said .. bytes
    local endpoint = said:match "http://127%.0%.0%.1:%d+"
    if endpoint then
      return { handle = handle, endpoint = endpoint }
    end
  end
end

local function environment(endpoint, folder)
  return program.environment(folder, program.keys_for(endpoint))
end

local function laconic(words, endpoint, folder)
  local options = { program.path, table.unpack(words) }
  options.cwd, options.env, options.error = folder, environment(endpoint, folder), "pipe"
  options.timeout = 60
  local result = assert(process.run(options))
  assert.equal(0, result.status or -1, table.concat(words, " ") .. "\n" .. result.output
    .. (result.error or ""))
  return result.output
end

local function pass_on(cloud, request)
  local headers = {}
  for _, header in ipairs(request.headers) do
    local name = header[1]:lower()
    if name ~= "content-length" and name ~= "connection" and name ~= "expect" then
      table.insert(headers, header)
    end
  end
  return assert(http.request {
    method = request.method,
    url = cloud.endpoint .. request.target,
    headers = headers,
    body = request.body ~= "" and request.body or nil,
  })
end

-- Runs a provision through the proxy. With `kill_at`, kills it at that request, before it is passed
-- on or before its answer is. Returns how many requests were seen, and whether it was killed.
local function provision_through_proxy(cloud, folder, kill_at, moment)
  local proxy = assert(server.listen())
  local handle <close> = assert(process.spawn {
    program.path, "provision", "--bucket", "artifacts",
    cwd = folder,
    env = environment("http://127.0.0.1:" .. proxy:port(), folder),
  })
  local count = 0
  while not handle:poll() do
    assert(poll.wait({ proxy:fd(), handle:fd() }, 1))
    handle:read()
    local request = proxy:next()
    while request do
      count = count + 1
      if count == kill_at and moment == "before" then
        handle:kill(9)
        break
      end
      local answer = pass_on(cloud, request)
      if count == kill_at then
        handle:kill(9)
        break
      end
      local kept = {}
      for name, value in pairs(answer.headers) do
        if name ~= "content-length" and name ~= "transfer-encoding" and name ~= "connection" then
          kept[name] = value
        end
      end
      proxy:respond(request.id, {
        status = answer.status,
        headers = kept,
        body = answer.body,
        head = request.method == "HEAD",
      })
      request = proxy:next()
    end
  end
  local result = handle:wait(10)
  proxy:close()
  return count, result
end

-- Everything that a run may leave behind, as one text. `describe.lua` runs in a process of its own,
-- with the environment of the provision.
local DESCRIBE = [[
local aws = require "engine.aws"
local session = require("engine.aws.session").new {}
local lines = {}
local function add(...) table.insert(lines, table.concat({ ... }, " ")) end
local stack = require("engine.aws.stack")
local found = stack.describe(session, "victim")
add("stack", found and found.status:gsub("^UPDATE_", "CREATE_") or "none")
for _, resource in ipairs(found and stack.resources(session, "victim") or {}) do
  add("resource", resource.id, resource.type, (resource.status:gsub("^UPDATE_", "CREATE_")))
end
local sets = aws.call(session, "cloudformation", "ListChangeSets", { StackName = "victim" })
for _, set in ipairs(sets.Summaries or {}) do
  if set.ExecutionStatus ~= "EXECUTE_COMPLETE" and set.Status ~= "DELETE_COMPLETE" then
    add("change set", set.Status)
  end
end
local s3 = require "host.s3"
local where = {
  credentials = session:credentials(), region = session:region(),
  endpoint = os.getenv "AWS_ENDPOINT_URL", bucket = "artifacts",
}
for _, object in ipairs(assert(s3.list(where))) do add("object", object.key) end
for _, left in ipairs(assert(s3.unfinished(where))) do add("unfinished", left.key) end
table.sort(lines)
io.write(table.concat(lines, "\n"), "\n")
]]

describe("a provision that is killed", function()
  local root, cloud

  before_each(function()
    root = assert(file.temporary_folder())
    assert(file.write(root .. "/describe.lua", DESCRIBE))
    cloud = start_cloud(root)
    local bucket = assert(io.open(root .. "/bucket.lua", "w"))
    bucket:write [[
      local aws = require "engine.aws"
      aws.call(require("engine.aws.session").new {}, "s3", "CreateBucket", { Bucket = "artifacts" })
    ]]
    bucket:close()
    laconic({ "run", "bucket.lua" }, cloud.endpoint, root)
  end)

  after_each(function()
    cloud.handle:kill(9)
    cloud.handle:wait(10)
    cloud.handle:close()
    assert(file.remove_tree(root))
  end)

  local function new_service()
    local folder = root .. "/service"
    assert(file.remove_tree(folder))
    assert(file.make_folder(folder))
    assert(file.write(folder .. "/service.lua", SERVICE))
    return folder
  end

  -- Takes away the stack and every object, as if nothing had been.
  local function clean(folder)
    laconic({ "delete" }, cloud.endpoint, folder)
    assert(file.write(root .. "/clean.lua", [[
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
    ]]))
    laconic({ "run", "clean.lua" }, cloud.endpoint, root)
  end

  local function state()
    return laconic({ "run", "describe.lua" }, cloud.endpoint, root)
  end

  it("converges to the same stack, whichever request it died at", function()
    local folder = new_service()
    local total, result = provision_through_proxy(cloud, folder)
    assert.equal(0, result.status)
    local undisturbed = state()
    assert.matches("stack CREATE_COMPLETE", undisturbed)
    assert.matches("object victim/code%-", undisturbed)
    assert.truthy(total >= 8, total .. " requests")

    for kill_at = 1, total do
      for _, moment in ipairs { "before", "after" } do
        clean(folder)
        folder = new_service()
        local seen, killed = provision_through_proxy(cloud, folder, kill_at, moment)
        -- Polls vary from run to run: a run may end before it came to this request.
        if seen >= kill_at then
          assert.equal(9, killed.signal)
        end
        laconic({ "provision", "--bucket", "artifacts" }, cloud.endpoint, folder)
        assert.equal(undisturbed, state(), ("killed %s request %d"):format(moment, kill_at))
      end
    end
  end)

  it("converges after an edit, too, whichever request of the update it died at", function()
    local edited = SERVICE:gsub('"alive"', '"edited"')

    -- A stack that stands, and a service that was edited since.
    local function edit(folder)
      clean(folder)
      folder = new_service()
      laconic({ "provision", "--bucket", "artifacts" }, cloud.endpoint, folder)
      assert(file.write(folder .. "/service.lua", edited))
      return folder
    end

    local folder = edit(new_service())
    local before = state()
    local total, result = provision_through_proxy(cloud, folder)
    assert.equal(0, result.status)
    local undisturbed = state()
    assert.not_equal(before, undisturbed) -- another code, another template

    for kill_at = 1, total do
      folder = edit(folder)
      local seen, killed = provision_through_proxy(cloud, folder, kill_at, "after")
      if seen >= kill_at then
        assert.equal(9, killed.signal)
      end
      laconic({ "provision", "--bucket", "artifacts" }, cloud.endpoint, folder)
      assert.equal(undisturbed, state(), ("killed after request %d"):format(kill_at))
    end
  end)

  it("converges when its own hooks are where it died, and nothing had been sent yet", function()
    local folder = new_service()
    laconic({ "provision", "--bucket", "artifacts" }, cloud.endpoint, folder)
    local undisturbed = state()
    for _, hook in ipairs {
      "pre_build", "post_build", "archive", "pre_marshal", "post_marshal", "validate",
    } do
      clean(folder)
      folder = new_service()
      -- The service asks the environment, so that its file, and so its archive, is the same.
      local killer = SERVICE:gsub("return service", ([[
service:hook("%s", function()
  local mark = io.open("dead")
  if mark then
    mark:close()
    return
  end
  io.open("dead", "w"):close()
  os.execute("kill -9 $PPID")
end)
return service]]):format(hook))
      assert(file.write(folder .. "/service.lua", killer))
      local options = { program.path, "provision", "--bucket", "artifacts" }
      options.cwd, options.timeout = folder, 60
      options.env = environment(cloud.endpoint, folder)
      local result = assert(process.run(options))
      assert.equal(9, result.signal, hook .. "\n" .. result.output)

      laconic({ "provision", "--bucket", "artifacts" }, cloud.endpoint, folder)
      local function without_hashes(text)
        return (text:gsub("%-%x+%.", "-HASH."))
      end
      assert.equal(without_hashes(undisturbed), without_hashes(state()), hook)
    end
  end)
end)
