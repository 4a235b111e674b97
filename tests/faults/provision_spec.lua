-- A provision over a network that fails, once at each of its requests or for ever. What passes is
-- passed over: same stack, same objects. What does not is one message, and the next run mends it.
local provisioned = dofile "tests/faults/provisioned.lua"

local HTML = "<html><body>Please log in to the hotel's network</body></html>"

describe("a provision over a network that fails", function()
  local tried

  before_each(function()
    tried = provisioned.start()
  end)

  after_each(function()
    tried:close()
  end)

  local function undisturbed()
    local total, result = tried:provision()
    assert.equal(0, result.status, result.output)
    return total, tried:state()
  end

  for title, fault in pairs {
    ["is refused"] = {
      answer = { status = 503, headers = { ["Retry-After"] = "0" }, body = "<html>busy</html>" },
    },
    ["is throttled"] = { answer = { status = 429, body = "" } },
    ["does not arrive"] = { cut = "request" },
    ["is not answered"] = { cut = "answer" },
    ["is answered in part"] = { cut = "body" },
  } do
    it("goes on when one request " .. title .. ", whichever", function()
      local total, wanted = undisturbed()
      for failing = 1, total do
        tried:clean()
        local failed
        local _, result = tried:provision(function(number, request)
          if number == failing then
            failed = request.method .. " " .. request.path .. " " .. request.body:sub(1, 60)
            return fault
          end
        end)
        local told = ("request %d, %s\n%s"):format(failing, failed, result.output)
        assert.equal(0, result.status, told)
        assert.equal(wanted, tried:state(), told)
      end
    end)
  end

  it("says so in one message when an answer is none of AWS's, and mends it next time", function()
    local total, wanted = undisturbed()
    for failing = 1, total do
      tried:clean()
      local _, result = tried:provision(function(number)
        return number == failing and { answer = { status = 200, body = HTML } } or nil
      end)
      assert.is_false(result.output:find("stack traceback", 1, true) ~= nil, result.output)
      assert.is_nil(result.signal)
      tried:settle()
      assert.equal(wanted, tried:state(), ("request %d\n%s"):format(failing, result.output))
    end
  end)

  it("gives up when every request is refused, and tells AWS's words", function()
    local count, result = tried:provision(function()
      return { answer = { status = 503, body = "" } }
    end)
    assert.equal(1, result.status)
    assert.matches("503", result.output)
    assert.truthy(count < 20, count .. " requests")
  end)
end)
