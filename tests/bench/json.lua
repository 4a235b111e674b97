-- laconic run tests/bench/json.lua : how fast JSON is read and written, on a document of 1 MB that
-- looks like a batch of API Gateway events.
local clock = require "host.clock"
local json = require "host.json"

local BYTES = 1000000
local RUNS = 15

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

local function measure(name, bytes, fn)
  local times = {}
  for run = 1, RUNS do
    collectgarbage()
    local start = clock.monotonic()
    fn()
    times[run] = clock.monotonic() - start
  end
  table.sort(times)
  local median = times[RUNS // 2 + 1]
  print(("%-24s %8.1f MB/s  (median of %d, %.2f ms)"):format(name, bytes / median / 1e6, RUNS,
    median * 1e3))
end

local value = document()
local text = json.encode(value)
measure("json.decode", #text, function()
  json.decode(text)
end)
measure("json.encode", #text, function()
  json.encode(value)
end)
measure("json.encode unsorted", #text, function()
  json.encode(value, { sorted = false })
end)
return 0
