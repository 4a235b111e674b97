local clock = require "host.clock"
local current = require "engine.runtime.current"
local failure = require "engine.failure"
local json = require "host.json"
local logger = require "engine.runtime.logger"
local xray = require "laconic.xray"

local ROOT = "1-5759e988-bd862e3fe1be46a994272793"
local PARENT = "53995c3f42cd8ad8"
local SAMPLED = ("Root=%s;Parent=%s;Sampled=1;Lineage=a:0"):format(ROOT, PARENT)

describe("laconic.xray", function()
  local getenv, datagram = os.getenv, package.loaded["host.datagram"]
  local sent, address

  before_each(function()
    sent, address = {}, "169.254.79.129:2000"
    clock.set(1700000000.25)
    package.loaded["host.datagram"] = {
      send = function(to, bytes)
        table.insert(sent, { to = to, bytes = bytes })
        return true
      end,
    }
    rawset(os, "getenv", function(name)
      if name == "AWS_XRAY_DAEMON_ADDRESS" then
        return address
      end
      return getenv(name)
    end)
  end)

  after_each(function()
    current.finish()
    clock.set(nil)
    rawset(os, "getenv", getenv)
    package.loaded["host.datagram"] = datagram
  end)

  local function documents()
    local list = {}
    for i, item in ipairs(sent) do
      local header, body = item.bytes:match "^(.-)\n(.*)$"
      assert.equal('{"format":"json","version":1}', header)
      list[i] = assert(json.decode(body))
    end
    return list
  end

  -- One invocation of `handler`, as the runtime runs it.
  local function invoke(handler, header)
    current.begin { request_id = "r-1", trace_id = header or SAMPLED, log = logger.log }
    local ok, raised = pcall(handler)
    current.finish(not ok and { errorMessage = tostring(raised), errorType = "LuaError" } or nil)
    return documents(), ok, raised
  end

  it("sends a sub-segment when it ends, and gives what its function gives", function()
    local results
    local list = invoke(function()
      results = table.pack(xray.segment("price", function(part, a, b)
        part:annotate("shop", "Riga")
        part:annotate("count", 2)
        part:metadata("order", { 7 })
        part:metadata("rule", "none", "prices")
        clock.set(1700000001.5)
        return a + b, nil, "end"
      end, 2, 3))
    end)

    assert.same({ 5, nil, "end", n = 3 }, results)
    assert.equal(1, #list)
    assert.equal("169.254.79.129:2000", sent[1].to)
    assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$", list[1].id)
    list[1].id = nil
    assert.same({
      annotations = { shop = "Riga", count = 2 },
      end_time = 1700000001.5,
      metadata = { default = { order = { 7 } }, prices = { rule = "none" } },
      name = "price",
      parent_id = PARENT,
      start_time = 1700000000.25,
      trace_id = ROOT,
      type = "subsegment",
    }, list[1])
  end)

  it("puts one inside the other", function()
    local list = invoke(function()
      xray.segment("outer", function()
        xray.segment("first", function() end)
        xray.segment("second", function() end)
      end)
      local last = xray.begin("last", { remote = true })
      last:finish()
      last:finish()
    end)

    assert.equal(4, #list)
    assert.equal(list[3].id, list[1].parent_id)
    assert.equal(list[3].id, list[2].parent_id)
    assert.equal(PARENT, list[3].parent_id)
    assert.equal(PARENT, list[4].parent_id)
    assert.equal("remote", list[4].namespace)
  end)

  it("tells of an error once, with its frames, and raises it as it is", function()
    local problem = { code = "E", message = "no bread" }
    local list, ok, raised = invoke(function()
      xray.segment("outer", function()
        xray.segment("inner", function()
          error(problem)
        end)
      end)
    end)

    assert.is_false(ok)
    assert.equal(problem, raised)
    local inner, outer = list[1], list[2]
    local exception = inner.cause.exceptions[1]
    assert.is_true(inner.fault)
    assert.equal("no bread", exception.message)
    assert.equal("LuaError", exception.type)
    assert.matches("xray_spec%.lua$", exception.stack[1].path)
    assert.equal("integer", math.type(exception.stack[1].line))
    assert.is_true(outer.fault)
    assert.equal(exception.id, outer.cause)
    assert.is_nil(outer.metadata)
  end)

  it("raises texts as they are, and keeps their frames for who reports them", function()
    local _, ok, raised = invoke(function()
      local text = select(2, pcall(xray.segment, "part", function()
        error "no bread"
      end))
      assert.matches("xray_spec%.lua:%d+: no bread$", text)
      assert.matches("xray_spec%.lua", current.noted(text))
      error(text, 0)
    end)

    assert.is_false(ok)
    assert.matches("no bread$", raised)
    assert.is_nil(current.noted(raised))
  end)

  it("carries the last lines of this invocation's log, printed or not", function()
    local function fail()
      for i = 1, 40 do
        logger.log.trace("line " .. i, { place = i })
      end
      xray.segment("part", function()
        error "no bread"
      end)
    end
    invoke(fail)
    sent = {}
    local lines = invoke(fail)[1].metadata.laconic.log

    assert.equal(32, #lines)
    assert.matches("^%[TRACE%] 2023.* r%-1 line 9 place=9$", lines[1])
    assert.matches("line 40 place=40$", lines[32])
    sent = {}
    assert.equal(0, #invoke(function()
      xray.segment("part", function()
        error "no bread"
      end)
    end)[1].metadata.laconic.log)
  end)

  it("tells a refusal of AWS from a fault", function()
    local function refuse(status)
      sent = {}
      return invoke(function()
        xray.segment("part", function()
          failure.raise("service", "SSM refused", { status = status })
        end)
      end)[1]
    end
    assert.is_true(refuse(400).error)
    assert.is_nil(refuse(400).fault)
    assert.is_true(refuse(429).throttle)
    assert.is_true(refuse(500).fault)
  end)

  it("is closed by its block, and by the error that leaves it", function()
    local list = invoke(function()
      do
        local part <close> = xray.begin "good"
        part:annotate("a", true)
      end
      local part <close> = xray.begin "bad"
      part:annotate("b", 1)
      error "no bread"
    end)

    assert.is_true(list[1].annotations.a)
    assert.is_nil(list[1].fault)
    assert.matches("no bread", list[2].cause.exceptions[1].message)
  end)

  it("ends what was forgotten with what is around it, or with the invocation", function()
    local list = invoke(function()
      xray.segment("outer", function()
        xray.begin "forgotten"
      end)
      xray.begin "left"
    end)

    assert.same({ "forgotten", "outer", "left" }, { list[1].name, list[2].name, list[3].name })
    assert.is_nil(list[3].fault)
  end)

  it("sends nothing when the invocation is not sampled, or there is no daemon", function()
    local function work()
      assert.is_false(xray.is_sampled())
      return xray.segment("part", function(part, a)
        part:annotate("a", 1)
        part:metadata("b", {})
        return a
      end, 7)
    end
    for _, header in ipairs {
      "", ("Root=%s;Parent=%s;Sampled=0"):format(ROOT, PARENT), "Root=1-2;Parent=3;Sampled=1",
      ("Root=%s;Sampled=1"):format(ROOT), (SAMPLED:gsub("53995c", "53995z")),
    } do
      local list, ok = invoke(work, header)
      assert.equal(0, #list)
      assert.is_true(ok)
    end
    address = nil
    assert.equal(0, #invoke(work))
    current.finish()
    assert.equal(7, work())
  end)

  it("finds the daemon's address in either form", function()
    address = "tcp:127.0.0.1:2000 udp:127.0.0.1:2001"
    invoke(function()
      xray.segment("part", function() end)
    end)

    assert.equal("127.0.0.1:2001", sent[1].to)
  end)

  it("leaves the metadata behind when a document is too large", function()
    local list = invoke(function()
      xray.segment("part", function(part)
        part:annotate("long", ("x"):rep(5000))
        part:metadata("much", ("x"):rep(70000))
      end)
    end)

    assert.is_true(#sent[1].bytes < 64 * 1024)
    assert.equal(1000, #list[1].annotations.long)
    assert.same({ laconic = { left_out = "the metadata: more than X-Ray takes" } },
      list[1].metadata)
  end)

  it("makes a sub-segment of each call to AWS", function()
    local list, ok = invoke(function()
      local function call()
        return { service = "SSM", action = "GetParameter", region = "eu-west-1" }
      end
      assert.equal("answer", current.call(call, function()
        return "answer"
      end))
      current.call(call, function()
        failure.raise("service", "SSM refused", { status = 400 })
      end)
    end)

    assert.is_false(ok)
    assert.equal("SSM", list[1].name)
    assert.equal("aws", list[1].namespace)
    assert.same({ operation = "GetParameter", region = "eu-west-1" }, list[1].aws)
    assert.is_true(list[2].error)
  end)

  it("blames the author's line for what X-Ray would not take", function()
    local function refused(pattern, fn)
      local problem = assert.error_matches(pattern, fn)
      assert.matches("xray_spec%.lua:%d+$", problem.where)
    end
    local part = xray.begin "part"
    refused("xray.begin: name: 'a|b'", function() xray.begin "a|b" end)
    refused("unknown field 'remot'", function() xray.begin("a", { remot = true }) end)
    refused("xray.segment: fn: function expected", function() xray.segment "a" end)
    refused("annotate: key: 'a%-b'", function() part:annotate("a-b", 1) end)
    refused("annotate: value of a: ", function() part:annotate("a", {}) end)
    refused("annotate: value of a: nothing that JSON can say", function()
      part:annotate("a", 0 / 0)
    end)
    refused("metadata: value of f: ", function() part:metadata("f", print) end)
    refused("metadata: key: the text is not UTF%-8", function() part:metadata("\xff", 1) end)
  end)

  it("takes fifty annotations", function()
    invoke(function()
      local part <close> = xray.begin "part"
      for i = 1, 50 do
        part:annotate("a" .. i, i)
      end
      part:annotate("a50", 0)
      assert.error_matches("50 annotations are the most", function()
        part:annotate("a51", 1)
      end)
    end)
  end)
end)
