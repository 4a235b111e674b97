-- What is written goes to standard error, so another process of the program writes it for us.
local log = require "host.log"

local PRELUDE = 'local log, clock = require "host.log", require "host.clock" clock.set(0.5) '

local function written(script)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(PRELUDE, script)
  file:close()
  local program = dofile("tests/program.lua").path
  local pipe = assert(io.popen(("'%s' run '%s' 2>&1 >/dev/null"):format(program, path)))
  local text = pipe:read "a"
  pipe:close()
  os.remove(path)
  return text
end

describe("host.log", function()
  it("writes a level, a sentence, and the fields in byte order", function()
    assert.equal(
      "INFO  Uploading  B=true a=1.5 key=x.zip size=812\n",
      written [[log.info("Uploading", { size = 812, key = "x.zip", a = 1.5, B = true })]]
    )
    assert.equal("WARN  hm\nFATAL end\n", written [[log.warn "hm" log.write("fatal", "end")]])
  end)

  it("writes JSON lines", function()
    assert.equal(
      '{"timestamp":"1970-01-01T00:00:00.500Z","level":"error","message":"a\\nb",'
        .. '"inf":"inf","n":1,"ok":false,"s":"1"}\n',
      written [[
        log.configure { format = "json" }
        log.error("a\nb", { n = 1, s = "1", ok = false, inf = math.huge })]]
    )
  end)

  it("writes nothing below the level, and says which levels are written", function()
    assert.equal(
      "INFO  debug false\nDEBUG now\n",
      written [[
        log.debug("unseen", { 1, 2, 3 })
        log.info("debug " .. tostring(log.enabled "debug"))
        log.configure { level = "debug", timestamps = false }
        log.debug "now"
        log.configure { level = "off" }
        log.error "unseen"]]
    )
  end)

  it("shows any value by its tostring", function()
    assert.equal(
      'INFO  m  err="no such bucket"\n',
      written [[
        log.info("m", { err = setmetatable({}, { __tostring = function()
          collectgarbage()
          return "no such bucket"
        end }) })]]
    )
  end)

  it("raises for what cannot be meant", function()
    assert.error_matches("#1 to 'configure' %(unknown field 'colour'%)", function()
      log.configure { colour = true }
    end)
    assert.error_matches("#1 to 'configure' %(field 'level': unknown word 'loud'%)", function()
      log.configure { level = "loud" }
    end)
    assert.error_matches("#1 to 'info' %(string expected, got table%)", function()
      log.info {}
    end)
    assert.error_matches("#1 to 'write' %(invalid option 'loud'%)", function()
      log.write("loud", "m")
    end)
    assert.error_matches("#1 to 'enabled' %('off' is no message's level%)", function()
      log.enabled "off"
    end)
    assert.error_matches("#2 to 'error' %(a field's name is not a string%)", function()
      log.error("m", { "a" })
    end)
  end)
end)
