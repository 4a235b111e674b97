-- One process serves for as long as Lambda lets it: what it takes at the first event must do at the
-- hundred thousandth. The load is a program, for a script would still be at it tomorrow.
local built = dofile "tests/lua/built.lua"
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"

local COUNT = 100000
local MEBIBYTE = 1024 -- KiB

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
local last
service:lambda { name = "f", handler = function(event, context)
  last = { event, tostring(context.request_id), string.rep("x", 2000) } -- outlives its event
  if event.fail then
    error "as asked"
  end
  local seconds = context.remaining_time()
  return { message = "Hello, " .. event.name, seconds = seconds, items = event.items }
end }
return service
]]

local load_program = file.program():match "^(.*/)" .. "tests/bench/runtime_load"

describe("the runtime", function()
  local root

  before_each(function()
    root = assert(file.temporary_folder())
    assert(file.write(root .. "/service.lua", SERVICE))
  end)

  after_each(function()
    assert(file.remove_tree(root))
  end)

  local function serve(event, count)
    assert(file.write(root .. "/event.json", event))
    local result = assert(process.run {
      load_program, "--core", "-1", "--event", root .. "/event.json", "--warm-up", "1000",
      "--count", tostring(count), "--", built.runtime(),
      env = {
        LAMBDA_TASK_ROOT = root,
        _HANDLER = "f",
        AWS_LAMBDA_FUNCTION_NAME = "s-f",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE = "128",
      },
      error = "pipe",
      timeout = 280,
    })
    assert.equal("0 ", result.status .. " " .. result.error)
    return assert(json.decode(result.output:match "[^\n]+\n*$")) -- logs come before it
  end

  it("takes no more memory for 100,000 events than for the first", function()
    local figures = serve('{"name":"Ada","items":[1,2.5,"three",{"four":null}]}', COUNT)

    assert.equal(0, figures.failures)
    assert.equal("Hello, Ada", json.decode(figures.answer).message)
    assert.is_true(figures.last_kib - figures.warm_kib < MEBIBYTE, figures.last_kib)
    assert.is_true(figures.last_kib - figures.first_kib < MEBIBYTE, figures.last_kib)
  end)

  it("takes no more for thousands that fail", function()
    local figures = serve('{"fail":true}', 9000)

    assert.equal(10000, figures.failures)
    assert.equal("service.lua:7: as asked", json.decode(figures.answer).errorMessage)
    assert.is_true(figures.last_kib - figures.first_kib < MEBIBYTE, figures.last_kib)
  end)

  it("gives large events back", function()
    local figures = serve(json.encode { name = ("x"):rep(1000000) }, 200)

    assert.equal(0, figures.failures)
    assert.equal(1000007, #json.decode(figures.answer).message)
    assert.is_true(figures.last_kib - figures.warm_kib < 4 * MEBIBYTE, figures.last_kib)
  end)
end)
