-- laconic run tests/bench/runtime.lua [--peers]: the runtime under tests/bench/runtime_load, which
-- plays Lambda's Runtime API on the core that it shares with it. With --peers the runtimes of others
-- serve the same hello in the same run (tests/bench/peers_runtime/build makes them), in turns, so
-- that a neighbour's noise falls on all.
local archive = require "host.archive"
local file = require "host.file"
local figures = require "figures"
local json = require "host.json"
local machine = require "engine.local.services.lambda.machine"

local ROUNDS = 7
local LOAD = "build/tests/bench/runtime_load"
local PEERS = file.current_folder() .. "/build/peers/"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "hello" }
service:lambda {
  name = "hello",
  handler = function(event)
    return { message = "Hello, " .. (event.name or "world") }
  end,
}
return service
]]

local function ours()
  return file.current_folder() .. "/build/bootstrap-" .. machine.of(file.program())
end

local function candidates()
  local list = { { name = "laconic", program = ours() } }
  if arg[1] ~= "--peers" then
    return list
  end
  local peers = {
    { name = "lambda_runtime (Rust)", tool = "cargo", program = "rust/target/release/hello" },
    { name = "aws-lambda-go", tool = "go", program = "go/hello" },
    {
      name = "awslambdaric (Python)",
      tool = "Python's venv",
      program = "python/bin/python",
      arguments = { "-m", "awslambdaric", "hello.hello" },
      folder = file.current_folder() .. "/tests/bench/peers_runtime/python",
    },
  }
  for _, peer in ipairs(peers) do
    peer.program = PEERS .. peer.program
    table.insert(list, peer)
  end
  return list
end

local function measure(candidate, root, event, count, spawns)
  local words = {
    LOAD, "--event", event, "--count", tostring(count), "--spawns", tostring(spawns), "--",
    candidate.program,
    env = {
      PATH = os.getenv "PATH",
      LAMBDA_TASK_ROOT = candidate.folder or root,
      _HANDLER = "hello",
      AWS_LAMBDA_FUNCTION_NAME = "hello",
      AWS_LAMBDA_FUNCTION_VERSION = "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE = "128",
      AWS_LAMBDA_LOG_GROUP_NAME = "/aws/lambda/hello",
      AWS_LAMBDA_LOG_STREAM_NAME = "1",
      AWS_REGION = "us-east-1",
    },
  }
  for _, word in ipairs(candidate.arguments or {}) do
    table.insert(words, word)
  end
  words.env.PYTHONPATH = candidate.folder
  local result = json.decode(figures.run(words).output)
  local answer = json.decode(result.answer)
  assert(result.failures == 0 and answer and answer.message:find "^Hello, ", result.answer)
  return result
end

local function median(list, name)
  local values = {}
  for i, result in ipairs(list) do
    values[i] = result[name]
  end
  table.sort(values)
  return values[#values // 2 + 1]
end

local function packed_bytes(program, root)
  return assert(archive.pack(program, root .. "/packed", { level = 12 })).packed_bytes
end

local ROW = "%-24s %9s %6s %9s %6s %10s %6s %10s %8s"

local function print_row(candidate, first, root)
  local function of(name)
    return median(candidate.results, name)
  end
  local function ratio(name)
    return ("%.2f"):format(of(name) / median(first.results, name))
  end
  print(ROW:format(
    candidate.name,
    ("%.0f"):format(of "per_second"), ratio "per_second",
    ("%.1f us"):format(of "p50_us"), ratio "p50_us",
    ("%.2f ms"):format(of "start_ms"), ratio "start_ms",
    ("%.1f MiB"):format(of "last_kib" / 1024),
    candidate.arguments and "-" or ("%.2f MB"):format(packed_bytes(candidate.program, root) / 1e6)
  ))
end

local function write_event(path, bytes)
  assert(file.write(path, json.encode { name = ("x"):rep(bytes) }))
  return path
end

figures.with_folder(function(root)
  assert(file.write(root .. "/service.lua", SERVICE))
  local small = write_event(root .. "/small.json", 3)
  local large = write_event(root .. "/large.json", 1000000)
  local running = {}
  for _, candidate in ipairs(candidates()) do
    if file.exists(candidate.program) then
      candidate.results, candidate.large = {}, {}
      table.insert(running, candidate)
    else
      print(("%-24s not measured: %s is not installed, or could not build it"):format(
        candidate.name, candidate.tool))
    end
  end
  for _ = 1, ROUNDS do
    for _, candidate in ipairs(running) do
      table.insert(candidate.results, measure(candidate, root, small, 25000, 20))
      table.insert(candidate.large, measure(candidate, root, large, 200, 0))
    end
  end
  print(ROW:format("runtime", "events/s", "x", "p50", "x", "start", "x", "memory", "zipped"))
  for _, candidate in ipairs(running) do
    print_row(candidate, running[1], root)
  end
  for _, candidate in ipairs(running) do
    print(("%-24s %9.1f ms an event of 1 MB, %.1f MiB at most"):format(candidate.name,
      median(candidate.large, "p50_us") / 1000, median(candidate.large, "most_kib") / 1024))
  end
end)
return 0
