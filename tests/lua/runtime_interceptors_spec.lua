-- What runs around a handler, in the runtime as Lambda sees it.
local forms = dofile "tests/lua/runtime_forms.lua"

local function service(interceptors, handler)
  return ([[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
%s
return service
]]):format(interceptors .. "\n" .. handler)
end

local ECHO = 'service:lambda { name = "f", handler = function(event, context) '
  .. "return { event = event, seen = context.seen } end }"

for _, form in ipairs(forms) do
  describe(form.name, function()
    local side

    after_each(function()
      if side then
        side:stop()
        side = nil
      end
    end)

    local function serve(interceptors, handler)
      side = form.start { ["service.lua"] = service(interceptors, handler or ECHO) }
    end

    it("runs interceptors in order: outside in before the handler, inside out after it", function()
      serve([[
        local function noting(name)
          local points = {}
          for _, point in ipairs { "begin", "before_setup", "after_setup", "before_dispatch",
            "after_dispatch", "complete" } do
            points[point] = function(context)
              context.seen = (context.seen or "") .. name .. ":" .. point .. " "
              if point == "complete" then print(context.seen) end
            end
          end
          return points
        end
        service:interceptor(noting "a")
        service:lambda { name = "f", interceptors = { noting "c", noting "d" },
          handler = function(_, context) context.seen = context.seen .. "HANDLER " end }
        service:interceptor(noting "b") ]], "")

      side:result "1"

      local wants = {}
      for _, point in ipairs { "begin", "before_setup", "after_setup", "before_dispatch" } do
        for _, name in ipairs { "a", "b", "c", "d" } do
          table.insert(wants, name .. ":" .. point)
        end
      end
      table.insert(wants, "HANDLER")
      for _, point in ipairs { "after_dispatch", "complete" } do
        for _, name in ipairs { "d", "c", "b", "a" } do
          table.insert(wants, name .. ":" .. point)
        end
      end
      local lines = {}
      for line in side:output():gmatch "[^\n]+" do
        table.insert(lines, line)
      end
      assert.equal(table.concat(wants, " ") .. " ", lines[#lines])
    end)

    it("gives the handler the event and the context that interceptors made", function()
      serve [[
        service:interceptor {
          before_setup = function(_, text) return (text:gsub("plain", "better")) end,
          after_setup = function(_, event) return { inner = event } end,
          before_dispatch = function(context, event) context.seen = event.inner .. "!" end,
          after_dispatch = function(_, _, result) return { wrapped = result } end,
        } ]]

      assert.equal('{"wrapped":{"event":{"inner":"better"},"seen":"better!"}}',
        side:result '"plain"')
    end)

    it("tells complete how it ended, whatever failed", function()
      serve([[
        service:interceptor {
          before_dispatch = function(_, event) if event == "before" then error "in before" end end,
          after_dispatch = function(_, event, _, failed)
            if event == "after" then error "in after" end
            if event == "mend" then return failed.errorMessage end
          end,
          complete = function(_, event, outcome)
            print(event, outcome.ok, outcome.result, outcome.error and outcome.error.errorMessage)
          end,
        }]], [[
        service:lambda { name = "f", handler = function(event)
          if event == "handler" or event == "mend" then error "in handler" end
          if event == "unsayable" then return print end
          return "fine"
        end } ]])

      assert.equal('"fine"', side:result '"x"')
      assert.equal('"service.lua:14: in handler"', side:result '"mend"')
      assert.equal("service.lua:4: in before", side:failure('"before"').errorMessage)
      assert.equal("service.lua:6: in after", side:failure('"after"').errorMessage)
      local failed = side:failure '"handler"'
      assert.equal("service.lua:14: in handler", failed.errorMessage)
      assert.matches("^service%.lua:14: in ", failed.stackTrace[1])
      assert.equal("Runtime.MarshalError", side:failure('"unsayable"').errorType)
      assert.equal("Runtime.MalformedEvent", side:failure("{").errorType)
      local said = side:output()
      assert.matches("x\ttrue\tfine\tnil\n", said)
      assert.matches("mend\ttrue\tservice.lua:14: in handler\tnil\n", said)
      assert.matches("before\tfalse\tnil\tservice.lua:4: in before\n", said)
      assert.matches("after\tfalse\tnil\tservice.lua:6: in after\n", said)
      assert.matches("handler\tfalse\tnil\tservice.lua:14: in handler\n", said)
      assert.matches("unsayable\tfalse\tnil\tthe result is no JSON[^\n]*\n", said)
      assert.matches("nil\tfalse\tnil\tthe event is no JSON[^\n]*\n", said)
    end)

    it("runs every complete, and fails the invocation for one that fails", function()
      serve [[
        service:interceptor { complete = function() print "outer ran" end }
        service:interceptor { complete = function() error { type = "Late" } end }
        ]]

      assert.equal("Late", side:failure("1").errorType)
      assert.matches("outer ran\n", side:output())
    end)

    it("stops one that is late, and lets none begin another answer", function()
      serve([[
        service:interceptor {
          complete = function(context, event)
            if event == 1 then while true do end end
            context:stream():write "late"
          end,
        }
        ]], 'service:lambda { name = "f", handler = function() return 1 end }')

      assert.equal("Runtime.Timeout", side:failure("1", { deadline = 0.5 }).errorType)
      assert.matches("the invocation is over", side:failure("2").errorMessage)
      assert.matches("the invocation is over", side:failure("3").errorMessage)
    end)

    it("names the point that gives no text for text", function()
      serve 'service:interceptor { before_setup = function() return {} end }'

      local failed = side:failure "1"

      assert.equal("Runtime.InvalidInterceptor", failed.errorType)
      assert.matches("before_setup: an interceptor returned a table", failed.errorMessage)
    end)
  end)
end

describe("an interceptor", function()
  local laconic = require "laconic"

  it("is checked at its author's line", function()
    local s = laconic.service { name = "s" }
    local ok, err = pcall(s.interceptor, s, { before_dispach = print })
    assert.is_false(ok)
    assert.matches("runtime_interceptors_spec%.lua:%d+: interceptor: unknown field "
      .. "'before_dispach' %(did you mean 'before_dispatch'%?%)", tostring(err))
    ok, err = pcall(s.lambda, s, { name = "f", handler = print, interceptors = { { begin = 1 } } })
    assert.is_false(ok)
    assert.matches("lambda%.interceptors%[1%]%.begin: function expected, got integer 1",
      tostring(err))
  end)
end)

