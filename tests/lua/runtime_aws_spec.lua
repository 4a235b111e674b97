-- laconic.aws in the runtimes that travel: Lambda's environment and a server on loopback in AWS's place.
local forms = dofile "tests/lua/runtime_forms.lua"
local loopback = dofile "tests/bind/loopback.lua"

local answer, serve = loopback.answer, loopback.serve

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda {
  name = "f",
  handler = function(event, context)
    local ssm = require "laconic.aws.ssm"
    if event.catch then
      local ok, problem = pcall(ssm.get, event.name)
      local left = context.remaining_time() > 0
      return { ok = ok, kind = problem.kind, text = tostring(problem), in_time = left }
    end
    return { value = (ssm.get(event.name)) }
  end,
}
return service
]]

local function start(form, server)
  return form.start({ ["service.lua"] = SERVICE }, {
    AWS_ACCESS_KEY_ID = "ASIAFUNCTION",
    AWS_SECRET_ACCESS_KEY = "hush",
    AWS_SESSION_TOKEN = "token",
    AWS_REGION = "eu-west-1",
    AWS_ENDPOINT_URL = server.url,
  })
end

local function parameter(value)
  return answer(200, ('{"Parameter":{"Name":"p","Type":"String","Value":"%s"}}'):format(value))
end

-- A build without libcurl's sources has none in its static runtimes.
local function calls_aws(form)
  local probe = SERVICE:gsub("local ssm = .*\n  end,\n}", [[
    return (pcall(require, "host.aws_request"))
  end,
}]])
  local side = form.start { ["service.lua"] = probe }
  local able = side:result "{}"
  side:stop()
  return able == "true"
end

for _, form in ipairs(forms) do
  describe("laconic.aws in " .. form.name, function()
    local able = calls_aws(form)

    local function when_able(title, body)
      it(able and title or title .. " (not built: no libcurl)", able and body or function() end)
    end

    when_able("calls with the function's own credentials", function()
      local server = serve { parameter "EUR", parameter "USD" }
      local side = start(form, server)

      local first, second = side:result '{"name":"p"}', side:result '{"name":"p"}'
      side:stop()

      assert.equal('{"value":"EUR"}', first)
      assert.equal('{"value":"USD"}', second)
      local sent = server.requests()[1]
      assert.matches("\r\nX%-Amz%-Target: AmazonSSM%.GetParameter\r\n", sent)
      assert.matches("\r\nX%-Amz%-Security%-Token: token\r\n", sent)
      assert.matches("Credential=ASIAFUNCTION/%d+/eu%-west%-1/ssm/aws4_request", sent)
    end)

    when_able("fails the invocation with AWS's words, at the line of the call", function()
      local server = serve {
        answer(400, '{"__type":"ParameterNotFound","message":"there is none"}'),
      }
      local side = start(form, server)

      local failed = side:failure '{"name":"p"}'
      side:stop()

      assert.equal(
        "service.lua:12: SSM refused GetParameter: there is none (ParameterNotFound)",
        failed.errorMessage
      )
      assert.matches("^service.lua:12", failed.stackTrace[1])
      server.requests()
    end)

    if not form.emulated then
      when_able("ends a call before the invocation's deadline", function()
        local server = serve { { "", "stall" } }
        local side = start(form, server)

        local result = side:result('{"name":"p","catch":true}', { deadline = 1 })
        side:stop()

        assert.matches('"kind":"network"', result)
        assert.matches("SSM cannot be reached at ", result)
        assert.matches('"in_time":true', result)
        server.requests()
      end)
    end
  end)
end
