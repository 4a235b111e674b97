--- Stage 2: which files travel in the archive. The service file, every module that it requires or
--- required while it was loaded, the included files, and the runtime in the flavour that they need.
--- Each Lua file is checked here, where its author still reads.
local bytecode = require "engine.compile.bytecode"
local constructs = require "engine.constructs"
local files = require "engine.compile.files"
local handlers = require "engine.compile.handlers"
local https = require "engine.compile.https"
local includes = require "engine.compile.includes"
local modules = require "engine.compile.modules"
local runtime = require "engine.compile.runtime"

local compile = {}

--- Finds and checks every file that will travel. `build.runtime` may name the runtime to take, as an
--- entry of the archive; a service without functions needs none.
---@param model engine.Model
---@param build engine.Build
---@return engine.Travelling[] files  sorted by name
function compile.run(model, build)
  local service, fn = model.service, model.functions[1]
  local travelling = files.new()
  local graph = modules.resolve(service, travelling, constructs.sources(model))
  if fn then
    handlers.check(graph, service)
  end
  for _, include in ipairs(service.includes) do
    includes.add(travelling, graph.folder, include)
  end
  constructs.add_files(travelling, model)
  if build.runtime and fn then
    travelling:add(build.runtime, fn.where)
  elseif fn then
    runtime.add(travelling, graph.c_modules, fn, https.needed_dynamic(graph, service))
  end
  if service.bytecode then
    bytecode.compile(travelling, graph, service.bytecode)
  end
  return travelling:sorted()
end

return compile
