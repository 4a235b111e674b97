local query = require "engine.local.protocol.query"
local request = require "engine.local.request"

local function read(form)
  return query.read(request.new({ method = "POST", path = "/", headers = {}, body = form }, "id"))
end

describe("engine.local.protocol.query", function()
  it("reads an action, fields and lists", function()
    local action, params = read("Action=CreateStack&Version=2010-05-15&StackName=a+b%2Bc"
      .. "&Parameters.member.1.ParameterKey=K&Parameters.member.1.ParameterValue=V"
      .. "&Parameters.member.2.ParameterKey=L&Tags.1=x&Tags.2=y&Empty=")
    assert.equal("CreateStack", action)
    assert.same({
      StackName = "a b+c",
      Parameters = { { ParameterKey = "K", ParameterValue = "V" }, { ParameterKey = "L" } },
      Tags = { "x", "y" },
      Empty = "",
    }, params)
  end)

  it("keeps the order of more than nine members, whatever their order on the wire", function()
    local form = { "Action=A" }
    for i = 12, 1, -1 do
      table.insert(form, ("L.member.%d=v%d"):format(i, i))
    end
    local _, params = read(table.concat(form, "&"))
    assert.equal(12, #params.L)
    assert.equal("v1 v10 v12",
      table.concat({ params.L[1], params.L[10], params.L[12] }, " "))
  end)

  it("takes names that quarrel without falling over", function()
    local _, params = read "Action=A&a=1&a.b=2&a.b.c=3&=x&..=y"
    assert.same({ b = { c = "3" } }, params.a)
  end)

  it("answers no action when there is none", function()
    assert.is_nil((read "Version=1"))
  end)
end)
