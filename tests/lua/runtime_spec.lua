-- The runtime as Lambda sees it: `bootstrap` is started with Lambda's environment, and this side
-- plays the Runtime API. Every form of it that the build made is tested; a sanitized build also makes
-- a sanitized one.
local file = require "host.file"
local json = require "host.json"
local process = require "host.process"

local forms = dofile "tests/lua/runtime_forms.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
%s
return service
]]

local function words(name, body)
  return ('service:lambda { name = "%s", handler = function(event, context) %s end }\n'):format(
    name, body)
end

for _, form in ipairs(forms) do
  describe(form.name, function()
    local side

    after_each(function()
      if side then
        side:stop()
        side = nil
      end
    end)

    local function serve(body, env)
      side = form.start({ ["service.lua"] = SERVICE:format(words("f", body)) }, env)
    end

    it("serves events, one after another", function()
      serve 'return { hello = event.name, count = event.n + 1, none = event.none }'

      assert.equal('{"count":2,"hello":"Ada","none":null}',
        side:result '{"name":"Ada","n":1,"none":null}')
      assert.equal('{"count":9007199254740993,"hello":"B"}',
        side:result '{"name":"B","n":9007199254740992}')
    end)

    it("answers null for nothing, and keeps [] and {} apart", function()
      serve "if event then return event end"

      assert.equal("null", side:result "false")
      assert.equal('[[],{}]', side:result "[[],{}]")
    end)

    it("requires the archive's modules, and those of LuaRocks", function()
      local body = 'return { require("lib.greet")(event), (require "rock") }'
      side = form.start({
        ["service.lua"] = SERVICE:format(words("f", body)),
        ["lib/greet.lua"] = 'return function(name) return "Hi, " .. name end',
        ["lua_modules/share/lua/5.4/rock/init.lua"] = 'return "rock"',
      })

      assert.equal('["Hi, Ada","rock"]', side:result '"Ada"')
    end)

    it("tells the handler which invocation this is", function()
      serve [[
        return {
          context.request_id, context.deadline, context.remaining_time() > 1e6,
          math.type(context.remaining_time_in_millis()), context.function_name,
          context.function_version, context.memory_limit_mb, context.invoked_function_arn,
          context.log_group_name, context.log_stream_name, context.trace_id,
          context.client_context.a, context.identity.id, context.tenant_id,
          os.getenv "_X_AMZN_TRACE_ID",
        }]]

      local answer = side:invoke("1", {
        { "Lambda-Runtime-Trace-Id", "Root=1-2" },
        { "Lambda-Runtime-Client-Context", '{"a":1}' },
        { "Lambda-Runtime-Cognito-Identity", '{"id":"x"}' },
        { "Lambda-Runtime-Aws-Tenant-Id", "tenant" },
      })

      assert.same({
        "id-1", 32503680000, true, "integer", "s-f", "$LATEST", 128,
        "arn:aws:lambda:us-east-1:1:function:s-f", "/aws/lambda/s-f", "2026/01/02/[$LATEST]1",
        "Root=1-2", 1, "x", "tenant", "Root=1-2",
      }, table.move(json.decode((answer.body:gsub("32503680000%.0", "32503680000"))), 1, 15, 1, {}))
    end)

    it("names the line of an error, and goes on", function()
      side = form.start({
        ["service.lua"] = SERVICE:format('local deep = require "deep"\n'
          .. words("f", 'if event == 1 then\n deep.fail()\n end\n return "fine"')),
        ["deep.lua"] = 'return {\n  fail = function()\n    error "boom"\n  end,\n}',
      })

      local failed, answer = side:failure "1"

      assert.equal("deep.lua:3: boom", failed.errorMessage)
      assert.equal("LuaError", failed.errorType)
      assert.matches("^deep%.lua:3: in ", failed.stackTrace[1])
      assert.matches("^service%.lua:5: in ", failed.stackTrace[2])
      assert.is_nil(failed.stackTrace[4])
      local types = {}
      for _, header in ipairs(answer.headers) do
        types[header[1]:lower()] = header[2]
      end
      assert.equal("LuaError", types["lambda-runtime-function-error-type"])
      assert.equal('"fine"', side:result "2")
    end)

    it("lets an error say its own type and message", function()
      serve [[
        local raised = {
          { type = "OrderNotFound", message = "no order 7" },
          { kind = "network", message = "gone" },
          setmetatable({}, { __tostring = function() return "shown" end }),
          setmetatable({}, { __index = function() error "hostile" end,
            __tostring = function() error "hostile" end }),
          "bad bytes \xff",
        }
        error(raised[event], 0)]]

      local wants = {
        { "OrderNotFound", "no order 7" },
        { "network", "gone" },
        { "LuaError", "shown" },
        { "LuaError", "an error that cannot be shown" },
        { "LuaError", "bad bytes \\xff" },
      }
      for i, want in ipairs(wants) do
        local failed = side:failure(tostring(i))
        assert.same(want, { failed.errorType, failed.errorMessage })
      end
    end)

    it("survives a stack overflow and a result that JSON cannot say", function()
      serve [[
        local function again() return 1 + again() end
        if event == 1 then again() end
        if event == 2 then return { a = { print } } end
        return event]]

      local overflow = side:failure "1" -- with more memory, Lua's own "stack overflow"
      assert.equal("Runtime.OutOfMemory", overflow.errorType)
      assert.matches("^service%.lua:%d+: in ", overflow.stackTrace[1])
      local unsayable = side:failure "2"
      assert.equal("Runtime.MarshalError", unsayable.errorType)
      assert.matches("a%[1%]", unsayable.errorMessage)
      local malformed = side:failure '{"a":'
      assert.equal("Runtime.MalformedEvent", malformed.errorType)
      assert.equal("3", side:result "3")
    end)

    it("turns a result that Lambda finds too large into a failure", function()
      serve "return event"
      local request = side:request()
      side.api:respond(request.id, { status = 200, body = "1",
        headers = { ["Lambda-Runtime-Aws-Request-Id"] = "id" } })
      side.api:respond(side:request().id, { status = 413 })

      local answer = side:request()

      assert.matches("/invocation/id/error$", answer.target)
      assert.equal("Function.ResponseSizeTooLarge", json.decode(answer.body).errorType)
    end)

    it("prints lines and logs as it is told to", function()
      local body = [[
        print("printed", 1)
        context.log.debug "not at this level"
        context.log.info("a \n line", { b = 2, a = "x y", t = { 1 } })
        context.log.error "bad"
        return pcall(context.log.info, 7)]]
      serve(body)
      side:result "1"
      local text = side:output()
      assert.matches("^printed\t1\n", text)
      assert.matches('%[INFO%] %d+%-%d+%-%d+T[%d:.]+Z id%-1 a \\n line a="x y" b=2 t=%[1%]\n', text)
      assert.matches("%[ERROR%] [^\n]+ id%-1 bad\n$", text)
      side:stop()

      serve(body, { AWS_LAMBDA_LOG_FORMAT = "JSON", AWS_LAMBDA_LOG_LEVEL = "DEBUG" })
      side:result "1"
      local lines = {}
      for line in side:output():gmatch "[^\n]+" do
        local object = json.decode(line)
        table.insert(lines, object or line)
      end
      assert.same({ "INFO", "printed\t1", "id-1" },
        { lines[1].level, lines[1].message, lines[1].requestId })
      assert.equal("DEBUG", lines[2].level)
      assert.equal("a \n line", lines[3].message)
      assert.equal("id-1", lines[3].requestId)
      assert.equal("x y", lines[3].a)
    end)

    it("makes JSON of what is printed, and leaves JSON as it is", function()
      serve([[
        io.write("be", 1)
        io.write("gun\n", "and ", 2.5, " more")
        print()
        print '{"_aws":{},"Latency":1}'
        print "{no json"
        io.write "left"
        if event == 2 then error { type = "Bad", message = "not so" } end
        io.stderr:write "" ]], { AWS_LAMBDA_LOG_FORMAT = "JSON" })
      side:result "1"
      side:invoke("2", {
        { "Lambda-Runtime-Trace-Id", "Root=1-2" },
        { "Lambda-Runtime-Aws-Tenant-Id", "tenant" },
      })

      local lines = {}
      for line in side:output():gmatch "[^\n]+" do
        table.insert(lines, (assert(json.decode(line), line)))
      end
      local messages = {}
      for i = 1, 5 do
        messages[i] = lines[i].message or lines[i].Latency
      end
      assert.same({ "be1gun", "and 2.5 more", 1, "{no json", "left" }, messages)
      assert.is_nil(lines[3].timestamp)
      local failed = lines[10] -- before the line that was begun: that ends with the invocation
      assert.same({ "ERROR", "not so", "Bad", "not so", "Root=1-2", "tenant", "id-2" }, {
        failed.level, failed.message, failed.errorType, failed.errorMessage, failed.traceId,
        failed.tenantId, failed.requestId })
      assert.matches("^service%.lua:%d+: in ", failed.stackTrace[1])
      assert.equal("left", lines[11].message)
    end)

    it("filters by level, and tells of failures in the log", function()
      serve('print "no" context.log.warn "no" context.log.error "yes" error "failed"',
        { AWS_LAMBDA_LOG_FORMAT = "JSON", AWS_LAMBDA_LOG_LEVEL = "ERROR" })
      side:failure "1"
      local lines = {}
      for line in side:output():gmatch "[^\n]+" do
        table.insert(lines, json.decode(line).message)
      end
      assert.same({ "yes", "service.lua:3: failed" }, lines)
      side:stop()

      serve 'error "failed"'
      side:failure "1"
      assert.matches('^%[ERROR%] [%d:TZ.-]+ id%-1 service%.lua:3: failed errorType=LuaError '
        .. 'stackTrace="%[.-service%.lua:3: in [^\n]*\n$', side:output())
    end)

    it("writes a long line whole", function()
      serve 'context.log.info(("x"):rep(200000)) print(("y"):rep(150000), 1) print "end"'
      side:result "1"
      local said = side:output()
      assert.matches(("x"):rep(100), said)
      assert.equal(3, select(2, said:gsub("\n", "")))
    end)

    it("logs any bytes, under any name", function()
      local body = [[
        context.log.info("m\xff", { ["n\xff"] = "v\xfe", [1] = 2, [true] = { "\xff" } })
        return 1]]
      serve(body, { AWS_LAMBDA_LOG_FORMAT = "JSON" })
      assert.equal("1", side:result "1")
      local object = assert(json.decode(side:output()))
      assert.same({ "m?", "v?", 2, "id-1" },
        { object.message, object["n?"], object["1"], object.requestId })
      side:stop()

      serve(body)
      assert.equal("1", side:result "1")
      assert.matches(" id%-1 m\xff 1=2 n\xff=v\xfe true=", side:output())
    end)

    it("answers, whatever a handler makes of its context and of a raw result", function()
      serve [[
        local result = require "laconic.result"
        if event == 1 then
          context.request_id, context.open_stream, context.deadline = {}, 5, "soon"
          context.log.info "said"
          return 1
        end
        local raw = result.raw "x"
        if event == 2 then raw.bytes = nil else raw.content_type = 7 end
        return raw]]
      assert.equal("1", side:result "1")
      assert.matches(" id%-1 said\n$", side:output())
      for _, event in ipairs { "2", "3" } do
        local failed = side:failure(event)
        assert.equal("Runtime.InvalidResponse", failed.errorType)
        assert.matches("raw result", failed.errorMessage)
      end
    end)

    it("reports a start that fails, with file and line, and ends", function()
      local cases = {
        { nil, "Runtime.ImportModuleError", "cannot read the service file" },
        { "return {", "Runtime.UserCodeSyntaxError", "^service%.lua:1: " },
        { "local x = 1\nx()", "LuaError", "^service%.lua:2: attempt to call" },
        { "x = 1", ".", "service%.lua:1" },
        { "return {}", "Runtime.ImportModuleError", "does not return its service" },
        { SERVICE:format(words("g", "")), "Runtime.HandlerNotFound", "no function 'f'.*'g'" },
        { 'require "host.zip"', "LuaError", "host%.zip is not part of the runtime: it works on" },
        { 'require "nowhere"', "LuaError", "module 'nowhere' not found" },
      }
      for _, case in ipairs(cases) do
        side = form.start({ ["service.lua"] = case[1] })

        local failed, said, ended = side:init_error()

        assert.matches(case[2], failed.errorType)
        assert.matches(case[3], failed.errorMessage)
        assert.matches((case[3]:gsub("^%^", "")), said)
        assert.same({ status = 1 }, ended)
        side:stop()
        side = nil
      end
    end)

    it("fails an invocation that needs too much memory, and goes on", function()
      if form.name:match "sanitized" or form.emulated then
        return -- the sanitizer and the emulator themselves need more
      end
      local body = 'local t = {} while event == 1 do t[#t + 1] = ("x"):rep(1e5) .. #t end return 2'
      side = form.start({ ["service.lua"] = SERVICE:format(words("f", body)) }, {}, {
        memory = 32 * 1024 * 1024,
      })
      for _ = 1, 3 do
        local failed = side:failure "1"
        assert.equal("Runtime.OutOfMemory", failed.errorType)
        assert.equal("not enough memory", failed.errorMessage)
        assert.equal("2", side:result "2")
      end
    end)

    it("ends, once too little memory is left to serve on", function()
      if form.emulated then
        return
      end
      local body = 'while event == 1 do kept[#kept + 1] = ("x"):rep(1e5) .. #kept end return 2'
      side = form.start {
        ["service.lua"] = SERVICE:format("local kept = {}\n" .. words("f", body)),
      }
      assert.equal("2", side:result "2")

      assert.equal("Runtime.OutOfMemory", side:failure("1").errorType)

      assert.same({ status = 1 }, assert(side.child:wait(30)))
      assert.matches("keep between events", side.child:read())
    end)

    it("stays as small as it began", function()
      if form.name:match "sanitized" then
        return -- the sanitizer keeps what was freed
      end
      side = form.start({ ["service.lua"] = SERVICE:format("local last\n" .. words("f",
        "last = {} for i = 1, 100 do last[i] = { event.x, i } end return #last")) })
      for _ = 1, 200 do
        side:result '{"x":"some text"}'
      end
      local before = side.child:memory()

      for _ = 1, 2000 do
        side:result '{"x":"some text"}'
      end

      local grown = side.child:memory() - before
      assert.truthy(grown < 1024 * 1024, ("grew by %d bytes"):format(grown))
    end)

    it("ends when the Runtime API is gone, and says when there is none", function()
      serve "return 1"
      side:result "1"
      side.api:close()
      assert.same({ status = 1 }, side.child:wait(30))

      local options = form.words()
      options.env, options.timeout = {}, 30
      local alone = assert(process.run(options))
      assert.equal(1, alone.status)
      assert.matches("AWS_LAMBDA_RUNTIME_API is not set", alone.output)
    end)

    it("ends on SIGTERM while it waits, once what is to be done then is done", function()
      side = form.start { ["service.lua"] = SERVICE:format(words("f", "return 1") .. [[
        service:on_shutdown(function() error "not this one" end)
        service:on_shutdown(function() print "closed" end)]]) }
      side:result "1"
      side:request()

      side.child:kill(15)

      assert.same({ status = 0 }, side.child:wait(30))
      side:drain()
      local said = side.printed
      assert.matches("on_shutdown %(service%.lua:%d%): service%.lua:%d: not this one\n", said)
      assert.matches("closed\n", said)
    end)

    it("ends on SIGINT at once", function()
      serve "return 1"
      side:result "1"
      side:request()

      side.child:kill(2)

      assert.same({ status = 130 }, side.child:wait(30))
    end)

    it("finishes the answer at hand when SIGTERM comes, and takes no other event", function()
      serve [[
        io.stdout:write "busy\n"
        io.stdout:flush()
        while not io.open "go" do end
        return "finished"]]
      local request = side:request()
      side.api:respond(request.id, { status = 200, body = "1",
        headers = { ["Lambda-Runtime-Aws-Request-Id"] = "id" } })
      side:said "busy"

      side.child:kill(15)
      assert(file.write(side.root .. "/go", ""))
      local answer = side:request()

      assert.equal('"finished"', answer.body)
      side.api:respond(answer.id, { status = 202 })
      assert.same({ status = 0 }, side.child:wait(30))
      assert.is_nil(side.api:next())
    end)

    it("stops a handler before its time is over, and says where it was", function()
      serve [[
        if event == "loop" then
          while true do end
        elseif event == "wait" then
          require("host.clock").sleep(60)
        elseif event == "catch" then
          while true do pcall(function() while true do end end) end
        elseif event == "mind" then
          while not context:cancelled() do end
          assert(context.cancelled(), "by a dot, too")
          return "minded"
        end
        return event]]

      for _, event in ipairs { "loop", "wait", "loop" } do
        local failed = side:failure(('"%s"'):format(event), { deadline = 0.5 })
        assert.equal("Runtime.Timeout", failed.errorType)
        assert.matches("its time is almost over", failed.errorMessage)
        assert.matches("^service%.lua:%d+: in ", failed.stackTrace[1])
        assert.equal('"next"', side:result '"next"')
      end
      assert.equal('"minded"', side:result('"mind"', { deadline = 0.5 }))
    end)

    it("serves on after a thousand failures of all kinds", function()
      serve [[
        local function again() return 1 + again() end
        local kinds = {
          function() error "text" end,
          function() error { type = "T", message = "m" } end,
          function() return { [1.5] = {} } end,
          function() return ("x"):rep(1 << 40) end,
          function() return ("x"):rep(1 << 34) end,
          function() return (("("):rep(300)):find(("(.-)"):rep(300)) end,
          function() return (("a"):rep(1000)):match(("(a?"):rep(1000)) end,
          function() local t = {} t[1] = t return t end,
          function() coroutine.wrap(function() error "inside" end)() end,
          function() error() end,
          function() return require("host.json").decode(("["):rep(1e6)).x end,
          function() setmetatable({}, { __index = function(t, k) return t[k] end }).x() end,
          function() error(setmetatable({}, { __tostring = error })) end,
          function() local a <close> = setmetatable({}, { __close = function() error "c" end }) end,
        }
        if event == "last" then return "fine" end
        if event % 100 == 0 then again() end
        return kinds[event % #kinds + 1]()]]

      local slow = form.name:match "sanitized" or form.emulated
      for i = 1, slow and 100 or 1000 do
        side:failure(tostring(i))
      end
      assert.equal('"fine"', side:result '"last"')
    end)
  end)
end
