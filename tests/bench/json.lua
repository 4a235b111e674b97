-- laconic run tests/bench/json.lua : how fast JSON is read and written, on a document of 1 MB that
-- looks like a batch of API Gateway events; and how fast lua-cjson and cJSON are in the same run.
local clock = require "host.clock"
local figures = require "figures"
local file = require "host.file"
local json = require "host.json"

local BYTES = 1000000
local RUNS = 25

local function event(i)
  return {
    httpMethod = i % 3 == 0 and "POST" or "GET",
    path = "/orders/" .. i,
    resource = "/orders/{id}",
    isBase64Encoded = false,
    body = i % 3 == 0 and json.encode { item = "tea", count = i % 7, note = "été\n" } or json.null,
    headers = {
      Accept = "application/json, text/plain, */*",
      ["Accept-Encoding"] = "gzip, deflate, br",
      ["CloudFront-Viewer-Country"] = "ES",
      Host = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
      ["X-Amzn-Trace-Id"] = ("Root=1-%08x-%024x"):format(1600000000 + i, i * 7919),
    },
    pathParameters = { id = tostring(i) },
    queryStringParameters = { page = tostring(i % 10), sort = "date" },
    multiValueQueryStringParameters = { page = { tostring(i % 10) }, sort = { "date", "name" } },
    requestContext = {
      accountId = "123456789012",
      apiId = "a1b2c3d4e5",
      requestTimeEpoch = 1600000000000 + i,
      latency = i / 7,
      stage = "prod",
      identity = { sourceIp = "203.0.113." .. i % 256, userArn = json.null },
    },
    stageVariables = {},
  }
end

local function document()
  local events, size = json.array {}, 0
  while size < BYTES do
    events[#events + 1] = event(#events + 1)
    size = size + #json.encode(events[#events]) + 1
  end
  return events
end

local tasks = {} -- { fn, least = seconds }, run in turns: a neighbour's noise falls on all

local function add_task(fn)
  table.insert(tasks, { fn = fn, least = math.huge })
  return tasks[#tasks]
end

local function run_tasks()
  for _ = 1, RUNS do
    for _, task in ipairs(tasks) do
      collectgarbage()
      local start = clock.monotonic()
      task.fn()
      task.least = math.min(task.least, clock.monotonic() - start)
    end
  end
end

local function add_module(module, text, value)
  return {
    decode = add_task(function()
      assert(module.decode(text))
    end),
    encode = add_task(function()
      assert(module.encode(value))
    end),
  }
end

-- Debian's lua-cjson, where it is installed. It sorts no names, and rounds floats to 14 digits.
local function lua_cjson(text)
  package.cpath = "/usr/lib/x86_64-linux-gnu/lua/5.4/?.so;/usr/lib/aarch64-linux-gnu/lua/5.4/?.so;"
    .. package.cpath
  local found, cjson = pcall(require, "cjson")
  return found and add_module(cjson, text, cjson.decode(text)) or nil
end

local function c_json(text)
  local result
  figures.with_folder(function(folder)
    assert(file.write(folder .. "/document.json", text))
    local run = figures.run { "build/tests/bench/json_peer", folder .. "/document.json" }
    result = json.decode(run.output)
  end)
  return result
end

local value = document()
local text = json.encode(value)

local function speed(task)
  return #text / task.least / 1e6
end

local function speeds(of)
  return of and { decode = speed(of.decode), encode = speed(of.encode) }
end

local function print_row(name, peer, of)
  if not peer then
    print(("%-24s not measured: it is not installed"):format(name))
    return
  end
  print(("%-24s decode %7.1f MB/s (x %.2f), encode %7.1f MB/s (x %.2f)"):format(name, peer.decode,
    of.decode / peer.decode, peer.encode, of.encode / peer.encode))
end

local ours = add_module(json, text, value)
local cjson = lua_cjson(text)
local unsorted = add_task(function()
  assert(json.encode(value, { sorted = false }))
end)
run_tasks()

local own = speeds(ours)
print(("host.json                decode %7.1f MB/s, encode %7.1f MB/s (unsorted %.1f)"):format(
  own.decode, own.encode, speed(unsorted)))
print_row("lua-cjson", speeds(cjson), own)
print_row("cJSON", c_json(text), own)
return 0
