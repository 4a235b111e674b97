local clock = require "host.clock"
local file = require "host.file"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local logs = require "engine.local.services.logs"
local loop = require "engine.local.loop"
local store = require "engine.local.services.logs.store"

local GROUP = "/aws/lambda/hello"

local function milliseconds()
  return math.floor(clock.now() * 1000)
end

local function writer(cloud, stream)
  return logs.writer(cloud, "us-east-1", GROUP, stream)
end

local function filter(cloud, params)
  params.logGroupName = GROUP
  return cloud:call("logs", "FilterLogEvents", params)
end

local function messages(answer)
  local list = {}
  for i, event in ipairs(answer.events) do
    list[i] = event.message
  end
  return list
end

describe("CloudWatch Logs of the local cloud", function()
  it("keeps what functions say, group and stream made on the way", function()
    in_cloud(function(cloud)
      local now = milliseconds()
      writer(cloud, "one"):prepare()
      writer(cloud, "one"):append({ "a" }, { now })
      writer(cloud, "two"):append({ "b" }, { now - 5 })
      assert.same({ "b", "a" }, messages(filter(cloud, {})))
      assert.same({ "a" }, messages(filter(cloud, { logStreamNames = { "one" } })))
      local streams = cloud:call("logs", "DescribeLogStreams", { logGroupName = GROUP }).logStreams
      assert.equal(2, #streams)
      assert.equal(now - 5, streams[2].lastEventTimestamp)
    end)
  end)

  it("does not bring back a group that was deleted while a function was at work", function()
    in_cloud(function(cloud)
      writer(cloud, "one"):prepare()
      cloud:call("logs", "DeleteLogGroup", { logGroupName = GROUP })
      writer(cloud, "one"):append({ "a" }, { 1 })
      assert.same({}, cloud:call("logs", "DescribeLogGroups", {}).logGroups)
    end)
  end)

  it("forgets what was to be written to a group that is deleted", function()
    in_cloud(function(cloud)
      writer(cloud, "one"):prepare()
      writer(cloud, "one"):append({ "a" }, { milliseconds() })
      local _, files = next(cloud:memory "logs.files")
      assert.truthy(files.lines:waiting() > 0)
      cloud:call("logs", "DeleteLogGroup", { logGroupName = GROUP })
      assert.equal(0, files.lines:waiting())
    end)
  end)

  it("gives every event once over pages, also those of one millisecond", function()
    in_cloud(function(cloud)
      local now, texts, times = milliseconds(), {}, {}
      for i = 1, 25 do
        texts[i], times[i] = tostring(i), now
      end
      writer(cloud, "one"):prepare()
      writer(cloud, "one"):append(texts, times)
      local got, token = {}, nil
      repeat
        local page = filter(cloud, { limit = 4, nextToken = token })
        table.move(messages(page), 1, 4, #got + 1, got)
        token = page.nextToken
      until not token
      assert.equal(25, #got)
      assert.equal("25", got[25])
    end)
  end)

  it("bounds a group on disk, and says what is gone", function()
    local half = store.half
    store.half = 64 * 1024
    local ok, problem = pcall(in_cloud, function(cloud, folder)
      writer(cloud, "one"):prepare()
      for i = 1, 60 do
        writer(cloud, "one"):append({ ("%04d "):format(i) .. ("x"):rep(4096) },
          { milliseconds() })
      end
      local list = messages(filter(cloud, {}))
      assert.truthy(#list < 40, "events are dropped")
      assert.matches("^0060 ", list[#list])
      local notes = messages(filter(cloud, { filterPattern = '"laconic local dropped"' }))
      assert.equal(1, #notes)
      assert.equal(notes[1], list[1])
      local bytes = 0
      for _, path in ipairs(file.walk(folder .. "/state/logs/data")) do
        bytes = bytes + file.stat(folder .. "/state/logs/data/" .. path).size
      end
      assert.truthy(bytes <= 3 * store.half, bytes .. " bytes on disk")
    end)
    store.half = half
    assert(ok, problem)
  end)

  it("knows what was deleted for as long as it keeps the events", function()
    local half = store.half
    store.half = 64 * 1024
    local ok, problem = pcall(in_cloud, function(cloud, folder)
      local function deletions()
        local names = {}
        for _, path in ipairs(file.walk(folder .. "/state/logs/data")) do
          table.insert(names, path:match "deleted[%w-]*%.jsonl$")
        end
        table.sort(names)
        return names
      end
      local function fill()
        local files = select(2, next(cloud:memory "logs.files"))
        local before = files.size
        repeat
          before = math.max(before, files.size)
          writer(cloud, "two"):append({ ("x"):rep(4096) }, { milliseconds() })
          store.write_all(cloud)
        until files.size < before
      end
      writer(cloud, "one"):prepare()
      writer(cloud, "one"):append({ "a" }, { milliseconds() })
      cloud:call("logs", "DeleteLogStream", { logGroupName = GROUP, logStreamName = "one" })
      assert.same({ "deleted.jsonl" }, deletions())
      fill()
      assert.same({ "deleted-before.jsonl" }, deletions())
      assert.same({}, messages(filter(cloud, { logStreamNames = { "one" } })))
      fill()
      assert.same({}, deletions())
    end)
    store.half = half
    assert(ok, problem)
  end)

  it("takes large files away in steps", function()
    local half = store.half
    store.half = 3 * 1024 * 1024
    local ok, problem = pcall(in_cloud, function(cloud, folder)
      writer(cloud, "one"):prepare()
      local text = ("x"):rep(250 * 1024)
      for _ = 1, 40 do
        writer(cloud, "one"):append({ text }, { milliseconds() })
      end
      local data = folder .. "/state/logs/data/"
      local function size_of(name)
        for _, path in ipairs(file.walk(data)) do
          if path:sub(-#name) == name then
            return file.stat(data .. path).size
          end
        end
        return nil
      end
      assert.truthy(size_of "events-before.jsonl" > store.half)
      assert.truthy(size_of "events-dropped.jsonl", "it goes while the cloud works")
      local deadline = clock.monotonic() + 30
      while size_of "events-dropped.jsonl" do
        assert.truthy(clock.monotonic() < deadline, "it stays")
        loop.sleep(0.005)
      end
    end)
    store.half = half
    assert(ok, problem)
  end)

  it("refuses events out of order, and tells of those too old", function()
    in_cloud(function(cloud)
      local now = milliseconds()
      writer(cloud, "one"):prepare()
      writer(cloud, "one"):append({ "a" }, { now })
      local function put(events)
        return cloud:call("logs", "PutLogEvents", {
          logGroupName = GROUP,
          logStreamName = "one",
          logEvents = events,
        })
      end
      local raised = assert.error_matches("chronological order", function()
        put { { timestamp = now, message = "b" }, { timestamp = now - 1, message = "c" } }
      end)
      assert.equal("InvalidParameterException", raised.code)
      local old = { timestamp = now - 15 * 24 * 3600 * 1000, message = "old" }
      local answer = put { old, { timestamp = now, message = "new" } }
      assert.equal(1, answer.rejectedLogEventsInfo.tooOldLogEventEndIndex)
      assert.same({ "a", "new" }, messages(filter(cloud, {})))
    end)
  end)
end)
