-- laconic run host/runtime/pack.lua FROM TO: compresses the runtime once, as hard as it goes, so that
-- no archive has to do it again.
local archive = require "host.archive"

assert(archive.pack(arg[1], arg[2], { level = 12 }))
