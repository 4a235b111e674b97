local archive = require "host.archive"
local clock = require "host.clock"
local digest = require "host.digest"
local file = require "host.file"
local functions = require "engine.local.services.lambda.functions"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local log_stream = require "engine.local.services.lambda.log_stream"
local loop = require "engine.local.loop"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local process = require "host.process"

local REGION = "us-east-1"

local current -- the cloud of the test that runs

local function zip_of(folder, entries)
  local path = ("%s/%s.zip"):format(folder, digest.to_hex(digest.random(6)))
  assert(archive.write(path, entries))
  return digest.to_base64(assert(file.read(path)))
end

local function packed(folder, body, before)
  return packed_service.zip(folder, packed_service.text(body, before))
end

local function role()
  local made = current:call("iam", "CreateRole", {
    RoleName = "r-" .. digest.to_hex(digest.random(4)),
    AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
      .. '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
  })
  return made.Role.Arn
end

local function create(name, zip, more)
  local params = {
    FunctionName = name, Runtime = "provided.al2023", Handler = "index", Role = role(),
    MemorySize = 512, Timeout = 20, Code = { ZipFile = zip },
  }
  for key, value in pairs(more or {}) do
    params[key] = value
  end
  return current:call("lambda", "CreateFunction", params)
end

local function handler(folder, name, body, more)
  return create(name, packed(folder, body), more)
end

local function invoke(name, event)
  local result = current:service("lambda").invoke(current, {
    region = REGION, name = name, payload = json.encode(event or json.object {}),
  })
  return result, json.decode(result.payload), digest.from_base64(log_stream.tail(result.lines))
end

-- Takes a streamed answer, as the caller's connection does. After the first piece it opens a FIFO,
-- which the handler can wait for.
local function recorder(fifo)
  local sink = { pieces = {}, fifo = fifo }
  assert(not fifo or os.execute(("mkfifo '%s'"):format(fifo)))
  function sink:begin(version)
    self.version = version
  end
  function sink:write(bytes)
    table.insert(self.pieces, bytes)
    if fifo and not self.writer then
      self.writer = assert(process.spawn { "sh", "-c", (": >'%s'"):format(fifo) })
    end
  end
  return sink
end

local function stream_to(sink, name, event)
  return current:service("lambda").invoke(current, {
    region = REGION, name = name, payload = json.encode(event or json.object {}), sink = sink,
  })
end

local function refused(code, words, action, params)
  local raised = assert.error_matches(words, function()
    current:call("lambda", action, params)
  end)
  assert.equal(code, raised.code)
end

local function instances()
  local count = 0
  for _ in pairs(current:memory("lambda").instances or {}) do
    count = count + 1
  end
  return count
end

local function cloudy(name, body)
  it(name, function()
    in_cloud(function(opened, folder)
      current = opened
      body(folder)
    end)
  end)
end

