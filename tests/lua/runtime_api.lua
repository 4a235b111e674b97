-- Lambda's side of the Runtime API, for the specs that start `bootstrap`.
--
--     local start = dofile "tests/lua/runtime_api.lua"
--     local side = start({ bootstrap }, root)
--     expect("1", side:result '{"n":1}')
--     side:stop()
local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"
local poll = require "host.poll"
local process = require "host.process"
local server = require "host.server"

local function expect(want, got, note)
  if want ~= got then
    error(("expected %s, got %s: %s"):format(want, got, note), 3)
  end
end

local Side = {}
Side.__index = Side

-- Takes in what it printed: who does not read stops it.
function Side:drain()
  local bytes = self.child:read()
  while bytes and bytes ~= "" do
    self.printed = self.printed .. bytes
    bytes = self.child:read()
  end
  self.silent = bytes == nil
end

function Side:request()
  local request = self.api:next()
  while not request do
    local fds = { self.api:fd(), not self.silent and self.child:fd() or nil }
    local ready = assert(poll.wait(fds, 30))
    if #ready == 0 then
      error("the runtime asks for nothing; it said: " .. self.printed)
    elseif not self.silent then
      self:drain()
    end
    request = self.api:next()
  end
  return request
end

-- Gives it an event (JSON text) and returns its answer's request. `more` are further headers, and
-- `deadline`, seconds from now.
function Side:invoke(event, more)
  local request = self.pending or self:request()
  self.pending = nil
  expect("/fn/2018-06-01/runtime/invocation/next", request.target, request.body)
  self.served = self.served + 1
  local id = ("id-%d"):format(self.served)
  local all = {
    { "Lambda-Runtime-Aws-Request-Id", id },
    { "Lambda-Runtime-Deadline-Ms", more and more.deadline
      and ("%d"):format((clock.now() + more.deadline) * 1000 // 1) or "32503680000000" },
    { "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:1:function:s-f" },
  }
  table.move(more or {}, 1, #(more or {}), #all + 1, all)
  self.api:respond(request.id, { status = 200, headers = all, body = event })
  local answer = self:request()
  answer.kind = answer.target:match "[^/]+$"
  expect(("/fn/2018-06-01/runtime/invocation/%s/%s"):format(id, answer.kind), answer.target,
    answer.body)
  self.api:respond(answer.id, { status = self.status or 202 })
  return answer
end

function Side:result(event, more)
  local answer = self:invoke(event, more)
  expect("response", answer.kind, answer.body)
  return answer.body
end

function Side:failure(event, more)
  local answer = self:invoke(event, more)
  expect("error", answer.kind, answer.body)
  return assert(json.decode(answer.body)), answer
end

-- The failed start: what was posted, what was said, how it ended.
function Side:init_error()
  local request = self:request()
  expect("/fn/2018-06-01/runtime/init/error", request.target, request.body)
  self.api:respond(request.id, { status = 202 })
  local ended = assert(self.child:wait(30))
  self:drain()
  return assert(json.decode(request.body)), self.printed, ended
end

-- What it printed so far; asks for the next event first, so that all of the last one is there.
function Side:output()
  self.pending = self:request()
  self:drain()
  local printed = self.printed
  self.printed = ""
  return printed
end

-- Waits until it has printed that.
function Side:said(text)
  while not self.printed:find(text, 1, true) do
    assert(#assert(poll.wait({ self.child:fd() }, 30)) > 0, "it said only: " .. self.printed)
    self:drain()
    assert(not self.silent, "it ended: " .. self.printed)
  end
end

function Side:stop()
  self.child:close()
  self.api:close()
  file.remove_tree(self.root)
end

-- Starts the program `words` as Lambda would: `root` is where the archive was unpacked, `env` what is
-- said besides, `bounds` are more options for host.process.
local function start(words, root, env, bounds)
  local api = assert(server.listen())
  local options = {
    env = {
      AWS_LAMBDA_RUNTIME_API = ("127.0.0.1:%d/fn"):format(api:port()),
      LAMBDA_TASK_ROOT = root,
      _HANDLER = "f",
      AWS_LAMBDA_FUNCTION_NAME = "s-f",
      AWS_LAMBDA_FUNCTION_VERSION = "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE = "128",
      AWS_LAMBDA_LOG_GROUP_NAME = "/aws/lambda/s-f",
      AWS_LAMBDA_LOG_STREAM_NAME = "2026/01/02/[$LATEST]1",
      ASAN_OPTIONS = os.getenv "ASAN_OPTIONS",
    },
    cwd = root,
  }
  for name, value in pairs(env or {}) do
    options.env[name] = value
  end
  for name, value in pairs(bounds or {}) do
    options[name] = value
  end
  table.move(words, 1, #words, 1, options)
  local child = assert(process.spawn(options))
  return setmetatable({ api = api, child = child, root = root, served = 0, printed = "" }, Side)
end

return start
