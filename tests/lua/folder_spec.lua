local folder = require "engine.folder"

describe("engine.folder", function()
  it("finds a file by its name, with '-' for '_'", function()
    assert.equal(require "engine.commands.invoke", folder.find("engine.commands", "invoke"))
    assert.equal(require "engine.samples.api_gateway_v1",
      folder.find("engine.samples", "api-gateway-v1"))
  end)

  it("has nothing for names that no file can have, or none has", function()
    for _, name in ipairs { "", "nothing", "s3.buckets", "../main", "S3", "a b", "1" } do
      assert.is_nil(folder.find("engine.local.services", name))
    end
  end)

  it("lists the folder's own files, sorted, and not those of folders inside", function()
    local names = folder.names "engine.local.services"
    local sorted = table.move(names, 1, #names, 1, {})
    table.sort(sorted)
    assert.same(sorted, names)
    local listed = {}
    for _, name in ipairs(names) do
      assert.is_nil(name:find(".", 1, true), name)
      listed[name] = true
    end
    assert.truthy(listed.cloudformation and listed.s3 and listed.sts, table.concat(names, " "))
    assert.is_nil(listed.buckets)
  end)
end)
