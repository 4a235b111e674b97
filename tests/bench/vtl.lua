-- laconic run tests/bench/vtl.lua [--peers] : how long mapping templates take to be rendered; with
-- --peers, also by velocityjs and airspeed (tests/bench/vtl/peers gets them), each with the template
-- parsed once.
local clock = require "host.clock"
local figures = require "figures"
local file = require "host.file"
local json = require "host.json"
local vtl = require "host.vtl"

local FOLDER = "tests/bench/vtl/"
local NAMES = { "envelope", "loop", "gem" }
local WHAT = {
  envelope = "envelope of a request (8 headers, 500 B body)",
  loop = "loop over 100 items",
  gem = "request of a service API",
}
local ROUNDS = 15
local TIMES = 300

local function items()
  local list = json.array {}
  for i = 1, 100 do
    list[i] = { id = i, name = "item " .. i, price = i * 3, count = i % 7 }
  end
  return list
end

local VALUES = {
  params = {
    path = { player_id = "p-1234567890" },
    querystring = { count = "25", sort = "date", filter = 'name eq "tea"' },
    header = {
      Accept = "application/json, text/plain, */*",
      ["Accept-Encoding"] = "gzip, deflate, br",
      ["CloudFront-Viewer-Country"] = "ES",
      ["Content-Type"] = "application/json",
      Host = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
      ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
      ["X-Amzn-Trace-Id"] = "Root=1-5f5f5f5f-0123456789abcdef01234567",
      ["X-Forwarded-For"] = "203.0.113.9, 198.51.100.7",
    },
  },
  context = {
    apiId = "a1b2c3d4e5",
    httpMethod = "POST",
    requestId = "5f5f5f5f-0123-4567-89ab-cdef01234567",
    resourceId = "abc123",
    resourcePath = "/players/{player_id}/items",
    stage = "prod",
    identity = {
      accountId = "123456789012",
      cognitoIdentityId = "eu-west-1:0123-4567",
      sourceIp = "203.0.113.9",
      userAgent = "Mozilla/5.0",
    },
  },
}

local BODIES = {
  envelope = json.encode { name = "tea", note = ("a note, "):rep(50), tags = { "a", "b" }, n = 25 },
  loop = json.encode { items = items() },
  gem = json.encode { item = { id = 7, name = "tea" }, amount = 3, gifts = { "cup", "pot" } },
}

local function values_of(name)
  return { body = BODIES[name], params = VALUES.params, context = VALUES.context }
end

local function measure(name)
  local template = assert(vtl.compile(assert(file.read(FOLDER .. name .. ".vtl"))))
  local values, least = values_of(name), math.huge
  for _ = 1, ROUNDS do
    collectgarbage()
    local begun = clock.monotonic()
    for _ = 1, TIMES do
      assert(template:render(values))
    end
    least = math.min(least, (clock.monotonic() - begun) / TIMES)
  end
  return { seconds = least, text = assert(template:render(values)) }
end

-- The peer's answers by template; nil when it is not installed.
local function run_peer(command)
  if not file.read(command.needs) then
    return nil
  end
  local answers = {}
  figures.with_folder(function(folder)
    for _, name in ipairs(NAMES) do
      local path = folder .. "/values.json"
      assert(file.write(path, json.encode(values_of(name))))
      local run = figures.run {
        command[1], command[2], path, tostring(ROUNDS), FOLDER .. name .. ".vtl",
      }
      answers[name] = json.decode(run.output)[name .. ".vtl"]
    end
  end)
  return answers
end

local function same(left, right)
  local ok, a, b = pcall(function()
    return json.encode(assert(json.decode(left))), json.encode(assert(json.decode(right)))
  end)
  return ok and a == b
end

local function note(name, ours, answers, peer)
  if not answers then
    return peer .. " not measured: it is not installed"
  end
  local theirs = answers[name]
  return ("%s %.1f us (x %.1f)%s"):format(peer, theirs.seconds * 1e6, theirs.seconds / ours.seconds,
    same(theirs.text, ours.text) and "" or ", whose answer differs")
end

local node, python
if arg[1] == "--peers" then
  node = run_peer {
    "node", FOLDER .. "peer.js",
    needs = "build/peers/vtl-bench/node_modules/velocityjs/package.json",
  }
  python = run_peer {
    "build/peers/vtl-bench/venv/bin/python", FOLDER .. "peer.py",
    needs = "build/peers/vtl-bench/venv/ready",
  }
end
for _, name in ipairs(NAMES) do
  local ours = measure(name)
  local text = ("host.vtl: %-46s %6.1f us"):format(WHAT[name], ours.seconds * 1e6)
  if arg[1] == "--peers" then
    text = text .. "   " .. note(name, ours, node, "velocityjs") .. "; "
      .. note(name, ours, python, "airspeed")
  end
  print(text)
end
return 0
