-- What CloudFormation is told for each request: the handler is run here, and the loopback fixture is
-- the place that the response URL names.
local clock = require "host.clock"
local custom_resource = require "engine.runtime.custom_resource"
local failure = require "engine.failure"
local json = require "host.json"
local loopback = dofile "tests/bind/loopback.lua"

local STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/5f3c-1"
local DONE = loopback.answer(200)

local logged

local function new_context(seconds)
  logged = {}
  local deadline = clock.now() + (seconds or 30)
  return {
    deadline = deadline,
    log = setmetatable({}, {
      __index = function(_, level)
        return function(message, fields)
          table.insert(logged, { level = level, message = message, fields = fields })
        end
      end,
    }),
  }
end

local requests = 0

-- An event of CloudFormation's; `fields` are more of it, or other ones.
local function new_event(kind, fields)
  requests = requests + 1
  local event = {
    RequestType = kind,
    StackId = STACK,
    RequestId = "request-" .. requests,
    ResourceType = "Custom::ShopThing",
    LogicalResourceId = "Thing",
    ResourceProperties = { ServiceToken = "arn:aws:lambda:…", ServiceTimeout = "240" },
  }
  for name, value in pairs(fields or {}) do
    event[name] = value
  end
  return event
end

local function new_kind(handler, more)
  local kind = {
    type = "Custom::ShopThing", handler = handler, margin = 5, said = function() end,
  }
  for name, value in pairs(more or {}) do
    kind[name] = value
  end
  return kind
end

-- Answers the event: what was put, decoded; the request's text; the summary.
local function ask(kind, event)
  local side = loopback.serve { DONE }
  event.ResponseURL = side.url .. "/bucket/key?X-Amz-Signature=s3cret"
  local summary = custom_resource.answer(kind, event, new_context())
  local text = side.requests()[1]
  return json.decode(text:match "\r\n\r\n(.*)$"), text, summary
end

local function create(handler, more, fields)
  return ask(new_kind({ create = handler }, more), new_event("Create", fields))
end

local function nothing() end

describe("an answer", function()
  it("is put as S3 wants it, with the attributes", function()
    local told, text, summary = create(function()
      return { Value = "s\0me", Count = 3, Half = 2 / 2, On = true, List = { "a" }, No = json.null }
    end)

    assert.matches("^PUT /bucket/key%?X%-Amz%-Signature=s3cret HTTP/1.1\r\n", text)
    assert.matches("\r\n[Cc]ontent%-[Tt]ype:%s*\r\n", text)
    assert.matches("\r\n[Cc]ontent%-[Ll]ength: %d+\r\n", text)
    assert.is_nil(text:lower():find("transfer-encoding", 1, true))
    assert.matches("^shop%-Thing%-%x+$", told.PhysicalResourceId)
    assert.equal("SUCCESS", told.Status)
    assert.same(
      { Value = "s\0me", Count = "3", Half = "1", On = "true", List = { "a" } },
      told.Data
    )
    assert.equal("Thing", told.LogicalResourceId)
    assert.equal(STACK, told.StackId)
    assert.equal("request-" .. requests, told.RequestId)
    assert.is_nil(told.NoEcho)
    assert.same({ Status = "SUCCESS", PhysicalResourceId = told.PhysicalResourceId }, summary)
  end)

  it("says NoEcho when it was said, and nothing of the attributes anywhere else", function()
    local told, _, summary = create(function()
      return { Password = "hush" }
    end, { no_echo = true })

    assert.is_true(told.NoEcho)
    assert.is_nil(json.encode(summary):find("hush", 1, true))
    assert.is_nil(json.encode(logged):find("hush", 1, true))
  end)

  it("writes error objects as their texts", function()
    local told = create(function()
      return { Warning = failure.make("x", "half of it") }
    end)

    assert.equal("half of it", told.Data.Warning)
  end)

  it("is a failure when what was returned is no table of attributes", function()
    assert.matches("the handler returned a string", create(function()
      return "text"
    end).Reason)
    assert.matches("the handler returned a list", create(function()
      return { 1, 2 }
    end).Reason)
    assert.matches("cannot be sent: Data.Value", create(function()
      return { Value = "\xff" }
    end).Reason)
    assert.matches("cannot be sent", create(function()
      return { Value = nothing }
    end).Reason)
  end)

  it("that is too large becomes a failure which names the largest attribute", function()
    local told = create(function()
      return { Small = "x", Large = ("x"):rep(5000) }
    end)

    assert.equal("FAILED", told.Status)
    assert.matches("CloudFormation takes 4096.*'Large' alone has 5002", told.Reason)
    assert.is_nil(told.Data)
    assert.matches("%x$", told.PhysicalResourceId) -- it was made: its deletion must succeed
  end)
end)

