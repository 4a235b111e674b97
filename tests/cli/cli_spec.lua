-- Runs every tests/cli/*.q: scripts of the real program, whole processes, exit status and both
-- streams. A script is blocks:
--
--   FILE path          the lines below, up to the next block, are written there
--   RUN laconic …      a shell line, in a folder of the script's own
--   EXIT n             what it must exit with (default 0)
--   STDOUT, STDERR     the lines below must be the whole stream; a line that begins with ~ is a Lua
--                      pattern for one line, a line `…` stands for any number of lines
--   NO path            nothing is there
local file = require "host.file"
local process = require "host.process"

local program = dofile "tests/program.lua"
local BLOCKS = { FILE = true, RUN = true, EXIT = true, STDOUT = true, STDERR = true, NO = true }

local function read_script(path)
  local steps, lines = {}, nil
  for line in io.lines(path) do
    local word, rest = line:match "^(%u+)%s*(.*)$"
    if word and BLOCKS[word] then
      local step = { word = word, rest = rest, lines = {} }
      table.insert(steps, step)
      lines = step.lines
    elseif lines then
      table.insert(lines, line)
    end
  end
  for _, step in ipairs(steps) do
    while #step.lines > 0 and step.lines[#step.lines] == "" do
      table.remove(step.lines) -- blank lines between blocks
    end
  end
  return steps
end

local function split(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\n" do
    table.insert(lines, line)
  end
  if #lines == 1 and lines[1] == "" then
    return {}
  end
  return lines
end

local function line_fits(want, got)
  if want:sub(1, 1) == "~" then
    return got:find("^" .. want:sub(2) .. "$") ~= nil
  end
  return want == got
end

-- Whether want[i..] fits got[j..]; `…` takes as few lines as it can.
local function fits(want, got, i, j)
  while i <= #want do
    if want[i] == "…" then
      for k = j, #got + 1 do
        if fits(want, got, i + 1, k) then
          return true
        end
      end
      return false
    elseif not got[j] or not line_fits(want[i], got[j]) then
      return false
    end
    i, j = i + 1, j + 1
  end
  return j == #got + 1
end

local function check_stream(name, step, text, run)
  local ok = fits(step.lines, split(text), 1, 1)
  assert.truthy(ok, ("%s\n%s wanted:\n%s\n%s was:\n%s"):format(
    run.rest, name, table.concat(step.lines, "\n"), name, text))
end

local function run_step(step, folder)
  local result = assert(process.run {
    "sh", "-c", step.rest,
    cwd = folder,
    error = "pipe",
    timeout = 60,
    env = program.environment(folder, { TMPDIR = "/tmp" }),
  })
  return result
end

local function run_script(path)
  local folder = assert(file.temporary_folder())
  local cleanup <close> = setmetatable({}, {
    __close = function()
      assert(file.remove_tree(folder))
    end,
  })
  assert(cleanup)
  local run, result
  local function finish(want_exit)
    if run then
      assert.equal(want_exit, result.status or -1,
        ("%s\nstdout:\n%s\nstderr:\n%s"):format(run.rest, result.output, result.error))
    end
  end
  local want_exit = 0
  for _, step in ipairs(read_script(path)) do
    if step.word == "FILE" then
      local target = folder .. "/" .. step.rest
      assert(file.make_folder((target:match "^(.*)/")))
      assert(file.write(target, table.concat(step.lines, "\n") .. "\n"))
    elseif step.word == "RUN" then
      finish(want_exit)
      run, want_exit = step, 0
      result = run_step(step, folder)
    elseif step.word == "EXIT" then
      want_exit = tonumber(step.rest)
    elseif step.word == "STDOUT" then
      check_stream("stdout", step, result.output, run)
    elseif step.word == "STDERR" then
      check_stream("stderr", step, result.error, run)
    elseif step.word == "NO" then
      assert.is_false(file.exists(folder .. "/" .. step.rest), step.rest .. " is there")
    end
  end
  assert.is_not_nil(run, "the script runs nothing")
  finish(want_exit)
end

describe("the command line", function()
  for _, name in ipairs(assert(file.list "tests/cli")) do
    if name:match "%.q$" then
      it(name, function()
        run_script("tests/cli/" .. name)
      end)
    end
  end
end)
