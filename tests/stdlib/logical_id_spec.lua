local logical_id = require "laconic.logical_id"

describe("logical ids", function()
  it("are readable", function()
    assert.equal("Hello", logical_id.stem "hello")
    assert.equal("SendMail", logical_id.stem "send-mail")
    assert.equal("TakeOrder", logical_id.stem "take_order")
    assert.equal("ShipIt", logical_id.stem "shipIt")
    assert.equal("V2Api", logical_id.stem "v2-api")
  end)

  it("get a hash where the name would be lost", function()
    assert.matches("^A1%x%x%x%x%x%x%x%x$", logical_id.stem "a-1")
    assert.not_equal(logical_id.stem "a-1", logical_id.stem "a_1")
  end)
end)
