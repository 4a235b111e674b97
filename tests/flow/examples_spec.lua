-- Every example does what its README shows: the ```console blocks are run in a copy of its folder,
-- one after another, and what they print is compared, both streams together. Times, sizes, requests'
-- ids and hashes differ from run to run: they are made alike first.
local file = require "host.file"
local process = require "host.process"

local program = dofile "tests/program.lua"

local ALIKE = {
  { "%x%x%x%x%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x%x%x%x%-%x+", "ID" },
  { "%d%d%d%d%-%d%d%-%d%dT[%d:.]+Z", "TIME" },
  { "%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x+", "HASH" },
  { "%d%d%d%d/%d%d/%d%d/%[", "DAY/[" },
  { [["Timestamp":%d+]], [["Timestamp":MOMENT]] },
  { "%-" .. ("[%u%d]"):rep(12), "-PHYSICAL" },
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

local function run_example(name)
  local folder = assert(file.temporary_folder())
  local cleanup <close> = setmetatable({}, {
    __close = function()
      assert(file.remove_tree(folder))
    end,
  })
  assert(cleanup)
  assert(process.run { "cp", "-R", "examples/" .. name .. "/.", folder })
  local steps = read_steps("examples/" .. name .. "/README.md")
  assert.truthy(#steps > 0, "the README shows no command")
  for _, step in ipairs(steps) do
    local result = assert(process.run {
      "sh", "-c", step.command,
      cwd = folder,
      timeout = 60,
      env = program.environment(folder, { TERM = "dumb" }),
    })
    assert.equal(alike(table.concat(step.output, "\n")), alike(result.output), step.command)
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
