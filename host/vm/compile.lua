-- laconic run compile.lua ROOT OUT SCRIPT…: the byte code of each script, under the same path in OUT.
-- Names and lines stay in it: a traceback says what it would say of the source.
local file = require "host.file"

local root, out = arg[1], arg[2]
for i = 3, #arg do
  local bytes = assert(file.read(root .. "/" .. arg[i]))
  local chunk = assert(load(bytes, "@" .. arg[i], "t"))
  assert(file.make_folder((out .. "/" .. arg[i]):match "^(.*)/"))
  assert(file.write(out .. "/" .. arg[i], string.dump(chunk)))
end
