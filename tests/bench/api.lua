-- laconic run tests/bench/api.lua [--peers]: a hello behind the gateways of the local cloud, under wrk
-- with connections that stay open, 1 and 16 of them. Each request runs the deployed `bootstrap`
-- through the Runtime API. With --peers the local gateways of others serve the same hello
-- (tests/bench/peers_api/build makes them), and Go's bare HTTP server, in the same run and in turns,
-- so that a neighbour's noise falls on all; who is not measured is stopped, lest it be one.
local attach = require "engine.local.attach"
local clock = require "host.clock"
local figures = require "figures"
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"
local process = require "host.process"

local ROUNDS <const> = 3
local SECONDS <const> = 3
local CONNECTIONS <const> = { 1, 16 }
local MANY <const> = 100000 -- requests, after which memory is looked at again
local PATIENCE <const> = 60
local PEERS <const> = file.current_folder() .. "/build/peers/api/"

local SERVICE <const> = [[
local laconic = require "laconic"
local service = laconic.service { name = "hello" }

local whole = service:lambda {
  name = "whole",
  url = true,
  handler = function()
    return {
      statusCode = 200,
      headers = { ["content-type"] = "application/json" },
      body = '{"message":"Hello, world"}',
    }
  end,
}

local value = service:lambda {
  name = "value",
  handler = function()
    return { message = "Hello, world" }
  end,
}

service:http_api({ name = "http" }):route { key = "GET /hello", lambda = whole }
local rest = service:rest_api { name = "rest" }
rest:method { path = "/hello", verb = "GET", lambda = whole, proxy = true }
rest:method { path = "/mapped", verb = "GET", lambda = value }

return service
]]

local UNITS <const> = { us = 0.001, ms = 1, s = 1000 }

local function resident_mib(pid)
  local status = assert(file.read(("/proc/%d/status"):format(pid)))
  return tonumber(status:match "VmRSS:%s+(%d+)") / 1024
end

-- What wrk says of `seconds` under load: requests a second, and milliseconds.
local function load(url, connections, seconds)
  local said = figures.run({
    "wrk", "-t1", "-c" .. connections, ("-d%ds"):format(seconds), "--timeout", "30s",
    "--latency", url,
  }).output
  assert(not said:find "Non%-2xx" and not said:find "Socket errors", said)
  local function percentile(name)
    local number, unit = said:match("%s" .. name .. "%%%s+([%d.]+)(%a+)")
    return tonumber(number) * UNITS[unit]
  end
  return {
    requests = tonumber(said:match "(%d+) requests in"),
    per_second = tonumber(said:match "Requests/sec:%s+([%d.]+)"),
    p50 = percentile "50",
    p99 = percentile "99",
  }
end

local function await_answer(url)
  local deadline = clock.monotonic() + PATIENCE
  while clock.monotonic() < deadline do
    local answer = http.request { url = url, proxy = "", timeout = 5 }
    if answer and answer.status == 200 then
      return
    end
    clock.sleep(0.005)
  end
  error(url .. " does not answer", 0)
end

-- A port that was free just now: the programs of others want to be told one.
local function free_port()
  local listening <close> = assert(require("host.server").listen())
  return listening:port()
end

local function outputs(laconic, folder)
  local result = figures.run {
    laconic, "outputs", "--local", "--format", "json", cwd = folder,
  }
  return assert(json.decode(result.output))
end

-- How long a cloud with a deployed service takes to start, until it answers.
local function start_time(folder)
  local durations = {}
  for i = 1, 9 do
    local begun = clock.monotonic()
    local cloud <close> = attach.open(folder)
    durations[i] = (clock.monotonic() - begun) * 1000
    assert(cloud)
  end
  return figures.sorted(durations)[5]
end

local function deploy(folder)
  assert(file.write(folder .. "/service.lua", SERVICE))
  local cloud <close> = attach.open(folder)
  figures.run { file.program(), "provision", "--local", cwd = folder }
  assert(cloud)
end

local function ours(folder, start)
  local urls = outputs(file.program(), folder)
  local pid = json.decode(assert(file.read(folder .. "/.laconic/local/endpoint.json"))).pid
  return {
    { name = "function URL", url = urls.WholeUrl, pid = pid, start = start },
    { name = "HTTP API", url = urls.HttpUrl .. "/hello", pid = pid, start = start },
    { name = "REST API, proxy", url = urls.RestUrl .. "/hello", pid = pid, start = start },
    { name = "REST API, templates", url = urls.RestUrl .. "/mapped", pid = pid, start = start },
  }
end

