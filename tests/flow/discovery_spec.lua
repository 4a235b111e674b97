-- The service of `discovering` on the local cloud: what its functions find out is what was made, by
-- way of the environment and of parameters.
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"

local program = os.getenv "LACONIC" or file.program()

describe("discovery on the local cloud", function()
  it("tells functions what the stack made", function()
    local folder <close> = setmetatable({ path = assert(file.temporary_folder()) }, {
      __close = function(self)
        assert(file.remove_tree(self.path))
      end,
    })
    assert(process.run { "cp", "tests/flow/discovering/service.lua", folder.path })

    local function run(...)
      local command = {
        cwd = folder.path,
        error = "pipe",
        timeout = 120,
        env = {
          PATH = "/usr/bin:/bin",
          HOME = folder.path,
          AWS_EC2_METADATA_DISABLED = "true",
          ASAN_OPTIONS = os.getenv "ASAN_OPTIONS",
          LACONIC_LUA = os.getenv "LACONIC_LUA",
        },
        program,
        ...,
      }
      local result = assert(process.run(command))
      assert.equal(0, result.status, result.error)
      return result.output
    end
    local function invoke(name)
      return assert(json.decode(run("invoke", name, "--local")))
    end

    run("provision", "--local")
    local stack, few, many, callee = invoke "stack", invoke "few", invoke "many", invoke "callee"
    run("delete", "--local")

    assert.same({ stack = "discovering" }, stack)
    assert.equal("none", few.Queue)
    assert.matches("^discovering%-Visits%-", few.Visits.ref)
    assert.equal("arn:aws:dynamodb:us-east-1:123456789012:table/" .. few.Visits.ref,
      few.Visits.arn)
    assert.same(few.Visits, many.Visits)
    assert.equal("none", many.Queue)
    assert.equal("arn:aws:s3:::" .. many.Photos.ref, many.Photos.arn)
    assert.matches("^http://" .. many.Photos.ref:gsub("%p", "%%%0"),
      many.Photos.attributes.WebsiteURL)
    assert.equal("arn:aws:lambda:us-east-1:123456789012:function:discovering_callee",
      callee.Url.ref)
  end)
end)
