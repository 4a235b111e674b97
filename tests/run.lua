-- laconic run tests/run.lua [--hostile-collector] FILE_spec.lua... : the specs, one after another.
local spec = require "laconic.spec"

local files = {}
for _, word in ipairs(arg) do
  if word == "--hostile-collector" then
    collectgarbage "incremental"
    collectgarbage("incremental", 1, 1000, 0) -- starts again at once, and runs at full speed
  else
    table.insert(files, word)
  end
end

if #files == 0 then
  io.stderr:write "usage: laconic run tests/run.lua [--hostile-collector] FILE_spec.lua...\n"
  return 2
end
return spec.run(files) and 0 or 1
