--- A service in a folder, a local cloud with a bucket for its artifacts, and what provisions leave
--- there.
---
---     local tried <close> = provisioned.start()
---     local requests, result = tried:provision(function(number) … end)
---     print(tried:state())
local file = require "host.file"
local process = require "host.process"

local program = dofile "tests/program.lua"
local proxy = dofile "tests/faults/proxy.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local provisioned = {}
provisioned.__index = provisioned

local SERVICE <const> = [[
local laconic = require "laconic"
local service = laconic.service { name = "tried" }
local bucket = service:resource { name = "Photos", type = "AWS::S3::Bucket" }
service:lambda {
  name = "hello",
  environment = { BUCKET = bucket.ref },
  handler = function() return "alive" end,
}
service:output { name = "Bucket", value = bucket.ref }
return service
]]

local BUCKET <const> = [[
require("engine.aws").call(require("engine.aws.session").new {}, "s3", "CreateBucket",
  { Bucket = "artifacts" })
]]

-- Everything that a run may leave behind, as one text.
local DESCRIBE <const> = [[
local aws = require "engine.aws"
local session = require("engine.aws.session").new {}
local lines = {}
local function add(...) table.insert(lines, table.concat({ ... }, " ")) end
local stack = require("engine.aws.stack")
local found = stack.describe(session, "tried")
add("stack", found and found.status:gsub("^UPDATE_", "CREATE_") or "none")
for _, resource in ipairs(found and stack.resources(session, "tried") or {}) do
  add("resource", resource.id, resource.type, (resource.status:gsub("^UPDATE_", "CREATE_")))
end
local sets = aws.call(session, "cloudformation", "ListChangeSets", { StackName = "tried" })
for _, set in ipairs(sets.Summaries or {}) do
  if set.ExecutionStatus ~= "EXECUTE_COMPLETE" and set.Status ~= "DELETE_COMPLETE" then
    add("change set", set.Status)
  end
end
local s3 = require "host.s3"
local where = {
  credentials = session:credentials(), region = session:region(),
  endpoint = os.getenv "AWS_ENDPOINT_URL", bucket = "artifacts",
}
for _, object in ipairs(assert(s3.list(where))) do add("object", object.key) end
for _, left in ipairs(assert(s3.unfinished(where))) do add("unfinished", left.key) end
table.sort(lines)
io.write(table.concat(lines, "\n"), "\n")
]]

local CLEAN <const> = [[
local s3 = require "host.s3"
local session = require("engine.aws.session").new {}
local where = {
  credentials = session:credentials(), region = session:region(),
  endpoint = os.getenv "AWS_ENDPOINT_URL", bucket = "artifacts",
}
for _, object in ipairs(assert(s3.list(where))) do
  where.key = object.key
  assert(s3.delete(where))
end
]]

local PROVISION <const> = { "provision", "--bucket", "artifacts" }

local function options_of(self, words, folder)
  return {
    cwd = folder,
    env = program.environment(folder, program.keys_for(self.cloud.url)),
    timeout = 60,
    program.path,
    table.unpack(words),
  }
end

-- Runs the program to a good end.
local function run(self, words, folder)
  local options = options_of(self, words, folder)
  options.error = "pipe"
  local result = assert(process.run(options))
  assert(result.status == 0,
    table.concat(words, " ") .. "\n" .. result.output .. (result.error or ""))
  return result.output
end

-- Runs a script of this file's in a process of its own, with a provision's environment.
local function run_script(self, text)
  local path = self.root .. "/script.lua"
  assert(file.write(path, text))
  return run(self, { "run", path }, self.root)
end

--- Starts a cloud; the service's folder holds its file and nothing else.
function provisioned.start()
  local root = assert(file.temporary_folder())
  local self = setmetatable({
    root = root, folder = root .. "/service", cloud = served_cloud.start(root .. "/state"),
  }, provisioned)
  run_script(self, BUCKET)
  self:write()
  return self
end

--- Writes the service file into a new folder, with `more` before its end.
---@param more? string
function provisioned:write(more)
  assert(file.remove_tree(self.folder))
  assert(file.make_folder(self.folder))
  local text = SERVICE:gsub("return service", function(last)
    return (more or "") .. last
  end)
  assert(file.write(self.folder .. "/service.lua", text))
end

--- Changes what the function does; all else in the folder stays.
function provisioned:edit()
  local text = SERVICE:gsub('"alive"', '"edited"')
  assert(file.write(self.folder .. "/service.lua", text))
end

--- Provisions, past the proxy, and it has to succeed.
function provisioned:settle()
  run(self, PROVISION, self.folder)
end

--- Provisions through the proxy.
---@param rule? fun(number: integer, request: table): table?  see proxy.lua
---@return integer requests
---@return table result  status, signal, output
function provisioned:provision(rule)
  local options = options_of(self, PROVISION, self.folder)
  options.timeout = nil
  return proxy.run(self.cloud.url, rule or function() end, options)
end

--- What was left behind.
---@return string
function provisioned:state()
  return run_script(self, DESCRIBE)
end

--- Takes away the stack, every object and what the folder holds besides the service file, as if nothing
--- had been.
function provisioned:clean()
  run(self, { "delete" }, self.folder)
  run_script(self, CLEAN)
  self:write()
end

--- Ends the cloud and removes all folders.
function provisioned:close()
  self.cloud:kill()
  assert(file.remove_tree(self.root))
end

provisioned.__close = provisioned.close

return provisioned
