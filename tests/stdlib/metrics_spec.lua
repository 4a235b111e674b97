local clock = require "host.clock"
local current = require "engine.runtime.current"
local json = require "host.json"
local metrics = require "laconic.metrics"

-- The rules of AWS's specification of the Embedded Metric Format, and of its JSON schema.
local UNITS = {}
for unit in ("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits "
  .. "Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second "
  .. "Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second "
  .. "Megabits/Second Gigabits/Second Terabits/Second Count/Second None"):gmatch "%S+" do
  UNITS[unit] = true
end

local function text_of(value, least, most, note)
  assert.equal("string", type(value), note)
  assert.is_true(utf8.len(value) >= least and utf8.len(value) <= most, note)
end

local function check_metric(document, definition)
  text_of(definition.Name, 1, 1024, "Name")
  assert.is_true(definition.Unit == nil or UNITS[definition.Unit] == true)
  local resolution = definition.StorageResolution
  assert.is_true(resolution == nil or resolution == 1 or resolution == 60)
  local value = document[definition.Name]
  local list = type(value) == "table" and value or { value }
  assert.is_true(#list >= 1 and #list <= 100, definition.Name)
  for _, number in ipairs(list) do
    assert.equal("number", type(number))
  end
end

local function check_directive(document, directive)
  text_of(directive.Namespace, 1, 1024, "Namespace")
  assert.is_true(json.is_array(directive.Dimensions) and #directive.Dimensions >= 1)
  for _, set in ipairs(directive.Dimensions) do
    assert.is_true(json.is_array(set) and #set <= 30)
    for _, name in ipairs(set) do
      text_of(name, 1, 250, "a dimension's name")
      text_of(document[name], 1, 1024, name)
    end
  end
  assert.is_true(json.is_array(directive.Metrics) and #directive.Metrics <= 100)
  for _, definition in ipairs(directive.Metrics) do
    check_metric(document, definition)
  end
end

local function check_schema(line)
  assert.is_true(#line <= 256 * 1024 and not line:find "\n")
  local document = assert(json.decode(line))
  assert.equal("integer", math.type(document._aws.Timestamp))
  assert.is_true(json.is_array(document._aws.CloudWatchMetrics))
  for _, directive in ipairs(document._aws.CloudWatchMetrics) do
    check_directive(document, directive)
  end
  return document
end

local lines

local function configure(options)
  options.write = function(line)
    table.insert(lines, line)
  end
  metrics.configure(options)
end

local function written()
  local documents = {}
  for i, line in ipairs(lines) do
    documents[i] = check_schema(line)
  end
  return documents
end

-- One invocation of a handler, as the runtime runs it.
local function invoke(handler, failed)
  current.begin { request_id = "r-1" }
  handler()
  current.finish(failed)
  return written()
end

describe("laconic.metrics", function()
  before_each(function()
    lines = {}
    clock.set(1700000000.123)
    configure { namespace = "Shop" }
  end)

  after_each(function()
    clock.set(nil)
    metrics.configure {}
  end)

  it("writes one document at the end of the invocation", function()
    local documents = invoke(function()
      metrics.put("Orders", 1, "Count")
      metrics.put("Latency", 12.5, "Milliseconds", { resolution = 1 })
      metrics.property("order", { id = 7 })
      assert.equal(0, #lines)
    end)

    assert.equal(1, #documents)
    assert.same({
      _aws = {
        Timestamp = 1700000000123,
        CloudWatchMetrics = {
          {
            Namespace = "Shop",
            Dimensions = { { "Function" } },
            Metrics = {
              { Name = "Orders", Unit = "Count" },
              { Name = "Latency", Unit = "Milliseconds", StorageResolution = 1 },
            },
          },
        },
      },
      Function = "none",
      Orders = 1,
      Latency = 12.5,
      order = { id = 7 },
      request_id = "r-1",
    }, documents[1])
  end)

  it("writes nothing when nothing was put, and forgets properties with their invocation", function()
    assert.equal(0, #invoke(function()
      metrics.property("seen", true)
    end))
    assert.is_nil(invoke(function()
      metrics.put("A", 1)
    end)[1].seen)
  end)

  it("writes what a failing handler had put", function()
    local documents = invoke(function()
      metrics.put("Tries", 1)
    end, { errorType = "LuaError" })

    assert.equal(1, documents[1].Tries)
  end)

  it("makes a list of several values, a hundred at most", function()
    local documents = invoke(function()
      for i = 1, 250 do
        metrics.put("Size", i, "Bytes")
      end
    end)

    assert.equal(3, #documents)
    assert.equal(100, #documents[1].Size)
    assert.equal(101, documents[2].Size[1])
    assert.equal(50, #documents[3].Size)
  end)

  it("puts a hundred metrics into a document, and no more bytes than a log event has", function()
    local documents = invoke(function()
      for i = 1, 101 do
        metrics.put("M" .. i, i)
      end
    end)
    assert.equal(100, #documents[1]._aws.CloudWatchMetrics[1].Metrics)
    assert.equal(101, documents[2].M101)

    lines = {}
    local many = invoke(function()
      metrics.property("text", ("x"):rep(60000))
      for i = 1, 100 do
        for _ = 1, 100 do
          metrics.put(("n"):rep(250) .. i, 1 / 3)
        end
      end
    end)
    assert.is_true(#many > 1 and #many < 10)
  end)

  it("makes a metric of each set of dimensions", function()
    local documents = invoke(function()
      metrics.put("Before", 1)
      metrics.dimensions({ Shop = "Riga" }, { Shop = "Riga", Till = 3 }, {})
      metrics.put("After", 2)
    end)

    assert.equal(2, #documents)
    assert.same({ { "Function" } }, documents[1]._aws.CloudWatchMetrics[1].Dimensions)
    assert.same({ { "Shop" }, { "Shop", "Till" }, {} },
      documents[2]._aws.CloudWatchMetrics[1].Dimensions)
    assert.equal("3", documents[2].Till)

    lines = {}
    local next_one = invoke(function()
      metrics.put("After", 2)
    end)
    assert.same({ { "Function" } }, next_one[1]._aws.CloudWatchMetrics[1].Dimensions)
  end)

  it("takes thirty dimensions", function()
    local set = {}
    for i = 1, 30 do
      set["d" .. i] = i
    end
    local documents = invoke(function()
      metrics.dimensions(set)
      metrics.put("A", 1)
    end)
    assert.equal(30, #documents[1]._aws.CloudWatchMetrics[1].Dimensions[1])

    set.d31 = 31
    assert.error_matches("metrics.dimensions: must be at most 30, got 31", function()
      metrics.dimensions(set)
    end)
  end)

  it("has properties and dimensions for every document", function()
    configure { dimensions = { { Stage = "live" } }, properties = { version = "1.2" } }

    local documents = invoke(function()
      metrics.put("A", 1)
    end)

    assert.equal("live", documents[1].Stage)
    assert.equal("1.2", documents[1].version)
    assert.equal("Laconic", documents[1]._aws.CloudWatchMetrics[1].Namespace)
  end)

  it("counts the first invocation of a process, in a document of its own", function()
    local kept = { package.loaded["engine.runtime.current"], package.loaded["laconic.metrics"] }
    package.loaded["engine.runtime.current"], package.loaded["laconic.metrics"] = nil, nil
    local fresh_current, fresh = require "engine.runtime.current", require "laconic.metrics"
    package.loaded["engine.runtime.current"], package.loaded["laconic.metrics"] = table.unpack(kept)
    fresh.configure {
      cold_start = true,
      write = function(line)
        table.insert(lines, line)
      end,
    }

    for i = 1, 2 do
      fresh_current.begin { request_id = "r-" .. i }
      fresh.dimensions { Shop = "Riga" }
      fresh_current.finish()
    end

    assert.equal(1, #written())
    assert.equal(1, written()[1].ColdStart)
    assert.equal("r-1", written()[1].request_id)
    assert.same({ { "Function" } }, written()[1]._aws.CloudWatchMetrics[1].Dimensions)
  end)

  it("flushes when it is told", function()
    metrics.put("A", 1)
    metrics.flush()
    metrics.flush()

    assert.equal(1, #written())
    assert.is_nil(written()[1].request_id)
  end)

  it("blames the author's line for what CloudWatch would not take", function()
    local function refused(pattern, ...)
      local said = table.pack(...)
      local problem = assert.error_matches(pattern, function()
        metrics.put(table.unpack(said, 1, said.n))
      end)
      assert.matches("metrics_spec%.lua:%d+$", problem.where)
    end
    refused("metrics.put: name: string expected, got nothing")
    refused("metrics.put: name: must be from 1 to 255, got 0", "", 1)
    refused("metrics.put: name: the name is not UTF%-8", "\xff", 1)
    refused("metrics.put: name: '_aws' is the format's own", "_aws", 1)
    refused("value of A: number expected, got string \"1\"", "A", "1")
    refused("value of A: .*nan is no number for CloudWatch", "A", 0 / 0)
    refused("value of A: inf is no number for CloudWatch", "A", math.huge)
    refused("unit: string \"Counts\" is not one of .* %(did you mean 'Count'%?%)", "A", 1, "Counts")
    refused("options: unknown field 'resolutoin' %(did you mean 'resolution'%?%)", "A", 1, "Count",
      { resolutoin = 1 })
    refused("options.resolution: integer 5 is not one of 1, 60", "A", 1, nil, { resolution = 5 })
    refused("'Function' is a dimension already", "Function", 1)
    refused("'request_id' is a property of every document", "request_id", 1)
    metrics.flush()
    assert.equal(0, #lines)
  end)

  it("keeps one unit for a metric, and one meaning for a name", function()
    metrics.put("A", 1, "Count")
    assert.error_matches("A was put with another unit or resolution", function()
      metrics.put("A", 1, "Bytes")
    end)
    assert.error_matches("'A' is a metric already", function()
      metrics.property("A", 1)
    end)
    metrics.property("B", 1)
    assert.error_matches("'B' is a property already", function()
      metrics.put("B", 1)
    end)
    metrics.property("B", nil)
    metrics.put("B", 1)
  end)

  it("refuses properties that JSON cannot say, and more than 64 KiB of them", function()
    assert.error_matches("metrics.property 'f': ", function()
      metrics.property("f", print)
    end)
    metrics.property("f", ("x"):rep(60000))
    metrics.property("f", ("x"):rep(60000))
    assert.error_matches("must be at most 65536 bytes of properties", function()
      metrics.property("g", ("x"):rep(6000))
    end)
    metrics.property("f", nil)
    metrics.property("g", ("x"):rep(6000))
    metrics.property("g", nil)
  end)

  it("refuses dimensions that CloudWatch has not", function()
    local function refused(pattern, ...)
      local said = table.pack(...)
      assert.error_matches(pattern, function()
        metrics.dimensions(table.unpack(said, 1, said.n))
      end)
    end
    refused "metrics.dimensions: must be at least 1, got 0"
    refused("the name%): a name begins with no ':'", { [":x"] = "1" })
    refused("%.x: printable ASCII expected", { x = "ü" })
    refused("%.x: printable ASCII expected", { x = "  " })
    refused("%.x: has two values in one document", { x = "1" }, { x = "2" })
  end)

  it("refuses a namespace that CloudWatch has not", function()
    assert.error_matches("'AWS/' is AWS's own", function()
      metrics.configure { namespace = "AWS/Mine" }
    end)
    assert.error_matches("letters, digits, spaces", function()
      metrics.configure { namespace = "a*b" }
    end)
  end)
end)
