local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local folder = assert(file.temporary_folder())
local cloud = served_cloud.start(folder .. "/state")

local function ask(action, params)
  return cloud:send_json("logs", { target = "Logs_20140328." .. action, say = json.object(params) })
end

local function done(action, params)
  local answer = ask(action, params)
  assert.equal(200, answer.status, action .. ": " .. answer.body)
  return answer.json
end

local function refused(code, words, action, params)
  local answer = ask(action, params)
  assert.equal(400, answer.status, action .. ": " .. answer.body)
  assert.equal(code, answer.json.__type)
  assert.matches(words, answer.json.message)
end

local function milliseconds()
  return clock.now() * 1000 // 1 | 0
end

local function group(name)
  done("CreateLogGroup", { logGroupName = name })
  return name
end

local function put(name, stream, texts, first)
  local events = json.array {}
  for i, text in ipairs(texts) do
    events[i] = { timestamp = (first or milliseconds()) + i - 1, message = text }
  end
  done("PutLogEvents", { logGroupName = name, logStreamName = stream, logEvents = events })
end

local function stream(name, stream_name, texts, first)
  done("CreateLogStream", { logGroupName = name, logStreamName = stream_name })
  if texts then
    put(name, stream_name, texts, first)
  end
end

local function messages(events)
  local list = {}
  for i, event in ipairs(events) do
    list[i] = event.message
  end
  return list
end

local function told(name)
  return messages(done("FilterLogEvents", { logGroupName = name }).events)
end

local function names_of(list, field)
  local names = {}
  for i, item in ipairs(list) do
    names[i] = item[field]
  end
  return names
end

describe("DeleteLogStream", function()
  it("deletes the stream's events with it, and no other's", function()
    local name = group "/delete"
    stream(name, "one", { "a", "b" })
    stream(name, "two", { "c" })
    assert.same({}, done("DeleteLogStream", { logGroupName = name, logStreamName = "one" }))
    assert.same({ "c" }, told(name))
    local streams = done("DescribeLogStreams", { logGroupName = name }).logStreams
    assert.same({ "two" }, names_of(streams, "logStreamName"))
    refused("ResourceNotFoundException", "The specified log stream does not exist.", "GetLogEvents",
      { logGroupName = name, logStreamName = "one" })
  end)

  it("leaves nothing to a new stream of the same name, over a kill too", function()
    local name = group "/again"
    stream(name, "one", { "old" })
    done("DeleteLogStream", { logGroupName = name, logStreamName = "one" })
    stream(name, "one")
    local made = done("DescribeLogStreams", { logGroupName = name }).logStreams[1]
    assert.is_nil(made.firstEventTimestamp)
    put(name, "one", { "new" })
    assert.same({ "new" }, told(name))
    cloud:kill()
    cloud = served_cloud.start(folder .. "/state")
    assert.same({ "new" }, messages(done("GetLogEvents",
      { logGroupName = name, logStreamName = "one" }).events))
  end)

  it("is refused where there is no such group, stream or name", function()
    local name = group "/absent"
    refused("ResourceNotFoundException", "The specified log group does not exist.",
      "DeleteLogStream", { logGroupName = "/none", logStreamName = "one" })
    refused("ResourceNotFoundException", "The specified log stream does not exist.",
      "DeleteLogStream", { logGroupName = name, logStreamName = "one" })
    refused("InvalidParameterException", "logStreamName", "DeleteLogStream",
      { logGroupName = name, logStreamName = "a:b" })
    refused("InvalidParameterException", "Member must not be null", "DeleteLogStream",
      { logGroupName = name })
  end)
end)

describe("a log group's retention", function()
  local function retention(name)
    return done("DescribeLogGroups", { logGroupNamePrefix = name }).logGroups[1].retentionInDays
  end

  it("is for ever after DeleteRetentionPolicy, which may come twice", function()
    local name = group "/retention"
    assert.is_nil(retention(name))
    done("PutRetentionPolicy", { logGroupName = name, retentionInDays = 14 })
    assert.equal(14, retention(name))
    for _ = 1, 2 do
      done("DeleteRetentionPolicy", { logGroupName = name })
      assert.is_nil(retention(name))
    end
  end)

  it("is one of those on offer, of a group that is there", function()
    local name = group "/offered"
    refused("InvalidParameterException", "retention", "PutRetentionPolicy",
      { logGroupName = name, retentionInDays = 15 })
    assert.is_nil(retention(name))
    refused("ResourceNotFoundException", "log group does not exist", "DeleteRetentionPolicy",
      { logGroupName = "/none" })
  end)
end)

