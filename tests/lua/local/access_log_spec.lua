-- The lines of access logs, apart from any API.
local access_log = require "engine.local.http.access_log"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"

local ARN = "arn:aws:logs:us-east-1:123456789012:log-group:%s:*"

local VARIABLES = {
  named = {
    requestId = function(facts)
      return facts.id
    end,
    ["error.message"] = function(facts)
      return facts.message
    end,
    status = function()
      return 200
    end,
  },
  other = function(facts, name)
    return facts[name]
  end,
}

local function messages(cloud, group)
  local list = {}
  for i, event in ipairs(cloud:call("logs", "FilterLogEvents", { logGroupName = group }).events) do
    list[i] = event.message
  end
  return list
end

-- The line that a format makes of facts.
local function line_of(format, facts)
  local lines
  in_cloud(function(cloud)
    cloud:call("logs", "CreateLogGroup", { logGroupName = "/g" })
    local log = access_log.open(cloud, { arn = ARN:format "/g", format = format, stage = "a/b" },
      VARIABLES)
    log:write(facts)
    lines = messages(cloud, "/g")
  end)
  assert.equal(1, #lines)
  return lines[1]
end

describe("an access log", function()
  it("puts values where the format names them, and '-' where there are none", function()
    local format = '{"id":"$context.requestId","status":$context.status,'
      .. '"who":"$context.identity.user","x":"$context.nothing"} $stageVariables.x $context '
      .. "$context."
    assert.equal('{"id":"7","status":200,"who":"ada","x":"-"} $stageVariables.x $context $context.',
      line_of(format, { id = "7", ["identity.user"] = "ada", nothing = "" }))
    assert.equal("7. 200-", line_of("$context.requestId. $context.status-\n", { id = "7" }))
    assert.equal("-", line_of("$context.requestId", { id = { a = 1 } }))
    assert.equal("false", line_of("$context.requestId", { id = false }))
  end)

  it("lets no value end the author's line or text", function()
    assert.equal([[a\"b\\c\nd\u0001é]], line_of("$context.requestId", { id = 'a"b\\c\nd\1é' }))
    assert.equal("\u{FFFD}", line_of("$context.requestId", { id = "\255" }))
    assert.equal([["so \"it\" is" "-"]], line_of("$context.error.messageString", {
      message = 'so "it" is',
    }) .. " " .. line_of("$context.error.messageString", {}))
  end)

  it("is no longer than an event may be", function()
    local line = line_of("$context.requestId", { id = ("é"):rep(200000) })
    assert.is_true(#line <= 262144)
    assert.is_true(utf8.len(line) ~= nil)
  end)

  it("has a stream of its own for each stage, and outlives its group", function()
    in_cloud(function(cloud)
      cloud:call("logs", "CreateLogGroup", { logGroupName = "/g" })
      local function open(stage)
        return access_log.open(cloud, {
          arn = ARN:format("/g"):gsub(":%*$", ""), format = "$context.requestId", stage = stage,
        }, VARIABLES)
      end
      local first, second = open "a/dev", open "a/prod"
      first:write { id = "1" }
      second:write { id = "2" }
      first:write { id = "3" }
      local streams =
        cloud:call("logs", "DescribeLogStreams", { logGroupName = "/g" }).logStreams
      assert.equal(2, #streams)
      for _, stream in ipairs(streams) do
        assert.matches("^%x+$", stream.logStreamName)
        assert.equal(32, #stream.logStreamName)
      end
      assert.same({ "1", "2", "3" }, messages(cloud, "/g"))
      cloud:call("logs", "DeleteLogGroup", { logGroupName = "/g" })
      first:write { id = "4" }
    end)
  end)

  it("is not opened for what is no log group, and that is said once", function()
    in_cloud(function(cloud)
      local arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/amazon-apigateway-x"
      local settings = { arn = arn, format = "$context.requestId", stage = "a/b" }
      assert.is_nil(access_log.open(cloud, settings, VARIABLES))
      assert.is_nil(access_log.open(cloud, settings, VARIABLES))
      assert.same({ [arn] = true }, cloud:memory "access_log")
      assert.is_nil(access_log.open(cloud, { stage = "a/b" }, VARIABLES))
    end)
  end)

  it("is refused where API Gateway would refuse it", function()
    local arn = ARN:format "/g"
    assert.is_nil(access_log.problem(nil, nil))
    assert.is_nil(access_log.problem(arn, "$context.requestId\n"))
    assert.is_nil(access_log.problem(arn, "$context.extendedRequestId"))
    assert.matches("destination", access_log.problem("/g", "$context.requestId"))
    assert.matches("destination", access_log.problem(nil, "$context.requestId"))
    assert.matches("3 KB", access_log.problem(arn, nil))
    assert.matches("3 KB", access_log.problem(arn, "$context.requestId" .. (" "):rep(3072)))
    assert.matches("single line", access_log.problem(arn, "a\n$context.requestId"))
    assert.matches("requestId", access_log.problem(arn, "$context.status"))
  end)
end)
