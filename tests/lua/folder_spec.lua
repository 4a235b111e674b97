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
    assert.same({ "cloudformation", "iam", "lambda", "logs", "s3", "ssm", "sts" },
      folder.names "engine.local.services")
  end)
end)
