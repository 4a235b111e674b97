-- The service of `discovering` on the local cloud: what its functions find out is what was made, by
-- way of the environment and of parameters.
local in_folder = dofile "tests/flow/in_folder.lua"
local json = require "host.json"

describe("discovery on the local cloud", function()
  it("tells functions what the stack made", function()
    in_folder("tests/flow/discovering/service.lua", function(run)
      local function invoke(name)
        local result = run { "invoke", name, "--local" }
        assert.equal(0, result.status, result.error)
        return assert(json.decode(result.output))
      end

      local made = run { "provision", "--local" }
      assert.equal(0, made.status, made.error)
      local stack, few, many, callee = invoke "stack", invoke "few", invoke "many", invoke "callee"
      made = run { "provision", "--local", "--param", "Stage=live" }
      assert.equal(0, made.status, made.error)
      local few_live, many_live = invoke "few", invoke "many"
      run { "delete", "--local" }

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
      assert.matches("^http://127.0.0.1:%d+/123456789012/discovering%-Queue%-", many_live.Queue.ref)
      assert.same(few_live.Queue, many_live.Queue)
      assert.same(few.Visits, many_live.Visits)
    end)
  end)
end)
