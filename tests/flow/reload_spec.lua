-- `laconic local --watch`: a service that is served as its files are.
local clock = require "host.clock"
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"
local poll = require "host.poll"
local process = require "host.process"

local program = dofile "tests/program.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "greeter" }
service:lambda {
  name = "hello",
  url = true,
  handler = function() return { greeting = require("lib.words").greeting } end,
}
return service
]]

local PATIENCE <const> = 60 -- seconds

local folder, cloud, said

local function write(name, text)
  assert(file.make_folder(folder .. "/lib"))
  assert(file.write(folder .. "/" .. name, text))
end

-- Waits until it has said that, and forgets all it said.
local function wait_for(pattern)
  local deadline = clock.monotonic() + PATIENCE
  while not said:match(pattern) do
    local left = deadline - clock.monotonic()
    assert.truthy(left > 0 and #assert(poll.wait({ cloud:fd() }, left)) > 0, said)
    said = said .. assert(cloud:read(), said)
  end
  local found = said:match(pattern)
  said = ""
  return found
end

local function greeting(url)
  return assert(json.decode(assert(http.request { url = url, proxy = "" }).body)).greeting
end

describe("laconic local --watch", function()
  before_each(function()
    folder, said = assert(file.temporary_folder()), ""
    write("lib/words.lua", "return { greeting = 'one' }\n")
    write("service.lua", SERVICE)
    cloud = assert(process.spawn {
      program.path, "local", "--watch", "--port", "0",
      cwd = folder, env = program.environment(folder),
    })
  end)

  after_each(function()
    cloud:close()
    assert(file.remove_tree(folder))
  end)

  it("provisions the service, follows its files, and outlives its mistakes", function()
    local url = wait_for "Created greeter.-HelloUrl%s+(http://%S+)\n"
    assert.equal("one", greeting(url))

    write("lib/words.lua", "return { greeting = 'two' }\n")
    wait_for "lib/words.lua changed.-Updated greeter.-HelloUrl"
    assert.equal("two", greeting(url))

    write("service.lua", (SERVICE:gsub("return service", "retrn service")))
    wait_for "service.lua changed.-service.lua:8: syntax error"
    assert.equal("two", greeting(url))

    write("lib/words.lua", "return { greeting = 'three' }\n")
    write("service.lua", SERVICE)
    wait_for "changed.-Updated greeter.-HelloUrl"
    assert.equal("three", greeting(url))
  end)

  it("says what it cannot follow", function()
    local result = program.run(folder, { "local", "--watch", "other.lua" })
    assert.equal(2, result.status)
    assert.matches("%-%-watch: there is no 'other.lua'", result.error)
    result = program.run(folder, { "local", "service.lua" })
    assert.equal(2, result.status)
    assert.matches("with %-%-watch alone", result.error)
  end)
end)
