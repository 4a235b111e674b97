-- The runtime under a trace: what a handler's sub-segments say, as X-Ray's daemon gets it.
local built = dofile "tests/lua/built.lua"
local file = require "host.file"
local json = require "host.json"
local loopback = dofile "tests/bind/loopback.lua"
local start = dofile "tests/lua/runtime_api.lua"

local SERVICE = [[
local laconic = require "laconic"
local xray = require "laconic.xray"
local service = laconic.service { name = "s" }

local function look_up(part, key)
  part:annotate("key", key)
  error "no bread"
end

service:lambda {
  name = "f",
  handler = function(event, context)
    context.log.debug("asked", { key = event.key })
    return xray.segment("look up", look_up, event.key)
  end,
}

return service
]]

local TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled="

describe("a traced invocation", function()
  it("sends its sub-segment, and fails with the frames of what failed inside", function()
    local daemon = loopback.datagrams(1)
    local root = assert(file.temporary_folder())
    assert(file.write(root .. "/service.lua", SERVICE))
    local side = start({ built.runtime() }, root, { AWS_XRAY_DAEMON_ADDRESS = daemon.address })

    local function fail(sampled)
      return (side:failure('{"key":"bread"}', { { "Lambda-Runtime-Trace-Id", TRACE .. sampled } }))
    end
    local untraced, traced = fail "0", fail "1"
    side:stop()

    assert.equal(untraced.errorMessage, traced.errorMessage)
    assert.equal("service.lua:7: no bread", traced.errorMessage)
    assert.matches("^service%.lua:7: ", traced.stackTrace[1])
    local received = daemon.received()
    assert.equal(1, #received)
    local header, body = received[1]:match "^(.-)\n(.*)$"
    assert.equal('{"format":"json","version":1}', header)
    local document = assert(json.decode(body))
    assert.equal("look up", document.name)
    assert.equal("1-5759e988-bd862e3fe1be46a994272793", document.trace_id)
    assert.equal("53995c3f42cd8ad8", document.parent_id)
    assert.same({ key = "bread" }, document.annotations)
    local exception = document.cause.exceptions[1]
    assert.same({ "service.lua", 7 }, { exception.stack[1].path, exception.stack[1].line })
    assert.matches("asked key=bread$", document.metadata.laconic.log[1])
  end)
end)
