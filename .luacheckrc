std = "lua54"
max_line_length = 100
exclude_files = { "build", "lua_modules", ".laconic" }
files["host/bind/meta"] = { ignore = { "212", "111", "112", "113" } } -- stubs: bodies are empty, names are declared
files["**/*_spec.lua"] = { std = "+busted", ignore = { "143" } } -- assert.equal and its kin are the spec's own
files["lua/engine/types.lua"] = { ignore = { "212" } }