local function peers()
  local function serverless(name, ...)
    local port = tostring(free_port())
    return {
      name = name,
      needs = PEERS .. "serverless/node_modules/serverless-offline/package.json",
      cwd = PEERS .. "serverless",
      url = ("http://127.0.0.1:%s/hello"):format(port),
      words = {
        "node", "node_modules/serverless/bin/serverless.js", "offline", "--host", "127.0.0.1",
        "--httpPort", port, "--lambdaPort", tostring(free_port()), "--noTimeout", ...,
      },
    }
  end
  local chalice_port, go_port = tostring(free_port()), tostring(free_port())
  return {
    serverless("serverless-offline, in process", "--useInProcess"),
    serverless "serverless-offline, workers",
    {
      name = "chalice local",
      needs = PEERS .. "chalice/venv/bin/chalice",
      cwd = PEERS .. "chalice",
      url = ("http://127.0.0.1:%s/hello"):format(chalice_port),
      words = { "venv/bin/chalice", "local", "--no-autoreload", "--port", chalice_port },
    },
    {
      name = "Go's net/http, bare",
      needs = PEERS .. "go/hello",
      cwd = PEERS .. "go",
      url = ("http://127.0.0.1:%s/hello"):format(go_port),
      words = { PEERS .. "go/hello", go_port },
    },
  }
end

-- SIGSTOP and SIGCONT, of one that is a child of ours.
local function rest(peer)
  if peer.child then
    peer.child:kill(19)
  end
end

local function wake(peer)
  if peer.child then
    peer.child:kill(18)
  end
end

local function start(peer)
  if not file.exists(peer.needs) then
    print(("%-32s not measured: what it needs is not installed, or could not be built"):format(
      peer.name))
    return false
  end
  local begun = clock.monotonic()
  local words = {
    cwd = peer.cwd,
    env = {
      PATH = peer.cwd .. "/venv/bin:" .. os.getenv "PATH",
      HOME = peer.cwd,
      SLS_TELEMETRY_DISABLED = "1",
      SLS_NOTIFICATIONS_MODE = "off",
      AWS_DEFAULT_REGION = "us-east-1",
    },
    output = "discard",
    error = "discard",
  }
  for i, word in ipairs(peer.words) do
    words[i] = word
  end
  peer.child = assert(process.spawn(words))
  peer.pid = peer.child:id()
  await_answer(peer.url)
  peer.start = (clock.monotonic() - begun) * 1000
  rest(peer)
  return true
end

local function measure(candidate)
  wake(candidate)
  for _, connections in ipairs(CONNECTIONS) do
    local result = load(candidate.url, connections, SECONDS)
    local results = candidate.results[connections]
    results[#results + 1] = result
    candidate.requests = candidate.requests + result.requests
  end
  rest(candidate)
end

local function median(candidate, connections, name)
  local values = {}
  for i, result in ipairs(candidate.results[connections]) do
    values[i] = result[name]
  end
  table.sort(values)
  return values[#values // 2 + 1]
end

local ROW <const> = "%-32s %9s %6s %9s %9s %6s %9s %9s %16s"

local function print_row(candidate, beside)
  local cells = {}
  for _, connections in ipairs(CONNECTIONS) do
    local rate = median(candidate, connections, "per_second")
    local other = beside and median(beside, connections, "per_second")
    table.insert(cells, ("%.0f/s"):format(rate))
    table.insert(cells, other and ("%.2f"):format(rate / other) or "-")
    table.insert(cells, ("%.2f ms"):format(median(candidate, connections, "p99")))
  end
  table.insert(cells, ("%.0f ms"):format(candidate.start))
  table.insert(cells, ("%.0f > %.0f MiB"):format(candidate.before, candidate.after))
  print(ROW:format(candidate.name, table.unpack(cells)))
end

local function take_turns(candidates)
  for _, candidate in ipairs(candidates) do
    candidate.results, candidate.requests = { [1] = {}, [16] = {} }, 0
    wake(candidate)
    load(candidate.url, 16, 1) -- does not count
    candidate.before = resident_mib(candidate.pid)
    rest(candidate)
  end
  for _ = 1, ROUNDS do
    for _, candidate in ipairs(candidates) do
      measure(candidate)
    end
  end
  for _, candidate in ipairs(candidates) do
    local tries = 0
    wake(candidate)
    while candidate.requests < MANY and tries < 10 do
      candidate.requests = candidate.requests + load(candidate.url, 16, SECONDS).requests
      tries = tries + 1
    end
    candidate.after = resident_mib(candidate.pid)
    rest(candidate)
  end
end

if not os.execute "command -v wrk >/dev/null" then
  print "APIs are not measured: wrk is not installed (apt-get install wrk)"
  return 0
end

figures.with_folder(function(folder)
  deploy(folder)
  local starting = start_time(folder)
  local cloud <close> = attach.open(folder)
  local candidates, beside = ours(folder, starting), nil
  assert(cloud)
  local started = {}
  for _, peer in ipairs(arg[1] == "--peers" and peers() or {}) do
    if start(peer) then
      beside = beside or peer
      table.insert(candidates, peer)
      table.insert(started, peer)
    end
  end
  local ok, problem = pcall(take_turns, candidates)
  for _, peer in ipairs(started) do
    wake(peer)
    peer.child:kill(15)
    peer.child:close()
  end
  assert(ok, problem)
  print(ROW:format("hello behind", "1", "x", "p99", "16", "x", "p99", "start", "memory"))
  for _, candidate in ipairs(candidates) do
    print_row(candidate, beside)
  end
  if beside then
    print("x: the ratio to " .. beside.name)
  end
end)
return 0
