-- What the benchmarks share: run a command several times, print the median and the spread.
local clock = require "host.clock"
local file = require "host.file"
local process = require "host.process"

local figures = {}

local function quantile(sorted, q)
  return sorted[math.max(1, math.ceil(#sorted * q))]
end

--- Calls `fn` with a new folder, which is gone afterwards.
function figures.with_folder(fn)
  local folder = assert(file.temporary_folder())
  local ok, problem = pcall(fn, folder)
  assert(file.remove_tree(folder))
  if not ok then
    error(problem, 0)
  end
end

--- The same list, the least first: as `print` wants durations.
function figures.sorted(durations)
  table.sort(durations)
  return durations
end

--- How long `fn` takes, in milliseconds.
function figures.time(fn)
  local begun = clock.monotonic()
  fn()
  return (clock.monotonic() - begun) * 1000
end

--- Runs `fn` `times` times after a warm-up and returns the sorted durations in milliseconds.
function figures.measure(times, fn)
  fn()
  local durations = {}
  for i = 1, times do
    durations[i] = figures.time(fn)
  end
  return figures.sorted(durations)
end

--- Prints one row: what, median, 10th and 90th percentile, in milliseconds, and a note.
function figures.print(what, durations, note)
  print(("%-46s %8.2f ms   (p10 %.2f, p90 %.2f)%s"):format(
    what,
    quantile(durations, 0.5),
    quantile(durations, 0.1),
    quantile(durations, 0.9),
    note and "   " .. note or ""
  ))
  return quantile(durations, 0.5)
end

--- Runs a program to its end; raises with its output when the status is not among `accepted`.
function figures.run(options, accepted)
  options.error = options.error or "pipe"
  local result = assert(process.run(options))
  for _, status in ipairs(accepted or { 0 }) do
    if result.status == status then
      return result
    end
  end
  error(("%s: status %s\n%s%s"):format(table.concat(options, " "), tostring(result.status),
    result.output, result.error), 0)
end

return figures
