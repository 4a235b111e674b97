-- A custom resource's function in the runtime as Lambda starts it: its answers go to the response URL,
-- and what it says to Lambda is about the delivery alone.
local forms = dofile "tests/lua/runtime_forms.lua"
local json = require "host.json"
local loopback = dofile "tests/bind/loopback.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:interceptor {
  before_dispatch = function(context) context.greeting = "hello" end,
  complete = function(_, _, outcome)
    print("outcome", outcome.ok, (outcome.result or {}).Status)
  end,
}
service:custom_resource {
  name = "f",
  properties = { Count = 3, Work = "none" },
  handler = {
    create = function(request, context)
      local work = request.properties.Work
      if work == "loop" then
        while true do pcall(error) end
      elseif work == "grow" then
        local list = {}
        while true do list[#list + 1] = ("x"):rep(1000) .. #list end
      end
      return { Sum = request.properties.Count + 1, Greeting = context.greeting }
    end,
  },
}
return service
]]

local function event(url, work)
  return json.encode {
    RequestType = "Create",
    ResponseURL = url .. "/key?X-Amz-Signature=s3cret",
    StackId = "arn:aws:cloudformation:us-east-1:1:stack/s/1",
    RequestId = "r-" .. work,
    ResourceType = "Custom::Sf",
    LogicalResourceId = "f",
    ResourceProperties = { ServiceToken = "arn", Count = "3", Work = work },
  }
end

local ANSWERED = loopback.answer(200)

local function describe_form(form)
  describe(form.name, function()
    local side

    before_each(function()
      side = form.start { ["service.lua"] = SERVICE }
    end)

    after_each(function()
      side:stop()
    end)

    -- Invokes it; what the response URL got, decoded, and what Lambda did.
    local function ask(answers, work, seconds)
      local place = loopback.serve(answers)
      local answer = side:invoke(event(place.url, work or "none"), { deadline = seconds })
      local told = {}
      for i, request in ipairs(place.requests()) do
        told[i] = assert(json.decode(request:match "\r\n\r\n(.*)$"))
      end
      return told, answer
    end

    it("answers CloudFormation, with its interceptors around", function()
      local told, answer = ask { ANSWERED }

      assert.equal("SUCCESS", told[1].Status)
      assert.same({ Sum = "4", Greeting = "hello" }, told[1].Data)
      assert.equal("response", answer.kind)
      assert.same({ Status = "SUCCESS", PhysicalResourceId = told[1].PhysicalResourceId },
        json.decode(answer.body))
      assert.matches("outcome\ttrue\tSUCCESS", side:output())
    end)

    it("puts the answer again when the other side fails", function()
      local told, answer = ask { loopback.answer(500), loopback.answer(503), ANSWERED }

      assert.same(told[1], told[3])
      assert.equal("response", answer.kind)
    end)

    it("fails when nobody takes the answer, without a word of the signed URL", function()
      local _, answer = ask { loopback.answer(403) }

      assert.equal("error", answer.kind)
      assert.matches("CustomResource.Undelivered", answer.body)
      assert.is_nil((answer.body .. side:output()):find("s3cret", 1, true))
    end)

    it("says so before its time or its memory is over, and goes on", function()
      local told, answer = ask({ ANSWERED }, "loop", 4)
      assert.equal("FAILED", told[1].Status)
      assert.matches("service.lua:16: the handler was stopped: its time", told[1].Reason)
      assert.equal("response", answer.kind)

      told = ask({ ANSWERED }, "grow")
      assert.equal("FAILED", told[1].Status)
      assert.matches("memory", told[1].Reason)

      assert.equal("SUCCESS", ask({ ANSWERED })[1].Status)
    end)
  end)
end

for _, form in ipairs(forms) do
  if form.carries "host.http" then -- by which answers are sent
    describe_form(form)
  end
end
