-- Spoils API descriptions for a time and processes them: laconic run tests/fuzz/fuzz_swagger.lua
-- [SECONDS] [SEED]. What breaks a rule is written to build/fuzz/swagger-<seed>.json, and ends the run.
local clock = require "host.clock"
local file = require "host.file"

local mutations = dofile "tests/fuzz/swagger_mutations.lua"

local SLOW <const> = 5 -- seconds: nothing may take as long

local seconds, seed = tonumber(arg[1] or 60), math.tointeger(arg[2])
local begun, count, processed = clock.monotonic(), 0, 0
local first = seed or math.floor(clock.now() * 1000)

repeat
  local own = first + count
  math.randomseed(own)
  local bytes = math.random() < 0.8
    and require("host.json").encode(mutations.document()) -- nil: nested too deeply
    or mutations.bytes()
  local before = clock.monotonic()
  local ok, result = xpcall(mutations.check, debug.traceback, bytes)
  local slow = clock.monotonic() - before > SLOW
  if not ok or slow then
    assert(file.make_folder "build/fuzz")
    assert(file.write(("build/fuzz/swagger-%d.json"):format(own), bytes))
    error(("seed %d: %s"):format(own, ok and "it took too long" or result), 0)
  end
  count, processed = count + 1, processed + (result and 1 or 0)
until clock.monotonic() - begun > seconds

print(("%d descriptions, %d of them processed, from seed %d"):format(count, processed, first))
