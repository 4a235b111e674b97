-- Every example does what its README shows: the ```console blocks are run in a copy of its folder,
-- one after another, and what they print is compared, both streams together. Times, sizes, addresses,
-- requests' ids and hashes differ from run to run: they are made alike first. A command that ends in
-- ` &` runs on beside those that follow, once it has printed what is shown under it.
local clock = require "host.clock"
local file = require "host.file"
local poll = require "host.poll"
local process = require "host.process"

local program = dofile "tests/program.lua"

local ALIKE = {
  { "%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+", "ID" },
  { "%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z", "TIME" },
  { "%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x+", "HASH" },
  { "%d%d%d%d/%d%d/%d%d/%[", "DAY/[" },
  { "127%.0%.0%.1:%d+", "ADDRESS" },
  { "localhost:%d+", "localhost:PORT" },
  { "_apis/%w+", "_apis/API" },
  { [["Timestamp":%d+]], [["Timestamp":MOMENT]] },
  { "%-" .. ("[%u%d]"):rep(12), "-PHYSICAL" },
  { "bucket%-" .. ("[%l%d]"):rep(12), "bucket-PHYSICAL" },
  { " +%d+%.%d+ s", " SECONDS" },
  { "%d+%.%d+ ms", "MS" },
  { "%d+ ms", "MS" },
  { "%d+ MB", "MB" },
  { "%d+ bytes", "BYTES" },
  { "[ \t]+\n", "\n" },
}

local function alike(text)
  for _, pair in ipairs(ALIKE) do
    text = text:gsub(pair[1], pair[2])
  end
  -- Resources of one stack are made side by side: whose line comes first is chance.
  local lines, run = {}, {}
  local function flush()
    table.sort(run)
    table.move(run, 1, #run, #lines + 1, lines)
    run = {}
  end
  for line in (text:gsub("\n*$", "") .. "\n"):gmatch "(.-)\n" do
    if line:match "^  %u+_COMPLETE " then
      table.insert(run, line)
    else
      flush()
      table.insert(lines, line)
    end
  end
  flush()
  return table.concat(lines, "\n")
end

-- The commands of a README with what it shows under each.
local function read_steps(path)
  local steps = {}
  for block in assert(file.read(path)):gmatch "\n```console\n(.-)\n```" do
    for line in (block .. "\n"):gmatch "(.-)\n" do
      local command = line:match "^%$ (.*)$"
      if command then
        table.insert(steps, { command = command, output = {} })
      else
        table.insert(steps[#steps].output, line)
      end
    end
  end
  return steps
end

local PATIENCE = 60 -- seconds for one command

-- What a command prints, with its end; of one that runs on, as many lines as its README shows.
local function run_step(step, folder, running)
  local background = step.command:match "^(.-)%s*&$"
  local options = {
    "sh", "-c", background and "exec " .. background or step.command,
    cwd = folder,
    timeout = not background and PATIENCE or nil,
    env = program.environment(folder, { TERM = "dumb" }),
  }
  if not background then
    return assert(process.run(options)).output
  end
  local child = assert(process.spawn(options))
  table.insert(running, child)
  local text, deadline = "", clock.monotonic() + PATIENCE
  while select(2, text:gsub("\n", "")) < #step.output do
    assert(poll.wait({ child:fd() }, math.max(deadline - clock.monotonic(), 0)))
    local bytes = child:read()
    if not bytes or clock.monotonic() > deadline then
      break
    end
    text = text .. bytes
  end
  return text
end

-- Ends what runs on, the latest first: asked before it is made to, so that it ends what it started.
local function stop(running)
  for i = #running, 1, -1 do
    running[i]:kill(15)
    running[i]:wait(PATIENCE)
    running[i]:close()
  end
end

local function run_example(name)
  local folder = assert(file.temporary_folder())
  local running = {}
  local cleanup <close> = setmetatable({}, {
    __close = function()
      stop(running)
      assert(file.remove_tree(folder))
    end,
  })
  assert(cleanup)
  assert(process.run { "cp", "-R", "examples/" .. name .. "/.", folder })
  local steps = read_steps("examples/" .. name .. "/README.md")
  assert.truthy(#steps > 0, "the README shows no command")
  for _, step in ipairs(steps) do
    local printed = run_step(step, folder, running)
    assert.equal(alike(table.concat(step.output, "\n")), alike(printed), step.command)
  end
end

describe("the examples", function()
  for _, name in ipairs(assert(file.list "examples")) do
    if file.exists("examples/" .. name .. "/README.md") then
      it(name .. " does what its README shows", function()
        run_example(name)
      end)
    end
  end
end)
