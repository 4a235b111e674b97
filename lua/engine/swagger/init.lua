--- Service APIs from their descriptions: read a file, process it, print it. The parts are beside this
--- file; engine.swagger.process is the one to read first.
local document = require "engine.swagger.document"
local file = require "host.file"
local process = require "engine.swagger.process"

local swagger = {}

-- Definitions of interfaces lie beside the description: <gem>/api-definition/<name>.json, or .yaml.
local function finder(folder)
  return function(gem, name)
    for _, extension in ipairs(document.EXTENSIONS) do
      local path = ("%s/api-definition/%s.%s"):format(gem, name, extension)
      if file.exists(folder .. path) then
        return document.read(folder .. path), path
      end
    end
  end
end

--- Reads and processes a description. Raises an error of kind "invalid" that names every problem.
---@param path string
---@param options? { interfaces?: string, lambda?: fun(name: string): string }  the folder in which the
---  gems of interfaces are, default that of the file; what the names of functions stand for
---@return engine.swagger.Processed
function swagger.process(path, options)
  options = options or {}
  local folder = options.interfaces and options.interfaces .. "/" or path:match "^(.*/)" or ""
  return process.run(document.read(path), path, {
    interfaces = finder(folder),
    lambda = options.lambda,
  })
end

--- As it is printed, and imported: keys sorted, indented by 4.
swagger.text = document.text

return swagger
