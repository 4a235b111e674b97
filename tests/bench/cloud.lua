-- The local cloud: how long it takes to start, to create and delete examples/01-hello, to answer its
-- first call, and to answer warm ones. Times are a caller's, over HTTP, signatures and all.
local attach = require "engine.local.attach"
local aws = require "engine.aws"
local clock = require "host.clock"
local digest = require "host.digest"
local figures = require "figures"
local file = require "host.file"
local session = require "engine.aws.session"

local laconic = file.program()
local STARTS <const> = 9
local CALLS <const> = 500
local AT_ONCE <const> = 8
local FUNCTION <const> = "hello_hello"

local function request_of(here, endpoint_url)
  return {
    credentials = here:credentials(),
    region = "us-east-1",
    service = "lambda",
    url = ("%s/2015-03-31/functions/%s/invocations"):format(endpoint_url, FUNCTION),
    body = '{"name":"Ada"}',
  }
end

local function session_of(cloud)
  return session.new({ endpoint_url = cloud.endpoint_url, region = cloud.region })
    :as(cloud.credentials)
end

-- Calls the function and returns what its REPORT line says its initialisation took.
local function init_of(here)
  local answer = aws.call(here, "lambda", "Invoke", {
    FunctionName = FUNCTION,
    LogType = "Tail",
    Payload = '{"name":"Ada"}',
  })
  local tail = assert(digest.from_base64(answer.headers["x-amz-log-result"]))
  return assert(tonumber(tail:match "Init Duration: ([%d.]+) ms"), tail)
end

local function measure_starts(folder)
  local started, called, inits = {}, {}, {}
  for i = 1, STARTS do
    local begun = clock.monotonic()
    local cloud <close> = attach.open(folder)
    started[i] = (clock.monotonic() - begun) * 1000
    called[i] = figures.time(function()
      inits[i] = init_of(session_of(cloud))
    end)
  end
  figures.print("local cloud: start, until it answers", figures.sorted(started))
  figures.print("local cloud: first call of a function", figures.sorted(called))
  figures.print("  of which its initialisation", figures.sorted(inits))
end

local function measure_stack(folder)
  local created, deleted = {}, {}
  local cloud <close> = attach.open(folder)
  for i = 1, STARTS do
    created[i] = figures.time(function()
      figures.run { laconic, "provision", "--local", cwd = folder }
    end)
    if i < STARTS then -- the last one stays, to be called
      deleted[i] = figures.time(function()
        figures.run { laconic, "delete", "--local", cwd = folder }
      end)
    end
  end
  assert(cloud)
  figures.print("local cloud: create 01-hello", figures.sorted(created))
  figures.print("local cloud: delete 01-hello", figures.sorted(deleted))
end

local function rate(what, calls, seconds)
  print(("%-46s %8.0f a second   (%.2f ms each)"):format(what, calls / seconds,
    seconds / calls * 1000))
end

local function measure_warm(folder)
  local aws_request = require "host.aws_request"
  local cloud <close> = attach.open(folder)
  local request = request_of(session_of(cloud), cloud.endpoint_url)
  local durations = figures.measure(CALLS, function()
    assert(aws_request.send(request))
  end)
  figures.print("local cloud: warm call, one after another", durations)

  local requests = {}
  for i = 1, CALLS do
    requests[i] = request
  end
  local function send_all()
    for _, result in ipairs(aws_request.send_all(requests, { parallel = AT_ONCE })) do
      assert(result.response, result.err)
    end
  end
  send_all() -- makes the instances
  rate(("local cloud: warm calls, %d at once"):format(AT_ONCE), CALLS,
    figures.time(send_all) / 1000)
end

figures.with_folder(function(folder)
  assert(file.copy("examples/01-hello/service.lua", folder .. "/service.lua"))
  measure_stack(folder)
  measure_starts(folder)
  measure_warm(folder)
end)
