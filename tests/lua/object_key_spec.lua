local object_key = require "engine.upload.object_key"

describe("engine.upload.object_key", function()
  it("knows the names that are made of content, and of places", function()
    for _, name in ipairs {
      "code-0a1b.zip", "template-0a1b.json", "Site-0a.zip",
      "EchoApi-0a.123456789012.eu-west-1.json",
    } do
      assert.is_true(object_key.is_ours(name), name)
    end
    for _, name in ipairs {
      "notes.txt", "code-xyz.zip", "a/code-0a1b.zip", "code-0a1b", "EchoApi-0a.1.eu-west-1.txt",
      "EchoApi-0a.b.eu-west-1.json", "EchoApi-0a.1.EU.json",
    } do
      assert.is_false(object_key.is_ours(name), name)
    end
  end)

  it("finds keys in templates, whether these have the place or not", function()
    assert.is_true(object_key.is_in('"hello/code-0a.zip"', "hello/code-0a.zip"))
    assert.is_false(object_key.is_in('"hello/code-0b.zip"', "hello/code-0a.zip"))
    local key = "hello/EchoApi-0a.123456789012.eu-west-1.json"
    assert.is_true(object_key.is_in('"${AWS::StackName}/EchoApi-0a.${AWS::AccountId}.json"', key))
    assert.is_false(object_key.is_in('"${AWS::StackName}/EchoApi-0b.${AWS::AccountId}.json"', key))
  end)
end)
