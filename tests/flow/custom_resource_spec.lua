-- A custom resource from the service file to the running stack: the real program, the real runtime, and
-- the local cloud between them.
local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"

local program = dofile "tests/program.lua"

-- Every request is written down, and `SIZE` and the others come from the test.
local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "shop" }

local function note(request)
  local journal <close> = assert(io.open(os.getenv "JOURNAL", "a"))
  journal:write(request.type, " ", request.physical_id, " ", request.properties.Size, " ",
    request.old_properties and request.old_properties.Size or "-", "\n")
end

local function make(request)
  note(request)
  if request.properties.Mood == "fails" then
    error "no such shelf"
  elseif request.properties.Mood == "hangs" then
    while true do end
  elseif request.properties.Mood == "talks" then
    return { Text = ("x"):rep(5000) }
  end
  return { Double = 2 * request.properties.Size }
end

local shelf = service:custom_resource {
  name = "Shelf",
  timeout = @TIMEOUT@,
  environment = { JOURNAL = "@JOURNAL@" },
  properties = { Name = "@NAME@", Size = @SIZE@, Mood = "@MOOD@" },
  identity = { "Name" },
  handler = { create = make, update = make, delete = note },
}

service:lambda {
  name = "look",
  environment = { DOUBLE = shelf:att "Double", SHELF = shelf.ref },
  handler = function()
    return { double = os.getenv "DOUBLE", shelf = os.getenv "SHELF" }
  end,
}

return service
]]

local folder

local function line_of(text)
  local line = 1
  for _ in SERVICE:sub(1, (SERVICE:find(text, 1, true))):gmatch "\n" do
    line = line + 1
  end
  return line
end

local function write(wanted)
  local values = {
    NAME = wanted.name or "a",
    SIZE = tostring(wanted.size or 1),
    MOOD = wanted.mood or "good",
    TIMEOUT = tostring(wanted.timeout or 20),
    JOURNAL = folder .. "/journal",
  }
  assert(file.write(folder .. "/service.lua", (SERVICE:gsub("@(%u+)@", values))))
end

local function laconic(words)
  return program.run(folder, words)
end

local function provision(wanted)
  write(wanted)
  return laconic { "provision", "--local" }
end

local function done(result)
  assert.equal(0, result.status, result.error)
  return result.output
end

-- What was asked of the handler since the last look, with the name of each physical id in short.
local function asked()
  local path = folder .. "/journal"
  local text = file.read(path) or ""
  file.remove(path)
  local names, count = {}, 0
  return (text:gsub("shop%-Shelf%-[%w]+", function(id)
    if not names[id] then
      count = count + 1
      names[id] = "shelf" .. count
    end
    return names[id]
  end))
end

local function look()
  return json.decode(done(laconic { "invoke", "look", "--local" }))
end

-- A provision that fails rolls back; what it says on the error stream.
local function refused(wanted)
  local result = provision(wanted)
  assert.equal(7, result.status, result.error)
  return result.error
end

describe("a custom resource", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("is created, updated, replaced and deleted", function()
    done(provision { size = 1 })
    local first = look()
    assert.equal("2", first.double)
    assert.equal("create shelf1 1 -\n", asked())

    done(provision { size = 21 })
    assert.same({ double = "42", shelf = first.shelf }, look())
    assert.equal("update shelf1 21 1\n", asked())

    done(provision { name = "b", size = 21 })
    assert.not_equal(first.shelf, look().shelf)
    assert.equal("create shelf1 21 21\ndelete shelf2 21 -\n", asked())

    done(laconic { "delete", "--local" })
    assert.equal("delete shelf1 21 -\n", asked())
  end)

  it("that fails takes the stack back, and its own line is told", function()
    local said = refused { mood = "fails" }

    assert.matches("service.lua:" .. line_of '"no such shelf"' .. ": no such shelf", said)
    assert.matches("laconic: service.lua:" .. line_of "service:custom_resource" .. ": ", said)
    assert.equal("create shelf1 1 -\ndelete shelf1 1 -\n", asked())
  end)

  it("that fails in an update is put back", function()
    done(provision { size = 1 })
    asked()

    assert.matches("as it was before", refused { size = 2, mood = "fails" })

    assert.equal("update shelf1 2 1\nupdate shelf1 1 2\n", asked())
    assert.equal("2", look().double)
  end)

  it("that hangs is told before its time is over", function()
    local began = clock.monotonic()
    local said = refused { mood = "hangs", timeout = 1 }

    assert.matches("service.lua:" .. line_of "while true" .. ": the handler was stopped", said)
    assert.truthy(clock.monotonic() - began < 60, "CloudFormation would have waited 243 s")
  end)

  it("that says too much is told so", function()
    assert.matches("'Text' alone has 5002", refused { mood = "talks" })
  end)

  it("is not called by hand", function()
    done(provision {})
    local result = laconic { "invoke", "Shelf", "{}", "--local" }

    assert.equal(1, result.status)
    assert.matches("answers CloudFormation's requests for Custom::ShopShelf", result.output)
  end)
end)