describe("an invocation", function()
  cloudy("runs in Lambda's environment, and a warm instance is used again", function(folder)
    create("f", packed(folder, [[
      count = count + 1
      print("visit " .. count)
      local env = {}
      for _, name in ipairs { "_HANDLER", "AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "COLOUR",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "TZ", "HOME",
        "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_ENDPOINT_URL", "LAMBDA_TASK_ROOT" } do
        env[name] = os.getenv(name)
      end
      return { count = count, env = env, name = event.name, arn = context.invoked_function_arn,
        left = context.remaining_time(), token = os.getenv "AWS_SESSION_TOKEN" ~= nil }
    ]], "local count = 0"), { Environment = { Variables = { COLOUR = "red" } } })
    local _, first, log = invoke("f", { name = "Ada" })
    local _, second = invoke "f"

    assert.equal(1, first.count)
    assert.equal(2, second.count)
    assert.equal("Ada", first.name)
    assert.equal("arn:aws:lambda:us-east-1:123456789012:function:f", first.arn)
    assert.is_true(first.left > 15 and first.left <= 20)
    assert.is_true(first.token)
    local root = first.env.LAMBDA_TASK_ROOT
    assert.is_true(file.exists(root .. "/bootstrap"))
    first.env.LAMBDA_TASK_ROOT = nil
    assert.same({
      _HANDLER = "index", AWS_LAMBDA_FUNCTION_NAME = "f", AWS_REGION = "us-east-1",
      COLOUR = "red", AWS_LAMBDA_FUNCTION_MEMORY_SIZE = "512", TZ = ":UTC",
      AWS_LAMBDA_FUNCTION_VERSION = "$LATEST", AWS_LAMBDA_LOG_GROUP_NAME = "/aws/lambda/f",
      AWS_ENDPOINT_URL = current.url,
    }, first.env)
    assert.matches("^START RequestId: %x+%-[%x-]+ Version: %$LATEST\nvisit 1\nEND RequestId: ", log)
    assert.matches("REPORT RequestId: .-\tDuration: [%d.]+ ms\tBilled Duration: %d+ ms\t"
      .. "Memory Size: 512 MB\tMax Memory Used: %d+ MB\tInit Duration: [%d.]+ ms", log)
  end)

  cloudy("has a temporary folder of its own, and code that it cannot change", function(folder)
    handler(folder, "f", [[
      local path = os.getenv "TMPDIR" .. "/visits"
      local before = io.open(path)
      io.open(path, "a"):write("x"):close()
      local modes = io.popen("stat -c %a . bootstrap service.lua"):read "a"
      return { seen = before ~= nil, folder = os.getenv "TMPDIR", modes = modes }
    ]])
    local _, first = invoke "f"
    local _, second = invoke "f"
    current:call("lambda", "UpdateFunctionConfiguration", { FunctionName = "f", Timeout = 5 })
    local was_removed = not file.exists(first.folder)
    local _, third = invoke "f"

    assert.is_false(first.seen)
    assert.is_true(second.seen)
    assert.is_true(was_removed)
    assert.is_false(third.seen)
    assert.not_equal(first.folder, third.folder)
    assert.equal("555\n555\n444\n", first.modes)
    current:call("lambda", "DeleteFunction", { FunctionName = "f" })
    assert.same({}, file.list(folder .. "/state/lambda/scratch"))
    assert.same({}, file.list(folder .. "/state/lambda/unpacked"))
  end)

  cloudy("that fails gives the handler's error", function(folder)
    handler(folder, "f", 'error("no tea", 0)')
    local result, value = invoke "f"

    assert.equal("Unhandled", result.error)
    assert.equal("no tea", value.errorMessage)
  end)

  cloudy("that loops is stopped before its time-out, and the process serves on", function(folder)
    handler(folder, "f", "while event.loop do end return 'fine'", { Timeout = 1 })
    local result, value, log = invoke("f", { loop = true })

    assert.equal("Unhandled", result.error)
    assert.equal("Runtime.Timeout", value.errorType)
    assert.matches("^service%.lua:%d: in ", value.stackTrace[1])
    assert.matches("Status: error", log)
    local _, after = invoke("f", { loop = false })
    assert.equal("fine", after)
    assert.equal(1, instances())
  end)

  cloudy("that cannot be stopped is ended at its time-out, and the next one works", function(folder)
    handler(folder, "f", "if event.loop then os.execute 'sleep 60' end return 'fine'",
      { Timeout = 1 })
    local result, value, log = invoke("f", { loop = true })

    assert.equal("Unhandled", result.error)
    assert.equal("Sandbox.Timedout", value.errorType)
    assert.matches("^RequestId: [%x-]+ Error: Task timed out after 1.00 seconds$",
      value.errorMessage)
    assert.matches("%dZ [%x-]+ Task timed out after 1.00 seconds\n", log)
    assert.matches("Status: timeout", log)
    local _, after = invoke("f", { loop = false })
    assert.equal("fine", after)
  end)

  cloudy("that exits or is killed says how, and the next one works", function(folder)
    handler(folder, "f", [[
      if event.exit then os.exit(event.exit) end
      if event.signal then os.execute("kill -9 $PPID") while true do end end
      return "fine"
    ]])
    local _, exited, log = invoke("f", { exit = 3 })
    local _, quiet = invoke("f", { exit = 0 })
    local _, killed = invoke("f", { signal = 9 })
    local _, after = invoke "f"

    assert.equal("Runtime.ExitError", exited.errorType)
    assert.matches("^RequestId: [%x-]+ Error: Runtime exited with error: exit status 3$",
      exited.errorMessage)
    assert.matches("Status: error", log)
    assert.matches("Runtime exited without providing a reason", quiet.errorMessage)
    assert.matches("Runtime exited with error: signal: killed", killed.errorMessage)
    assert.equal("fine", after)
  end)

  cloudy("that prints 100 MB neither blocks nor fills anything", function(folder)
    handler(folder, "f", [[
      local line = ("x"):rep(99999) .. "\n"
      for _ = 1, 1000 do io.write(line) end
      return "done"
    ]])
    handler(folder, "other", "return 'meanwhile'")
    local value, log
    local flood = loop.spawn(function()
      value, log = select(2, invoke "f")
    end)
    loop.sleep(0)
    local _, meanwhile = invoke "other"
    assert.equal("meanwhile", meanwhile)
    assert.is_false(flood.done)
    flood:wait()
    local kept = 0
    for _, path in ipairs(assert(file.walk(folder .. "/state"))) do
      kept = kept + (path:find "logs" and assert(file.stat(folder .. "/state/" .. path)).size or 0)
    end

    assert.equal("done", value)
    assert.matches("the rest is dropped", log)
    assert.is_true(kept > 1000000 and kept < 3000000, "kept " .. kept)
  end)

  cloudy("that needs too much memory is stopped where it was, and serves on", function(folder)
    handler(folder, "f", [[
      local hoard = {}
      while event.eat do table.insert(hoard, ("x"):rep(100000) .. #hoard) end
      return "fine"
    ]], { MemorySize = 256 })
    for _ = 1, 2 do
      local _, value = invoke("f", { eat = true })
      assert.equal("Runtime.OutOfMemory", value.errorType)
      assert.matches("^service%.lua:%d: in ", value.stackTrace[1])
      assert.equal("fine", (select(2, invoke("f", { eat = false }))))
    end
    assert.equal(1, instances())
  end)

  cloudy("that outgrows its memory is ended", function(folder)
    create("f", zip_of(folder, { { name = "bootstrap", executable = true, data = [[
#!/bin/bash
rest=${AWS_LAMBDA_RUNTIME_API#*:}
exec 3<>"/dev/tcp/127.0.0.1/${rest%%/*}"
printf 'GET /%s/2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n' "${rest#*/}" >&3
read -r _ <&3
hoard=$(head -c 300000000 /dev/zero | tr '\0' x)
sleep 60
]] } }), { MemorySize = 128 })
    local _, value = invoke "f"

    assert.equal("Runtime.OutOfMemory", value.errorType)
    assert.matches("signal: killed", value.errorMessage)
  end)

  cloudy("that streams gives the whole of it, or what failed in the middle", function(folder)
    handler(folder, "f", [[
      local stream = context:stream { content_type = "text/plain" }
      for i = 1, 3 do stream:write(("%d\0"):format(i)) end
      if event.fail then error { type = "Middle", message = "half way" } end
      if event.large then stream:write(("x"):rep(7000000)) end]])
    local result = invoke "f"
    local failed = invoke("f", { fail = true })
    local large = invoke("f", { large = true })

    assert.equal("1\0002\0003\0", result.payload)
    assert.is_nil(result.error)
    assert.same({ "1\0002\0003\0", "Unhandled", "Middle" },
      { failed.payload, failed.error, failed.stream_error.kind })
    assert.equal("half way", json.decode(failed.stream_error.details).errorMessage)
    assert.equal("Function.ResponseSizeTooLarge", large.stream_error.kind)
  end)

  cloudy("that streams has each piece passed on before it writes the next", function(folder)
    local sink = recorder(folder .. "/fifo")
    handler(folder, "f", [[
      local stream = context:stream { content_type = "text/plain" }
      stream:write "first"
      assert(io.open(event.fifo)):close()
      stream:write "second"]])

    local result = stream_to(sink, "f", { fifo = sink.fifo })

    sink.writer:close()
    assert.same({ "first", "second" }, sink.pieces)
    assert.equal("$LATEST", sink.version)
    assert.same({ true, "", "success" }, { result.streamed, result.payload, result.status })
  end)

  cloudy("that dies or takes too long in the middle of a stream says so after its pieces",
    function(folder)
      local cases = {
        { "os.exit(3)", "Runtime.ExitError", "exit status 3" },
        { "os.execute 'sleep 60'", "Sandbox.Timedout", "timed out after 1.00 seconds" },
      }
      for i, case in ipairs(cases) do
        local sink, name = recorder(folder .. "/fifo" .. i), "f" .. i
        handler(folder, name, ([[
          context:stream {}:write "first"
          assert(io.open(event.fifo)):close()
          %s]]):format(case[1]), { Timeout = i == 2 and 1 or nil, MemorySize = 512 })

        local result = stream_to(sink, name, { fifo = sink.fifo })

        sink.writer:close()
        local value = json.decode(result.payload)
        assert.same({ "first" }, sink.pieces)
        assert.equal("Unhandled", result.error)
        assert.equal(case[2], value.errorType)
        assert.matches(case[3], value.errorMessage)
      end
    end)

  cloudy("whose stream breaks off while it lives on is truncated", function(folder)
    local sink = recorder(folder .. "/fifo")
    local bootstrap = ([[
#!/bin/bash
rest=${AWS_LAMBDA_RUNTIME_API#*:}
api=/${rest#*/}/2018-06-01/runtime/invocation
next() {
  exec 3<>"/dev/tcp/127.0.0.1/${rest%%/*}"
  printf 'GET %s/next HTTP/1.1\r\nHost: x\r\n\r\n' "$api" >&3
  while read -r name value && [ "$name" != $'\r' ]; do
    [ "${name,,}" = lambda-runtime-aws-request-id: ] && id=${value%$'\r'}
  done <&3
  exec 3>&-
}
next
exec 4<>"/dev/tcp/127.0.0.1/${rest%%/*}"
printf 'POST %s/%s/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n' "$api" "$id" >&4
printf 'Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n5\r\nfirst\r\n' >&4
: <'FIFO' # until the piece has passed
exec 4>&-
next
]]):gsub("FIFO", sink.fifo)
    create("f", zip_of(folder, { { name = "bootstrap", executable = true, data = bootstrap } }))

    local result = stream_to(sink, "f")

    sink.writer:close()
    assert.same({ "first" }, sink.pieces)
    assert.equal("Runtime.TruncatedResponse", json.decode(result.payload).errorType)
  end)

  cloudy("with too large a result is refused", function(folder)
    handler(folder, "f", 'return ("x"):rep(event.size)')
    local _, value = invoke("f", { size = 7000000 })
    local _, fits = invoke("f", { size = 6000000 })

    assert.equal("Function.ResponseSizeTooLarge", value.errorType)
    assert.matches("exceeded maximum allowed payload size %(6291556 bytes%)", value.errorMessage)
    assert.equal(6000000, #fits)
  end)

  cloudy("that cannot start says why", function(folder)
    create("none", zip_of(folder, { { name = "readme", data = "x" } }))
    create("plain", zip_of(folder, { { name = "bootstrap", data = "x" } }))
    local alien = ("\127ELF\2\1\1" .. ("\0"):rep(9) .. "\2\0"):sub(1, 18) .. ("<I2"):pack(21)
    create("alien", zip_of(folder, { { name = "bootstrap", data = alien, executable = true } }))
    create("old", zip_of(folder, { { name = "index.js", data = "x" } }), { Runtime = "nodejs20.x" })
    create("broken", packed(folder, "", 'error("no luck", 0)'))
    create("dies", packed(folder, "", "os.exit(7)"))
    create("lost", packed(folder, ""), { Handler = "nobody" })
    local cases = {
      { "none", "Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap" },
      { "plain", "Runtime.InvalidEntrypoint", "permission denied" },
      { "alien", "Runtime.InvalidEntrypoint", "exec format error %(it is built for machine 21" },
      { "old", "Runtime.InvalidEntrypoint", "runs provided.al2023 alone, not 'nodejs20.x'" },
      { "broken", "LuaError", "^no luck$" },
      { "lost", "Runtime.HandlerNotFound", "no function 'nobody'" },
      { "dies", "Runtime.ExitError", "exit status 7" },
    }
    for _, case in ipairs(cases) do
      local result, value = invoke(case[1])

      assert.equal("Unhandled", result.error, case[1])
      assert.equal(case[2], value.errorType, case[1])
      assert.matches(case[3], value.errorMessage, case[1])
    end
    assert.equal(0, instances())
  end)
end)

describe("concurrency", function()
  cloudy("gives each invocation at one time a process of its own", function(folder)
    handler(folder, "f", [[
      require("host.clock").sleep(event.seconds)
      return io.open("/proc/self/stat"):read "n"
    ]])
    local pids, tasks = {}, {}
    for i = 1, 3 do
      tasks[i] = loop.spawn(function()
        local _, pid = invoke("f", { seconds = 0.3 })
        pids[pid] = true
      end)
    end
    for _, task in ipairs(tasks) do
      task:wait()
    end
    local distinct = 0
    for pid in pairs(pids) do
      distinct = distinct + 1
      assert.is_true(process.alive(pid))
    end

    assert.equal(3, distinct)
    assert.equal(3, instances())
    current:call("lambda", "DeleteFunction", { FunctionName = "f" })
    assert.equal(0, instances())
    for pid in pairs(pids) do
      assert.is_false(process.alive(pid))
    end
  end)

  cloudy("is bounded by what is reserved", function(folder)
    handler(folder, "f", "return 1")
    local function reserve(count)
      current:call("lambda", "PutFunctionConcurrency",
        { FunctionName = "f", ReservedConcurrentExecutions = count })
    end
    reserve(0)
    local raised = assert.error_matches("Rate Exceeded", function()
      invoke "f"
    end)

    assert.equal("TooManyRequestsException", raised.code)
    assert.equal(429, raised.status)
    assert.equal("ReservedFunctionConcurrentInvocationLimitExceeded", raised.fields.Reason)
    reserve(1)
    assert.equal(1, (select(2, invoke "f")))
  end)
end)

describe("a function's code and configuration", function()
  cloudy("reach the next invocation when they change", function(folder)
    local made = handler(folder, "f", "return 'old'", { Publish = true })
    invoke "f"
    current:call("lambda", "UpdateFunctionCode",
      { FunctionName = "f", ZipFile = packed(folder, "return os.getenv 'XX'") })
    current:call("lambda", "UpdateFunctionConfiguration",
      { FunctionName = "f", Environment = { Variables = { XX = "new" } } })

    assert.equal("1", made.Version)
    assert.equal("new", (select(2, invoke "f")))
    assert.equal("old", (select(2, invoke "f:1")))
    current:call("lambda", "CreateAlias",
      { FunctionName = "f", Name = "live", FunctionVersion = "1" })
    assert.equal("old", (select(2, invoke "f:live")))
    local found = functions.peek(current, REGION, "f")
    assert.equal(2, found.next_version)
  end)

  cloudy("leave no archive behind that nothing has any more", function(folder)
    local function archives()
      local store = folder .. "/state/lambda"
      return #assert(file.list(store .. "/code")), #assert(file.list(store .. "/unpacked"))
    end
    handler(folder, "f", "return 1")
    handler(folder, "g", "return 1")
    assert.same({ 1, 1 }, { archives() })
    current:call("lambda", "UpdateFunctionCode",
      { FunctionName = "f", ZipFile = packed(folder, "return 2") })
    assert.same({ 2, 2 }, { archives() })
    current:call("lambda", "DeleteFunction", { FunctionName = "f" })
    assert.same({ 1, 1 }, { archives() })
    current:call("lambda", "DeleteFunction", { FunctionName = "g" })
    assert.same({ 0, 0 }, { archives() })
  end)

  it("are kept, and what was half taken in is not, when a killed cloud is opened again", function()
    local folder = assert(file.temporary_folder())
    in_cloud(function(opened)
      current = opened
      handler(folder, "f", "return 1")
    end, folder)
    local store = folder .. "/state/lambda"
    assert(file.write(store .. "/code/incoming-abc", "half"))
    assert(file.make_folder(store .. "/unpacked/partial-abc/lib"))
    assert(file.seal_tree(store .. "/unpacked/partial-abc"))
    assert(file.make_folder(store .. "/scratch/gone"))
    in_cloud(function(opened)
      current = opened
      assert.equal(1, (select(2, invoke "f")))
      assert.equal(1, #assert(file.list(store .. "/code")))
      assert.equal(1, #assert(file.list(store .. "/unpacked")))
      assert.is_false(file.exists(store .. "/scratch/gone"))
    end, folder)
    assert(file.remove_tree(folder))
  end)

  cloudy("are checked as Lambda checks them", function(folder)
    local zip = zip_of(folder, { { name = "bootstrap", data = "x" } })
    local good = { FunctionName = "f", Runtime = "provided.al2023", Handler = "x", Role = role(),
      Code = { ZipFile = zip } }
    local function with(changes)
      local params = {}
      for key, value in pairs(good) do
        params[key] = value
      end
      for key, value in pairs(changes) do
        params[key] = value
      end
      return params
    end
    refused("ValidationException", "functionName", "CreateFunction", with { FunctionName = "a b" })
    refused("ValidationException", "'memorySize'", "CreateFunction", with { MemorySize = 64 })
    refused("ValidationException", "'timeout'", "CreateFunction", with { Timeout = 901 })
    refused("InvalidParameterValueException", "cannot be assumed by Lambda", "CreateFunction",
      with { Role = "arn:aws:iam::123456789012:role/nobody" })
    refused("InvalidParameterValueException", "reserved keys.*AWS_REGION", "CreateFunction",
      with { Environment = { Variables = { AWS_REGION = "x" } } })
    refused("InvalidParameterValueException", "4KB limit", "CreateFunction",
      with { Environment = { Variables = { LONG = ("x"):rep(4100) } } })
    refused("InvalidParameterValueException", "Could not unzip uploaded file", "CreateFunction",
      with { Code = { ZipFile = digest.to_base64 "not a zip" } })
    local damaged = digest.from_base64(zip):gsub("bootstrapx", "bootstrapy")
    refused("InvalidParameterValueException", "Could not unzip uploaded file", "CreateFunction",
      with { Code = { ZipFile = digest.to_base64(damaged) } })
    refused("InvalidParameterValueException", "S3 Error Code: NoSuchBucket", "CreateFunction",
      with { Code = { S3Bucket = "nowhere", S3Key = "k" } })
    local made = current:call("lambda", "CreateFunction", good)
    refused("ResourceConflictException", "Function already exist: f", "CreateFunction", good)
    refused("ResourceNotFoundException",
      "Function not found: arn:aws:lambda:us%-east%-1:123456789012:function:g",
      "GetFunction", { FunctionName = "g" })

    assert.equal(digest.to_base64(digest.from_hex(digest.sha256(digest.from_base64(zip)))),
      made.CodeSha256)
    assert.equal("Active", made.State)
    assert.equal("Successful", made.LastUpdateStatus)
  end)

  cloudy("carry a policy", function(folder)
    handler(folder, "f", "return 1")
    local permission = { FunctionName = "f", StatementId = "s3", Action = "lambda:InvokeFunction",
      Principal = "s3.amazonaws.com", SourceArn = "arn:aws:s3:::b" }
    current:call("lambda", "AddPermission", permission)
    refused("ResourceConflictException", "already exists", "AddPermission", permission)
    local policy = json.decode(current:call("lambda", "GetPolicy", { FunctionName = "f" }).Policy)

    assert.equal("s3.amazonaws.com", policy.Statement[1].Principal.Service)
    assert.equal("arn:aws:s3:::b", policy.Statement[1].Condition.ArnLike["AWS:SourceArn"])
    current:call("lambda", "RemovePermission", { FunctionName = "f", StatementId = "s3" })
    refused("ResourceNotFoundException", "does not exist", "GetPolicy", { FunctionName = "f" })
  end)
end)

describe("an asynchronous invocation", function()
  cloudy("is tried again twice, and then written down", function(folder)
    handler(folder, "f", [[
      local out = io.open(event.path, "a") out:write "x" out:close()
      error "never"
    ]])
    current:call("lambda", "PutFunctionEventInvokeConfig",
      { FunctionName = "f", MaximumRetryAttempts = 1 })
    require("engine.local.services.lambda.invoking").later(current, {
      region = REGION, name = "f", request_id = "id-1",
      payload = json.encode { path = folder .. "/tries" },
    })
    local deadline = clock.monotonic() + 20
    while #current.state:list "lambda/queue" > 0 and clock.monotonic() < deadline do
      loop.sleep(0.02)
    end

    assert.equal("xx", assert(file.read(folder .. "/tries")))
    local names = current.state:list "lambda/undelivered"
    assert.equal(1, #names)
    assert.equal("RetriesExhausted", current.state:get("lambda/undelivered/" .. names[1]).reason)
  end)
end)
