local remedies = require "engine.aws.remedies"

describe("engine.aws.remedies", function()
  it("knows what to do where AWS's words do not tell", function()
    assert.matches("provision once without the old path",
      remedies.find "A sibling ({id}) of this resource already has a variable path part")
    assert.matches("keep the `name`",
      remedies.find "The domain name you provided already exists. (Service: ApiGateway)")
    assert.matches("choose one that is free", remedies.find "Priority '7' is currently in use")
  end)

  it("leaves it at AWS's words otherwise", function()
    assert.is_nil(remedies.find "Rate exceeded")
    assert.is_nil(remedies.find(nil))
  end)
end)
