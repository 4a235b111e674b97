-- Answers that are streamed, in the runtime as Lambda sees it.
local digest = require "host.digest"
local forms = dofile "tests/lua/runtime_forms.lua"
local json = require "host.json"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
%s
service:lambda { name = "f", handler = function(event, context)
%s
end }
return service
]]

local function header(answer, name)
  for _, list in ipairs { answer.headers, answer.trailers or {} } do
    for _, pair in ipairs(list) do
      if pair[1]:lower() == name then
        return pair[2]
      end
    end
  end
end

local function error_of(answer)
  local body = header(answer, "lambda-runtime-function-error-body")
  return header(answer, "lambda-runtime-function-error-type"),
    body and assert(json.decode(assert(digest.from_base64(body))))
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

    local function serve(body, before)
      side = form.start { ["service.lua"] = SERVICE:format(before or "", body) }
    end

    it("streams what the handler writes", function()
      serve [[
        local stream = context:stream { content_type = "text/plain" }
        for i = 1, event do stream:write(("%d;"):format(i)):write "" end
        if event == 2 then stream:close() stream:close() end
        if event == 3 then return stream end]]

      for count, want in ipairs { "1;", "1;2;", "1;2;3;" } do
        local answer = side:invoke(tostring(count))
        assert.same({ "response", want }, { answer.kind, answer.body })
        assert.equal("streaming", header(answer, "lambda-runtime-function-response-mode"))
        assert.equal("text/plain", header(answer, "content-type"))
        assert.is_nil((error_of(answer)))
      end
      assert.equal("", side:invoke("0").body)
    end)

    it("begins with an HTTP head where one is said", function()
      serve [[
        context:stream { status = 404, content_type = "text/html", headers = { ["X-A"] = 1 },
          cookies = { "a=b" } }:write "<h1>"]]

      local answer = side:invoke "1"

      assert.equal("application/vnd.awslambda.http-integration-response",
        header(answer, "content-type"))
      local head, rest = answer.body:match "^(.-)%z%z%z%z%z%z%z%z(.*)$"
      assert.equal("<h1>", rest)
      assert.same({ statusCode = 404, cookies = { "a=b" },
        headers = { ["x-a"] = "1", ["content-type"] = "text/html" } },
        { statusCode = json.decode(head).statusCode, headers = json.decode(head).headers,
          cookies = { json.decode(head).cookies[1] } })
    end)

    it("carries megabytes, and every byte", function()
      serve [[
        local stream = context:stream()
        for i = 1, 40 do stream:write(("\0\255%05d"):format(i):rep(20000)) end]]

      local answer = side:invoke "1"

      local parts = {}
      for i = 1, 40 do
        parts[i] = ("\0\255%05d"):format(i):rep(20000)
      end
      local body = answer.body or assert(require("host.file").read(answer.body_file))
      assert.truthy(table.concat(parts) == body)
    end)

    it("tells the caller what failed in the middle", function()
      serve [[
        if event == "before" then context:stream() error "before a byte" end
        local stream = context:stream():write "begun"
        if event == "value" then return 7 end
        if event == "late" then stream:close() error "nobody hears" end
        if event == "long" then error(("x"):rep(100000)) end
        if event == "slow" then while true do end end
        error { type = "Middle", message = "half way" }]]

      assert.matches("before a byte", side:failure('"before"').errorMessage)
      local answer = side:invoke '"middle"'
      local kind, body = error_of(answer)
      assert.same({ "begun", "Middle", "half way" }, { answer.body, kind, body.errorMessage })
      assert.matches("^service%.lua:%d+: in ", body.stackTrace[1])
      kind, body = error_of(side:invoke '"value"')
      assert.same({ "Runtime.InvalidResponse",
        "the handler streams its answer, and returns a value as well: number" },
        { kind, body.errorMessage })
      answer = side:invoke '"late"'
      assert.same({ "response", "begun" }, { answer.kind, answer.body })
      kind, body = error_of(side:invoke '"long"')
      assert.same({ "LuaError", 4096 }, { kind, #body.errorMessage })
      kind = error_of(side:invoke('"slow"', { deadline = 0.5 }))
      assert.equal("Runtime.Timeout", kind)
    end)

    it("says what is wrong at its line", function()
      serve([[
        local function said(fn, ...)
          local _, err = pcall(fn, ...)
          return tostring(type(err) == "table" and (err.where .. ": " .. err.message) or err)
        end
        if event == "old" then return { said(kept.write, kept, "x") } end
        local list = {}
        list[1] = said(context.stream, context, { statuss = 1 })
        local stream = context:stream()
        list[2] = said(context.stream, context)
        list[3] = said(stream.write, stream, 7)
        stream:write "x"
        stream:close()
        list[4] = said(stream.write, stream, "y")
        for _, text in ipairs(list) do print(text) end
        kept = stream]], "local kept")

      side:invoke '"new"'
      assert.matches("stream:write: the stream is closed", side:invoke('"old"').body)
      local wants = {
        "service%.lua:%d+: stream: unknown field 'statuss' %(did you mean 'status'%?%)",
        "stream: this invocation has one already",
        "stream:write: string expected, got integer 7",
        "service%.lua:%d+: stream:write: the stream is closed",
      }
      local said = side:output()
      for _, want in ipairs(wants) do
        assert.matches(want, said)
      end
    end)

    it("begins in its own invocation alone", function()
      serve([[
        if event == 1 then
          kept = context:stream()
          error "x"
        end
        return select(2, pcall(kept.write, kept, "y")).message]], "local kept")

      assert.matches("x$", side:failure("1").errorMessage)
      assert.equal('"stream:write: the invocation is over"', side:result "2")
    end)

    it("survives a Runtime API that goes away in the middle", function()
      serve [[
        local stream = context:stream()
        stream:write "x"
        print "begun"
        local ok, err
        repeat ok, err = pcall(stream.write, stream, ("y"):rep(1 << 20)) until not ok
        print(err.type, err.message)
        print(select(2, pcall(stream.write, stream, "z")).message)]]
      local request = side:request()
      side.api:respond(request.id, { status = 200, body = "1",
        headers = { ["Lambda-Runtime-Aws-Request-Id"] = "id" } })
      side:said "begun"

      side.api:close()

      assert.same({ status = 1 }, side.child:wait(30))
      side:drain()
      assert.matches("Runtime%.StreamError\tstream:write: .*\n.*nobody reads any more",
        side.printed)
    end)

    it("returns raw bytes, and answers over HTTP", function()
      serve [[
        local result = require "laconic.result"
        if event == "raw" then return result.raw("a\0\xff", "image/png") end
        return {
          result.http { status = 201, body = "text", headers = { a = "b" } },
          result.http { body = "\xff", content_type = "image/png", headers = { c = { "1", "2" } } },
        }]]

      local answer = side:invoke '"raw"'
      assert.same({ "a\0\xff", "image/png" }, { answer.body, header(answer, "content-type") })
      assert.equal('[{"body":"text","headers":{"a":"b"},"isBase64Encoded":false,"statusCode":201},'
        .. '{"body":"/w==","headers":{"content-type":"image/png"},"isBase64Encoded":true,'
        .. '"multiValueHeaders":{"c":["1","2"]},"statusCode":200}]', side:result '"http"')
    end)
  end)
end