describe("a log group's tags", function()
  local function many(count)
    local tags = json.object {}
    for i = 1, count do
      tags["key" .. i] = "v"
    end
    return tags
  end

  it("are the same by both generations of actions", function()
    local name = "/tags"
    done("CreateLogGroup", { logGroupName = name, tags = { a = "1", b = "2" } })
    local arn = done("DescribeLogGroups", { logGroupNamePrefix = name }).logGroups[1].logGroupArn
    assert.same({}, done("TagLogGroup", { logGroupName = name, tags = { b = "3", c = "" } }))
    assert.same({ a = "1", b = "3", c = "" },
      done("ListTagsForResource", { resourceArn = arn }).tags)
    assert.same({}, done("UntagLogGroup", { logGroupName = name, tags = { "a", "none" } }))
    done("TagResource", { resourceArn = arn, tags = { d = "é" } })
    done("UntagResource", { resourceArn = arn, tagKeys = { "b" } })
    assert.same({ c = "", d = "é" }, done("ListTagsLogGroup", { logGroupName = name }).tags)
  end)

  it("are bounded in length and number, and a refusal changes nothing", function()
    local name = group "/bounds"
    for _, tags in ipairs {
      { [("k"):rep(129)] = "v" }, { [""] = "v" }, { fits = "v", k = ("v"):rep(257) },
    } do
      refused("InvalidParameterException", "at 'tags' failed to satisfy constraint", "TagLogGroup",
        { logGroupName = name, tags = tags })
    end
    assert.same({}, done("ListTagsLogGroup", { logGroupName = name }).tags)
    local longest = { [("é"):rep(128)] = ("é"):rep(256) }
    done("TagLogGroup", { logGroupName = name, tags = longest })
    done("TagLogGroup", { logGroupName = name, tags = many(49) })
    refused("TooManyTagsException", "no more than 50 tags", "TagLogGroup",
      { logGroupName = name, tags = { more = "v" } })
    done("TagLogGroup", { logGroupName = name, tags = { key1 = "another" } })
    refused("TooManyTagsException", "no more than 50 tags", "CreateLogGroup",
      { logGroupName = "/too-many", tags = many(51) })
    refused("ResourceNotFoundException", "log group does not exist", "ListTagsLogGroup",
      { logGroupName = "/too-many" })
  end)

  it("are of a group that is there", function()
    for action, params in pairs {
      ListTagsLogGroup = {},
      TagLogGroup = { tags = { a = "b" } },
      UntagLogGroup = { tags = { "a" } },
    } do
      params.logGroupName = "/none"
      refused("ResourceNotFoundException", "log group does not exist", action, params)
    end
  end)
end)

describe("lists of logs", function()
  it("of groups take a prefix or a pattern, which minds case", function()
    for _, name in ipairs { "/list/DataLogs", "/list/datalogs", "/list/x" } do
      group(name)
    end
    local function groups(params)
      return names_of(done("DescribeLogGroups", params).logGroups, "logGroupName")
    end
    assert.same({ "/list/DataLogs" }, groups { logGroupNamePattern = "DataLogs" })
    assert.same({ "/list/DataLogs", "/list/datalogs", "/list/x" },
      groups { logGroupNamePrefix = "/list/" })
    refused("InvalidParameterException", "mutually exclusive", "DescribeLogGroups",
      { logGroupNamePrefix = "/list", logGroupNamePattern = "x" })
    local page = done("DescribeLogGroups", { logGroupNamePrefix = "/list/", limit = 2 })
    assert.equal(2, #page.logGroups)
    local rest = done("DescribeLogGroups",
      { logGroupNamePrefix = "/list/", limit = 2, nextToken = page.nextToken })
    assert.same({ "/list/x" }, names_of(rest.logGroups, "logGroupName"))
    assert.is_nil(rest.nextToken)
    for _, limit in ipairs { 0, 51 } do
      refused("InvalidParameterException", "limit", "DescribeLogGroups", { limit = limit })
    end
  end)

  it("of streams go by name or by the last event, newest first on demand", function()
    local name, now = group "/streams", milliseconds()
    stream(name, "b", { "x" }, now - 2000)
    stream(name, "a", { "x" }, now - 1000)
    stream(name, "c", { "x" }, now - 3000)
    local function streams(params)
      params.logGroupName = name
      return names_of(done("DescribeLogStreams", params).logStreams, "logStreamName")
    end
    assert.same({ "a", "b", "c" }, streams {})
    assert.same({ "a", "b", "c" }, streams { orderBy = "LastEventTime", descending = true })
    assert.same({ "c", "b", "a" }, streams { orderBy = "LastEventTime" })
    assert.same({ "b" }, streams { logStreamNamePrefix = "b" })
    refused("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix",
      "DescribeLogStreams",
      { logGroupName = name, orderBy = "LastEventTime", logStreamNamePrefix = "b" })
    refused("InvalidParameterException", "at 'orderBy' failed to satisfy constraint",
      "DescribeLogStreams", { logGroupName = name, orderBy = "Size" })
  end)

  it("of events begin with the newest, as many as a megabyte holds", function()
    local name, now = group "/newest", milliseconds()
    stream(name, "one")
    local function text(i)
      return i .. ("x"):rep(200 * 1024)
    end
    for i = 1, 8, 4 do
      put(name, "one", { text(i), text(i + 1), text(i + 2), text(i + 3) }, now + i)
    end
    local function page(more)
      more.logGroupName, more.logStreamName = name, "one"
      local answer, numbers = done("GetLogEvents", more), {}
      for i, event in ipairs(answer.events) do
        numbers[i] = event.message:match "^%d"
      end
      return table.concat(numbers), answer
    end
    local newest, first = page {}
    assert.equal("45678", newest)
    local before, second = page { nextToken = first.nextBackwardToken }
    assert.equal("123", before)
    local nothing, third = page { nextToken = second.nextBackwardToken }
    assert.equal("", nothing)
    assert.equal(second.nextBackwardToken, third.nextBackwardToken)
    assert.equal("", (page { nextToken = first.nextForwardToken, startFromHead = true }))
    local oldest, head = page { startFromHead = true }
    assert.equal("12345", oldest)
    assert.equal("678", (page { nextToken = head.nextForwardToken, startFromHead = true }))
  end)

  it("of events end before endTime for a stream, and with it for a filter", function()
    local name, now = group "/times", milliseconds()
    stream(name, "one", { "a", "b", "c" }, now)
    local times = { logGroupName = name, startTime = now, endTime = now + 2 }
    assert.same({ "a", "b", "c" }, messages(done("FilterLogEvents", times).events))
    times.logStreamName = "one"
    assert.same({ "a", "b" }, messages(done("GetLogEvents", times).events))
  end)
end)

describe("the cloud behind the logs", function()
  it("ends as it is told to", function()
    assert.equal(0, cloud:close())
    assert(file.remove_tree(folder))
  end)
end)
