--- A service file in a folder of its own, and the program run there, as a person runs it.
---
---     in_folder("tests/flow/least/service.lua", function(run)
---       run { "provision", "--local" }.output
---     end)
local file = require "host.file"

local program = dofile "tests/program.lua"

--- Calls `body(run)`; `run(words)` returns what host.process does. The folder goes with the body.
---@param service string  the path of the service file, or its text
---@param body fun(run: fun(words: string[]): table)
return function(service, body)
  local folder <close> = setmetatable({ path = assert(file.temporary_folder()) }, {
    __close = function(self)
      assert(file.remove_tree(self.path))
    end,
  })
  local text = service:find "\n" and service or assert(file.read(service))
  assert(file.write(folder.path .. "/service.lua", text))
  body(function(words)
    return program.run(folder.path, words)
  end)
end
