local poll = require "host.poll"
local process = require "host.process"
local runtime_api = require "host.runtime_api"

local EVENT = { request_id = "id-1", arn = "arn:f", trace_id = "Root=1", payload = '{"n":1}' }

-- A runtime of a few lines: it asks, and answers with what it was asked.
local RUNTIME = [[
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET /abc/2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n' >&3
while read -r line && [ "$line" != $'\r' ]; do :; done <&3
read -r -N 7 body <&3
printf 'POST /abc/2018-06-01/runtime/invocation/id-1/%s HTTP/1.1\r\nHost: x\r\n' "$2" >&3
printf '%s\r\n\r\n%s' "$3" "$body" >&3
read -r line <&3
echo "$line"
]]

local function await(api, wanted)
  while true do
    for id, kind, body, error_type in api.next, api do
      if kind == wanted then
        return id, body, error_type
      end
    end
    assert(#assert(poll.wait({ api:fd() }, 10)) > 0, "nothing was heard of the runtime")
    api:turn()
  end
end

local function with_runtime(verb, headers, body)
  local api <close> = assert(runtime_api.listen())
  local id = assert(api:admit "abc")
  assert(api:give(id, EVENT))
  local child <close> = assert(process.spawn {
    "bash", "-c", RUNTIME, "runtime", tostring(api:port()), verb, headers,
  })
  body(api, id)
  assert(child:wait(10))
  return child:read()
end

describe("host.runtime_api", function()
  it("gives an event, and tells what was answered", function()
    local line = with_runtime("response", "Content-Length: 7", function(api, id)
      local heard, body, error_type = await(api, "answers")
      assert.same({ id, '{"n":1}' }, { heard, body, error_type })
    end)
    assert.equal("HTTP/1.1 202 Accepted\r\n", line)
  end)

  it("tells an error with its type", function()
    local headers = "Content-Length: 7\r\nLambda-Runtime-Function-Error-Type: Bad"
    with_runtime("error", headers, function(api, id)
      assert.same({ id, '{"n":1}', "Bad" }, { await(api, "fails") })
    end)
  end)

  it("hands out a stream, and how it ended", function()
    local headers = "Content-Length: 7\r\nLambda-Runtime-Function-Response-Mode: streaming"
    with_runtime("response", headers, function(api, id)
      assert.equal(id, await(api, "streams"))
      local bytes, ending = api:read(id)
      assert.equal('{"n":1}', bytes)
      assert.same({ broken = false }, ending)
      api:finish(id, true)
    end)
  end)

  it("returns nil and an error for an instance that is not there, and a name that is", function()
    local api <close> = assert(runtime_api.listen { max_payload = 100 })
    assert(api:admit "abc")

    local id, err = api:admit "abc"
    local given, why = api:give(7, EVENT)

    assert.is_nil(id)
    assert.equal("input", err.kind)
    assert.is_nil(given)
    assert.equal("there is no such instance", tostring(why))
    local bytes, ending = api:read(7)
    assert.equal("", bytes)
    assert.is_true(ending.broken)
  end)

  it("raises for what is misused", function()
    assert.error_matches("#1 to 'listen' %(unknown field 'max_paylod'%)", function()
      runtime_api.listen { max_paylod = 1 }
    end)
    local api <close> = assert(runtime_api.listen())
    assert.error_matches("'give' %(field 'payload': string expected, got nil%)", function()
      api:give(1, { request_id = "a", arn = "b", trace_id = "c" })
    end)
    assert.error_matches("'finish' %(boolean expected, got no value%)", function()
      api:finish(1)
    end)
    api:close()
    assert.equal("runtime_api (closed)", tostring(api))
    assert.error_matches("closed Runtime API", function()
      api:turn()
    end)
  end)
end)
