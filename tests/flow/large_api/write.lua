-- laconic run tests/flow/large_api/write.lua FOLDER
dofile("tests/flow/large_api/described.lua").write(arg[1])
