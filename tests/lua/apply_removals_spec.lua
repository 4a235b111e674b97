local removals = require "engine.apply.removals"

local OLD <const>, NEW <const> = "EchoApiDeployment0123456789ab", "EchoApiDeploymentba9876543210"

local function change(action, type_name, id, replacement)
  return {
    Action = action,
    ResourceType = type_name,
    LogicalResourceId = id,
    Replacement = replacement,
  }
end

local DEPLOYED <const> = {
  change("Add", "AWS::ApiGateway::Deployment", NEW),
  change("Remove", "AWS::ApiGateway::Deployment", OLD),
}

local function first_step(...)
  local changes = table.move({ ... }, 1, select("#", ...), 1, {})
  table.move(DEPLOYED, 1, #DEPLOYED, #changes + 1, changes)
  return removals.first_step(changes, ('{"%s":{},"Ref":"%s"}'):format(NEW, NEW))
end

describe("engine.apply.removals", function()
  it("leaves the deployment that is there, while a method goes", function()
    local want = ('{"%s":{},"Ref":"%s"}'):format(OLD, OLD)

    assert.equal(want, first_step(change("Remove", "AWS::ApiGateway::Method", "EchoApiGetMethod")))
    assert.equal(want, first_step(change("Remove", "AWS::ApiGatewayV2::Route", "ChatApiSayRoute")))
    assert.equal(want,
      first_step(change("Modify", "AWS::ApiGateway::Method", "EchoApiGetMethod", "True")))
  end)

  it("lets one step do where nothing goes that clients see", function()
    assert.is_nil(first_step())
    assert.is_nil(first_step(change("Add", "AWS::ApiGateway::Method", "EchoApiGetMethod")))
    assert.is_nil(
      first_step(change("Modify", "AWS::ApiGateway::Method", "EchoApiGetMethod", "False")))
    assert.is_nil(first_step(change("Remove", "AWS::Lambda::Function", "HelloFunction")))
  end)

  it("lets one step do where no deployment takes the place of another", function()
    local gone = change("Remove", "AWS::ApiGateway::Method", "EchoApiGetMethod")

    assert.is_nil(removals.first_step({ gone }, "{}"))
    assert.is_nil(removals.first_step({ gone, DEPLOYED[2] }, "{}"))
    assert.is_nil(removals.first_step({
      gone,
      DEPLOYED[2],
      change("Add", "AWS::ApiGateway::Deployment", "OtherApiDeploymentba9876543210"),
    }, "{}"))
  end)
end)
