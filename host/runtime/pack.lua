-- laconic run pack.lua PROGRAM PACKED: compresses the runtime once, for every archive to come.
local archive = require "host.archive"

local program, packed = arg[1], arg[2]
assert(archive.pack(program, packed, { level = 12 }))
