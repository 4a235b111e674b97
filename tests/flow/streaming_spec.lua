-- An answer in pieces, all the way: the handler, its runtime, the local cloud, and `invoke --stream`.
--
-- After each piece the handler waits for the test to open a FIFO, which the test does once it has read
-- that piece: what comes only when all is over would never come.
local file = require "host.file"
local poll = require "host.poll"
local process = require "host.process"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "talk" }

service:lambda {
  name = "speak",
  timeout = 30,
  handler = function(event, context)
    local stream = context:stream { content_type = "text/plain" }
    for i = 1, event.pieces do
      stream:write(("piece %d\n"):format(i))
      assert(io.open(event.fifo .. i)):close() -- waits until the test opens it
    end
    if event.fail then
      error "out of breath"
    elseif event.exit then
      os.exit(event.exit)
    end
    stream:write "end\n"
  end,
}

return service
]]

local function run(folder, environment, words)
  words.cwd, words.env, words.timeout, words.error = folder, environment, 60, "pipe"
  local result = assert(process.run(words))
  assert.equal(0, result.status or -1, result.output .. (result.error or ""))
end

-- Reads the process's output until it matches; fails when it ends before.
local function await(handle, pattern, said)
  said = said or ""
  while not said:match(pattern) do
    assert(#poll.wait({ handle:fd() }, 30) > 0, "it is silent after: " .. said)
    local bytes = handle:read()
    assert(bytes, "it ended before it said " .. pattern .. ": " .. said)
    said = said .. bytes
  end
  return said
end

local function read_all(handle, said)
  local bytes = handle:read()
  while bytes do
    said = said .. bytes
    assert(#poll.wait({ handle:fd() }, 30) > 0, "it is silent after: " .. said)
    bytes = handle:read()
  end
  return said
end

local function start(folder, environment, words)
  words.cwd, words.env, words.error = folder, environment, "output"
  return assert(process.spawn(words))
end

describe("an answer in pieces", function()
  local folder, cloud, environment, fifo, writers

  before_each(function()
    folder = assert(file.temporary_folder())
    fifo = folder .. "/fifo"
    assert(file.write(folder .. "/service.lua", SERVICE))
    writers = {}
    assert(os.execute(("mkfifo '%s1' '%s2' '%s3'"):format(fifo, fifo, fifo)))
    cloud = served_cloud.start(folder .. "/state")
    environment = program.environment(folder, program.keys_for(cloud.url))
    run(folder, environment, { program.path, "provision" })
  end)

  after_each(function()
    for _, writer in ipairs(writers) do
      writer:close()
    end
    cloud:close()
    file.remove_tree(folder)
  end)

  local function invoke(event)
    return start(folder, environment, { program.path, "invoke", "speak", event, "--stream" })
  end

  -- Waits, as a process of its own, until the handler is at that FIFO, too.
  local function let_go_on(piece)
    table.insert(writers, assert(process.spawn { "sh", "-c", (": >'%s%d'"):format(fifo, piece) }))
  end

  it("is printed as it comes", function()
    local client = invoke(('{"pieces":3,"fifo":"%s"}'):format(fifo))
    local said = ""
    for i = 1, 3 do
      said = await(client, ("piece %d\n$"):format(i), said)
      let_go_on(i)
    end

    assert.equal("piece 1\npiece 2\npiece 3\nend\n", read_all(client, said))
    assert.equal(0, client:wait().status)
    client:close()
  end)

  it("tells, after its pieces, of a handler that fails or ends", function()
    local cases = {
      { '"fail":true', "the function failed: LuaError: .*out of breath" },
      { '"exit":3', "the function failed: Runtime.ExitError: .*exit status 3" },
    }
    for _, case in ipairs(cases) do
      local client = invoke(('{"pieces":1,"fifo":"%s",%s}'):format(fifo, case[1]))
      local said = await(client, "piece 1\n$")
      let_go_on(1)

      assert.matches("^piece 1\n" .. case[2], read_all(client, said))
      assert.equal(1, client:wait().status)
      client:close()
    end
  end)

  it("goes on to its end when its caller has gone", function()
    local client = invoke(('{"pieces":2,"fifo":"%s"}'):format(fifo))
    await(client, "piece 1\n$")
    client:kill(9)
    client:wait()
    client:close()
    let_go_on(1)
    let_go_on(2)
    assert(writers[2]:wait(60)) -- the second piece was written, to nobody

    local again = invoke(('{"pieces":0,"fifo":"%s"}'):format(fifo))
    assert.equal("end\n", await(again, "end\n$"))
    again:close()
  end)
end)
