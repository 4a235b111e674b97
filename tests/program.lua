--- The program under test, as a person runs it: in a folder that is also its home, with no more of this
--- machine's environment than it takes.
---
---     local program = dofile "tests/program.lua"
---     local result = program.run(folder, { "build" })
local file = require "host.file"
local process = require "host.process"

local program = {}

--- Where it is.
program.path = os.getenv "LACONIC" or file.program()

--- What a run of it finds in the environment.
---@param folder string
---@param more? table<string, string>
---@return table<string, string>
function program.environment(folder, more)
  local env = {
    PATH = program.path:match "^(.*)/" .. ":/usr/bin:/bin",
    HOME = folder,
    NO_COLOR = "1",
    AWS_EC2_METADATA_DISABLED = "true",
    ASAN_OPTIONS = os.getenv "ASAN_OPTIONS",
    LACONIC_LUA = os.getenv "LACONIC_LUA",
  }
  for name, value in pairs(more or {}) do
    env[name] = value
  end
  return env
end

--- What it takes to reach the cloud at `endpoint`.
---@param endpoint string
---@return table<string, string>
function program.keys_for(endpoint)
  return {
    AWS_ENDPOINT_URL = endpoint,
    AWS_REGION = "us-east-1",
    AWS_ACCESS_KEY_ID = "local",
    AWS_SECRET_ACCESS_KEY = "local-secret",
  }
end

--- Runs it to its end.
---@param folder string
---@param words string[]
---@return { status: integer, output: string, error: string }
function program.run(folder, words)
  return assert(process.run {
    cwd = folder,
    env = program.environment(folder),
    error = "pipe",
    timeout = 120,
    program.path,
    table.unpack(words),
  })
end

return program