describe("a handler that fails", function()
  it("is told with its own line", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local told = create(function()
      error "no such bucket"
    end)

    assert.equal("FAILED", told.Status)
    assert.matches("custom_resource_spec%.lua:" .. line .. ": no such bucket", told.Reason)
    assert.equal("error", logged[1].level)
  end)

  it("is told with its line when it raised an object that knows none", function()
    local told = create(function()
      error { message = "denied", code = "AccessDenied" }
    end)

    assert.matches("custom_resource_spec%.lua:%d+: denied", told.Reason)
  end)

  it("is stopped while there is time to say so, whether it works or waits", function()
    for _, work in ipairs {
      function()
        while true do
        end
      end,
      function()
        assert(clock.sleep(60))
      end,
    } do
      local side = loopback.serve { DONE }
      local event = new_event("Create", { ResponseURL = side.url .. "/key" })
      local began = clock.monotonic()

      local summary = custom_resource.answer(new_kind { create = work }, event, new_context(2))

      assert.equal("FAILED", summary.Status)
      assert.matches("^[^:]*custom_resource_spec%.lua:%d+: the handler was stopped", summary.Reason)
      assert.matches("its time is almost over", summary.Reason)
      assert.truthy(clock.monotonic() - began < 2)
      assert.matches("FAILED", side.requests()[1])
    end
  end)

  it("may return nil and what is wrong", function()
    local told = create(function()
      return nil, "not today"
    end)

    assert.equal("FAILED", told.Status)
    assert.matches("not today", told.Reason)
  end)

  it("is told within the bound, however much it says and in whichever bytes", function()
    for _, text in ipairs { ("é"):rep(4000), ("\1"):rep(9000), ("\xff"):rep(9000) } do
      local told, sent = create(function()
        error(text, 0)
      end)

      assert.matches("%.%.%.", told.Reason)
      assert.truthy(#sent:match "\r\n\r\n(.*)$" <= 4096)
    end
  end)
end)

describe("a physical id", function()
  local function id_of(kind, event)
    return ask(kind, event).PhysicalResourceId
  end

  it("is the same whenever the request is tried again, and another in another stack", function()
    local kind = new_kind { create = nothing, update = nothing }
    local first = id_of(kind, new_event "Create")

    assert.equal(first, id_of(kind, new_event "Create"))
    assert.equal(first, id_of(kind, new_event("Create", { ResourceProperties = { Size = "3" } })))
    assert.not_equal(first, id_of(kind, new_event("Create", { LogicalResourceId = "Other" })))
    assert.not_equal(first, id_of(kind, new_event("Create", { StackId = STACK .. "2" })))
  end)

  it("stays through an update, unless the handler says another", function()
    local kind = new_kind { create = nothing, update = nothing }
    local event = new_event("Update", { PhysicalResourceId = "thing-1" })
    assert.equal("thing-1", id_of(kind, event))

    kind.handler.update = function(request)
      request.physical_id = "thing-2"
    end
    assert.equal("thing-2", id_of(kind, event))
  end)

  it("may be the handler's, and is told even when it fails afterwards", function()
    local told = create(function(request)
      request.physical_id = "i-123"
      error "out of disks"
    end)

    assert.equal("i-123:create-failed", told.PhysicalResourceId)
  end)

  it("that is none fails, and what was made can be deleted by the one that was given", function()
    for _, id in ipairs { "", ("x"):rep(1001), "\xff", 7 } do
      local told = create(function(request)
        request.physical_id = id
      end)

      assert.equal("FAILED", told.Status)
      assert.matches("request.physical_id: a text", told.Reason)
      assert.matches("^shop%-Thing%-%x+$", told.PhysicalResourceId)
    end
  end)
end)

describe("an update", function()
  local seen

  local function note(attributes)
    return function(request)
      seen = request
      return attributes
    end
  end

  local function update(kind, id, properties, old)
    return ask(kind, new_event("Update", {
      PhysicalResourceId = id, ResourceProperties = properties, OldResourceProperties = old,
    }))
  end

  it("is told what was", function()
    local kind = new_kind { create = nothing, update = note { Size = 2 } }

    local told = update(kind, "thing-1", { Size = "2" }, { Size = "1" })

    assert.equal("update", seen.type)
    assert.same({ Size = "2" }, seen.properties)
    assert.same({ Size = "1" }, seen.old_properties)
    assert.equal("thing-1", seen.physical_id)
    assert.same({ Size = "2" }, told.Data)
  end)

  it("of the identity creates another, and the old one is named", function()
    local kind = new_kind({ create = note(), update = error }, { identity = { "Name" } })

    local told = update(kind, "thing-1", { Name = "b" }, { Name = "a" })

    assert.equal("create", seen.type)
    assert.equal("thing-1", seen.replaces)
    assert.same({ Name = "a" }, seen.old_properties)
    assert.equal(seen.physical_id, told.PhysicalResourceId)
    assert.not_equal("thing-1", told.PhysicalResourceId)
  end)

  it("that goes back to the one which is there is no replacement", function()
    local kind = new_kind({ create = nothing, update = note() }, { identity = { "Name" } })
    local a = { Name = "a" }
    local id = ask(kind, new_event("Create", { ResourceProperties = a })).PhysicalResourceId

    local told = update(kind, id, a, { Name = "b" }) -- the replacement by "b" had failed

    assert.equal("update", seen.type)
    assert.equal(id, told.PhysicalResourceId)
  end)

  it("without a way to update replaces, whatever changed", function()
    local kind = new_kind { create = note() }

    local told = update(kind, "thing-1", { Size = "2" }, { Size = "1" })

    assert.equal("create", seen.type)
    assert.equal("thing-1", seen.replaces)
    assert.not_equal("thing-1", told.PhysicalResourceId)
  end)

  it("that fails keeps the id, so that nothing is deleted", function()
    local kind = new_kind({
      create = function()
        error "no"
      end,
      update = nothing,
    }, { identity = { "Name" } })

    local told = update(kind, "thing-1", { Name = "b" }, { Name = "a" })

    assert.equal("FAILED", told.Status)
    assert.equal("thing-1", told.PhysicalResourceId)
  end)
end)

describe("a delete", function()
  local function delete(handler, id)
    local kind = new_kind { create = nothing, delete = handler }
    return ask(kind, new_event("Delete", { PhysicalResourceId = id }))
  end

  it("needs no handler", function()
    assert.equal("SUCCESS", delete(nil, "thing-1").Status)
  end)

  it("that fails is told", function()
    local told = delete(function()
      error "in use"
    end, "thing-1")

    assert.equal("FAILED", told.Status)
    assert.equal("thing-1", told.PhysicalResourceId)
  end)

  it("after a failed create finds what has begun, and may find nothing", function()
    local seen
    local told = delete(function(request)
      seen = request
      error "no such thing"
    end, "thing-1:create-failed")

    assert.equal("SUCCESS", told.Status)
    assert.equal("thing-1:create-failed", told.PhysicalResourceId)
    assert.equal("thing-1", seen.physical_id)
    assert.is_true(seen.failed_create)
    assert.equal("warn", logged[1].level)
  end)
end)

describe("a delete of what CloudFormation had to name", function()
  local function physical_id_of(id)
    local seen
    local kind = new_kind {
      create = nothing,
      delete = function(request)
        seen = request
      end,
    }
    local told = ask(kind, new_event("Delete", { PhysicalResourceId = id }))
    assert.equal(id, told.PhysicalResourceId)
    return seen.physical_id, seen.failed_create
  end

  it("comes with the name that its creation had been told", function()
    local created = create(nothing).PhysicalResourceId
    local id, failed = physical_id_of "shop-Thing-1LTKM2FSQ8YM9"
    assert.equal(created, id)
    assert.is_true(failed)
  end)

  it("is not taken for one of another form", function()
    for _, given in ipairs {
      "shop-Thing-0123456789ab", "shop-Thing-DB1", "shop-1LTKM2FSQ8YM9", "A",
    } do
      local id, failed = physical_id_of(given)
      assert.equal(given, id)
      assert.is_nil(failed)
    end
  end)
end)

describe("the properties", function()
  it("are what was said, though CloudFormation makes texts of them", function()
    local seen
    local said = {
      Size = 3, Ratio = 0.5, On = true, Off = false, Name = "3",
      Deep = { { Port = 80 } }, Chosen = { Ref = "Parameter" },
    }
    create(function(request)
      seen = request.properties
    end, {
      said = function(id)
        return id == "Thing" and said
      end,
    }, {
      ResourceProperties = {
        ServiceToken = "arn", Size = "3", Ratio = "0.5", On = "true", Off = "false", Name = "3",
        Deep = { { Port = "80" } }, Chosen = "7", New = "1",
      },
    })

    assert.same({
      Size = 3, Ratio = 0.5, On = true, Off = false, Name = "3",
      Deep = { { Port = 80 } }, Chosen = "7", New = "1",
    }, seen)
  end)

  it("that are no longer what was said stay texts", function()
    local seen
    create(function(request)
      seen = request.properties
    end, {
      said = function()
        return { Size = 3, On = true }
      end,
    }, { ResourceProperties = { Size = "large", On = "perhaps" } })

    assert.same({ Size = "large", On = "perhaps" }, seen)
  end)
end)

describe("the delivery", function()
  local function deliver(answers, seconds, event, kind)
    local side = loopback.serve(answers)
    event.ResponseURL = side.url .. "/key?X-Amz-Signature=s3cret"
    local ok, raised = pcall(custom_resource.answer, kind, event, new_context(seconds))
    return ok, raised, side
  end

  it("is tried again when the other side stumbles", function()
    local ok, _, side = deliver(
      { loopback.answer(503), { "", "reset" }, loopback.answer(500), DONE },
      30, new_event "Create", new_kind { create = nothing })

    assert.is_true(ok)
    local sent = side.requests()
    assert.equal(sent[1], sent[4])
  end)

  it("is not tried again when it is refused, and no message shows the URL", function()
    local body = "<Error><Code>AccessDenied</Code></Error>"
    local ok, raised, side = deliver({ loopback.answer(403, body) }, 30, new_event "Create",
      new_kind { create = nothing })

    assert.is_false(ok)
    assert.equal("CloudFormation could not be told the answer (status 403 AccessDenied, attempt 1)",
      tostring(raised))
    assert.is_nil((json.encode(logged) .. tostring(raised)):find("s3cret", 1, true))
    side.requests()
  end)

  it("ends before the deadline, and the next try of the request repeats the answer", function()
    local runs = 0
    local kind = new_kind {
      create = function()
        runs = runs + 1
        return { Run = runs }
      end,
    }
    local event = new_event "Create"
    local began = clock.monotonic()
    local ok, raised = pcall(function()
      event.ResponseURL = "http://127.0.0.1:1/key?X-Amz-Signature=s3cret" -- nobody listens
      custom_resource.answer(kind, event, new_context(0.4))
    end)
    assert.is_false(ok)
    assert.matches("could not be told the answer %(connect, attempt %d+%)", tostring(raised))
    assert.truthy(clock.monotonic() - began < 5)

    local told = ask(kind, event)

    assert.equal(1, runs)
    assert.same({ Run = "1" }, told.Data)
  end)
end)

describe("an event that is no request", function()
  local function problem(event)
    local ok, raised = pcall(custom_resource.answer, new_kind { create = error }, event,
      new_context())
    assert.is_false(ok)
    assert.equal("CustomResource.UnexpectedEvent", raised.type)
    return tostring(raised)
  end

  it("is refused with a word on who calls this function", function()
    for _, event in ipairs { {}, "text", 7, { name = "Ada" } } do
      assert.equal("this function answers CloudFormation's requests for Custom::ShopThing: the "
        .. "event has no RequestType. Provision the stack, and it is called", problem(event))
    end
  end)

  it("is refused when a part of it is missing or odd", function()
    local function with(fields)
      fields.ResponseURL = fields.ResponseURL or "http://127.0.0.1:1/"
      return new_event(fields.RequestType or "Create", fields)
    end
    assert.matches("none of Create", problem(with { RequestType = "Destroy" }))
    assert.matches("StackId is missing", problem(with { StackId = 7 }))
    assert.matches("PhysicalResourceId is missing", problem(with { RequestType = "Delete" }))
    for _, url in ipairs {
      "file:///etc/passwd", "http://203.0.113.1/key", "http://127.0.0.1@203.0.113.1/key",
      "http://127.0.0.1.example/", "ftp://127.0.0.1/key", "https:/key", "",
    } do
      assert.matches("ResponseURL is no https URL", problem(with { ResponseURL = url }))
    end
  end)
end)
