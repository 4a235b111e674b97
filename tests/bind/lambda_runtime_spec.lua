local lambda_runtime = require "host.lambda_runtime"
local poll = require "host.poll"
local process = require "host.process"
local program = dofile "tests/program.lua"
local server = require "host.server"

-- The function's side runs in a process of its own; this one is Lambda's side.
local CLIENT = [[
local loop = assert(require("host.lambda_runtime").open(arg[1]))
local event = assert(loop:next())
print(event.request_id, event.deadline, event.invoked_function_arn, event.trace_id, event.tenant_id)
print(event.body, event.client_context_json, os.getenv "_X_AMZN_TRACE_ID")
print(loop:respond(event.request_id, "a\0b", "text/plain"))
local refused, err = loop:respond(event.request_id, "again")
print(refused, err.kind, err.status)
print(loop:fail(event.request_id, "My.Type", "{}"))
print(loop:fail_init("Init.Type", "{}"))
print(loop)
loop:close()
print(loop)
]]

local function start(script, address)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(script)
  file:close()
  return assert(process.spawn { program.path, "run", path, address }), path
end

local function await(http)
  local request = http:next()
  while not request do
    assert(#poll.wait({ http:fd() }, 20) > 0, "no request came")
    request = http:next()
  end
  return request
end

local function header(request, name)
  for _, pair in ipairs(request.headers) do
    if pair[1]:lower() == name then
      return pair[2]
    end
  end
end

describe("host.lambda_runtime", function()
  it("takes an event and sends a result, a failure and an init failure", function()
    local http <close> = assert(server.listen())
    local child <close>, path = start(CLIENT, ("127.0.0.1:%d/fn"):format(http:port()))

    local next_event = await(http)
    assert.equal("GET", next_event.method)
    assert.equal("/fn/2018-06-01/runtime/invocation/next", next_event.target)
    http:respond(next_event.id, {
      status = 200,
      headers = {
        ["Lambda-Runtime-Aws-Request-Id"] = "id-1",
        ["Lambda-Runtime-Deadline-Ms"] = "1700000003500",
        ["Lambda-Runtime-Invoked-Function-Arn"] = "arn:f",
        ["Lambda-Runtime-Trace-Id"] = "Root=1",
        ["Lambda-Runtime-Aws-Tenant-Id"] = "tenant",
      },
      body = '{"a":1}',
    })

    local expected = {
      { "/fn/2018-06-01/runtime/invocation/id-1/response", "a\0b", "text/plain", 202 },
      { "/fn/2018-06-01/runtime/invocation/id-1/response", "again", "application/json", 413 },
      { "/fn/2018-06-01/runtime/invocation/id-1/error", "{}", "application/json", 202 },
      { "/fn/2018-06-01/runtime/init/error", "{}", "application/json", 202 },
    }
    for i, want in ipairs(expected) do
      local request = await(http)
      assert.same({ "POST", want[1], want[2] }, { request.method, request.target, request.body })
      assert.equal(want[3], header(request, "content-type"))
      local types = { [3] = "My.Type", [4] = "Init.Type" }
      assert.equal(types[i], header(request, "lambda-runtime-function-error-type"))
      http:respond(request.id, { status = want[4] })
    end

    assert.same({ status = 0 }, child:wait(20))
    os.remove(path)
    assert.equal(
      table.concat({
        "id-1\t1700000003.5\tarn:f\tRoot=1\ttenant",
        '{"a":1}\tnil\tRoot=1',
        "true",
        "nil\tservice\t413",
        "true",
        "true",
        ("lambda_runtime (127.0.0.1:%d)"):format(http:port()),
        "lambda_runtime (closed)",
        "",
      }, "\n"),
      child:read()
    )
  end)

  it("returns nil and an error when nobody is there", function()
    local port
    do
      local http <close> = assert(server.listen())
      port = http:port()
    end
    local loop <close> = assert(lambda_runtime.open("127.0.0.1:" .. port))

    local event, err = loop:next()

    assert.is_nil(event)
    assert.equal("network", err.kind)
    assert.equal("ECONNREFUSED", err.code)
    local opened, bad = lambda_runtime.open "nowhere"
    assert.is_nil(opened)
    assert.equal("input", bad.kind)
  end)

  it("raises for misuse", function()
    assert.error_matches("bad argument #1 to 'open'", function()
      lambda_runtime.open(nil)
    end)
    local loop = assert(lambda_runtime.open "127.0.0.1:9")
    assert.error_matches("string expected, got nil", function()
      loop:respond("id", nil)
    end)
    loop:close()
    assert.error_matches("closed lambda_runtime", function()
      loop:next()
    end)
  end)
end)
