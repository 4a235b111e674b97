-- kill -9 at every point of a provision, then provision again: the same stack, and no object, upload
-- or change set that an undisturbed run would not have left.
--
-- A proxy stands between the program and the local cloud. For each request that a provision makes,
-- the program is killed once before the request is passed on, and once before its answer is.
local provisioned = dofile "tests/faults/provisioned.lua"

describe("a provision that is killed", function()
  local tried

  before_each(function()
    tried = provisioned.start()
  end)

  after_each(function()
    tried:close()
  end)

  local function undisturbed()
    local total, result = tried:provision()
    assert.equal(0, result.status, result.output)
    return total, tried:state()
  end

  local function kill(at, moment)
    local seen, result = tried:provision(function(number)
      return number == at and { kill = moment } or nil
    end)
    -- Polls vary from run to run: a run may end before it came to this request.
    if seen >= at then
      assert.equal(9, result.signal)
    end
  end

  it("converges to the same stack, whichever request it died at", function()
    local total, wanted = undisturbed()
    assert.matches("stack CREATE_COMPLETE", wanted)
    assert.matches("object tried/code%-", wanted)
    assert.truthy(total >= 8, total .. " requests")

    for at = 1, total do
      for _, moment in ipairs { "before", "after" } do
        tried:clean()
        kill(at, moment)
        tried:settle()
        assert.equal(wanted, tried:state(), ("killed %s request %d"):format(moment, at))
      end
    end
  end)

  it("converges after an edit, too, whichever request of the update it died at", function()
    -- A stack that stands, and a service that was edited since.
    local function edit()
      tried:clean()
      tried:settle()
      tried:edit()
    end

    edit()
    local before = tried:state()
    local total, wanted = undisturbed()
    assert.not_equal(before, wanted) -- another code, another template

    for at = 1, total do
      edit()
      kill(at, "after")
      tried:settle()
      assert.equal(wanted, tried:state(), ("killed after request %d"):format(at))
    end
  end)

  it("converges when its own hooks are where it died, and nothing had been sent yet", function()
    local _, wanted = undisturbed()
    for _, hook in ipairs {
      "pre_build", "post_build", "archive", "pre_marshal", "post_marshal", "validate",
    } do
      tried:clean()
      -- It dies once: its file, and so its archive, is the same in the second run.
      tried:write(([[
service:hook("%s", function()
  local mark = io.open("dead")
  if mark then
    mark:close()
    return
  end
  io.open("dead", "w"):close()
  os.execute("kill -9 $PPID")
end)
]]):format(hook))
      local _, result = tried:provision()
      assert.equal(9, result.signal, hook .. "\n" .. result.output)

      tried:settle()
      local function without_hashes(text)
        return (text:gsub("%-%x+%.", "-HASH."))
      end
      assert.equal(without_hashes(wanted), without_hashes(tried:state()), hook)
    end
  end)
end)
