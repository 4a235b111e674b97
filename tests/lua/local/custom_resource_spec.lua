local file = require "host.file"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local loop = require "engine.local.loop"
local operation = require "engine.local.services.cloudformation.operation"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local store = require "engine.local.services.cloudformation.store"

local REGION = "us-east-1"
local TOKEN = "arn:aws:lambda:us-east-1:123456789012:function:custom"

local current, journal -- of the test that runs

-- Writes each request down, and answers as the resource's properties say.
local HANDLER = [[
  local wants = event.ResourceProperties
  local journal = io.open(os.getenv "JOURNAL", "a")
  journal:write(event.RequestType, " ", event.PhysicalResourceId or "-", " ",
    event.OldResourceProperties and event.OldResourceProperties.Size or "-", "\n")
  journal:close()
  if wants.Mood == "silent" and event.RequestType ~= "Delete" then
    return
  elseif wants.Mood == "crash" and event.RequestType == "Create" then
    os.exit(4)
  elseif wants.Mood == "stumble" and not io.open(wants.Mark) then
    io.open(wants.Mark, "w"):close()
    error "stumbled"
  end
  local failed = wants.Mood == "fail" and event.RequestType ~= "Delete"
    or wants.Mood == "no way back" and event.RequestType == "Update"
  put(event.ResponseURL, require("host.json").encode {
    Status = failed and "FAILED" or "SUCCESS",
    Reason = failed and "not today" or nil,
    PhysicalResourceId = "thing-" .. (wants.Name or "x"),
    StackId = event.StackId, RequestId = event.RequestId,
    LogicalResourceId = event.LogicalResourceId,
    NoEcho = wants.Hidden == "true",
    More = wants.Mood == "long" and event.RequestType == "Create" and ("x"):rep(5000) or nil,
    Data = { Sum = "size " .. tostring(wants.Size) .. " " .. type(wants.Size) },
  })
]]

local function deploy(folder)
  current:call("iam", "CreateRole", {
    RoleName = "r",
    AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
      .. '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
  })
  current:call("lambda", "CreateFunction", {
    FunctionName = "custom", Runtime = "provided.al2023", Handler = "index", MemorySize = 512,
    Role = "arn:aws:iam::123456789012:role/r",
    Environment = { Variables = { JOURNAL = journal } },
    Code = {
      ZipFile = packed_service.zip(folder, packed_service.text(HANDLER, packed_service.PUT)),
    },
  })
end

local function settled(name)
  local stack = store.get(current, REGION, name)
  while stack.operation do
    operation.wait(stack)
  end
  return stack
end

-- Lets the others run until `is_so()`; bounded, so that a test cannot hang.
local function turn_until(is_so)
  local turns = 0
  while not is_so() do
    turns = turns + 1
    assert(turns < 2000, "waited in vain")
    loop.sleep(0.005)
  end
end

local function until_thing_is(stack, status)
  turn_until(function()
    return stack.resources.Thing and stack.resources.Thing.status == status
  end)
end

local function template(properties)
  properties.ServiceToken = TOKEN
  return json.encode {
    Resources = { Thing = { Type = "Custom::Thing", Properties = properties } },
    Outputs = {
      Sum = { Value = { ["Fn::GetAtt"] = { "Thing", "Sum" } } },
      Id = { Value = { Ref = "Thing" } },
    },
  }
end

local function create(properties)
  local made = current:call("cloudformation", "CreateStack",
    { StackName = "s", TemplateBody = template(properties) })
  return settled(made.StackId)
end

local function update(properties)
  current:call("cloudformation", "UpdateStack",
    { StackName = "s", TemplateBody = template(properties) })
  return settled "s"
end

local function reason_of(stack, status)
  for _, event in ipairs(stack.events) do
    if event.logical_id == "Thing" and event.status == status then
      return event.reason
    end
  end
end

local function cloudy(name, body)
  it(name, function()
    in_cloud(function(opened, folder)
      current, journal = opened, folder .. "/journal"
      deploy(folder)
      body(folder)
    end)
  end)
end

describe("a custom resource", function()
  cloudy("is made, changed, replaced and taken away by its function", function()
    local stack = create { Name = "a", Size = 1 }
    assert.equal("CREATE_COMPLETE", stack.status)
    assert.equal("thing-a", stack.outputs[1].value)
    assert.equal("size 1 string", stack.outputs[2].value)

    assert.equal("UPDATE_COMPLETE", update({ Name = "a", Size = 2 }).status)
    assert.equal("size 2 string", stack.outputs[2].value)

    assert.equal("UPDATE_COMPLETE", update({ Name = "b", Size = 2 }).status)
    assert.equal("thing-b", stack.outputs[1].value)

    current:call("cloudformation", "DeleteStack", { StackName = "s" })
    settled(stack.id)
    assert.equal("DELETE_COMPLETE", stack.status)
    assert.equal("Create - -\nUpdate thing-a 1\nUpdate thing-a 2\nDelete thing-a -\n"
      .. "Delete thing-b -\n", assert(file.read(journal)))
  end)

  cloudy("that fails takes the stack back, with the function's reason", function()
    local stack = create { Mood = "fail" }

    assert.equal("ROLLBACK_COMPLETE", stack.status)
    assert.matches("Received response status %[FAILED%] from custom resource. "
      .. "Message returned: not today %(RequestId: [%x-]+%)", reason_of(stack, "CREATE_FAILED"))
    assert.equal("Create - -\nDelete thing-x -\n", assert(file.read(journal)))
  end)

  cloudy("whose function stumbles once is made by its second try", function(folder)
    local stack = create { Mood = "stumble", Mark = folder .. "/mark" }

    assert.equal("CREATE_COMPLETE", stack.status)
    assert.equal("Create - -\nCreate - -\n", assert(file.read(journal)))
  end)

  cloudy("that says too much fails, and its function cannot be exchanged", function()
    local stack = create { Mood = "long" }
    assert.equal("Response object is too long.", reason_of(stack, "CREATE_FAILED"))

    current:call("cloudformation", "DeleteStack", { StackName = "s" })
    settled(stack.id)
    stack = create { Name = "a" }
    local wanted = json.decode(template { Name = "a" })
    wanted.Resources.Thing.Properties.ServiceToken = TOKEN .. "2"
    current:call("cloudformation", "UpdateStack",
      { StackName = "s", TemplateBody = json.encode(wanted) })
    settled "s"
    assert.equal("UPDATE_ROLLBACK_COMPLETE", stack.status)
    assert.equal("Modifying service token is not allowed.", reason_of(stack, "UPDATE_FAILED"))
  end)

  cloudy("whose function dies fails at once; one that keeps silent, at its time-out", function()
    local stack = create { Mood = "crash" }
    assert.matches("failed without an answer: .*exit status 4", reason_of(stack, "CREATE_FAILED"))

    current:call("cloudformation", "DeleteStack", { StackName = "s" })
    settled(stack.id)
    stack = create { Mood = "silent", ServiceTimeout = 1 }
    assert.matches("did not receive a response", reason_of(stack, "CREATE_FAILED"))
    assert.matches("Delete s%-Thing%-[%u%d]+ ", assert(file.read(journal)))
  end)

  cloudy("with NoEcho is put to use, and not shown in events", function()
    for _, hidden in ipairs { false, true } do
      current:call("cloudformation", "CreateStack", { StackName = "s", TemplateBody = json.encode {
        Resources = {
          Thing = { Type = "Custom::Thing",
            Properties = { ServiceToken = TOKEN, Size = 7, Hidden = hidden } },
          User = { Type = "AWS::SNS::Topic",
            Properties = { DisplayName = { ["Fn::GetAtt"] = { "Thing", "Sum" } } } },
        },
      } })
      local stack = settled "s"

      assert.equal("size 7 string", stack.resources.User.properties.DisplayName)
      local shown = json.encode(stack.events)
      assert.equal(not hidden, shown:find("size 7 string", 1, true) ~= nil)
      assert.equal(hidden, shown:find("****", 1, true) ~= nil)
      current:call("cloudformation", "DeleteStack", { StackName = "s" })
      settled(stack.id)
    end
  end)

  cloudy("is given up when a sibling fails", function()
    current:call("cloudformation", "CreateStack", { StackName = "s", TemplateBody = json.encode {
      Resources = {
        Thing = { Type = "Custom::Thing",
          Properties = { ServiceToken = TOKEN, Mood = "silent" } },
        First = { Type = "AWS::SNS::Topic" },
        Bad = { Type = "AWS::Logs::LogGroup", DependsOn = "First",
          Properties = { LogGroupName = "not a name!" } },
      },
    } })
    local stack = settled "s"

    assert.equal("ROLLBACK_COMPLETE", stack.status)
    assert.equal("Resource creation cancelled", reason_of(stack, "CREATE_FAILED"))
  end)
end)

describe("an update", function()
  cloudy("that is cancelled is rolled back", function()
    local stack = create { Name = "a", Size = 1 }
    current:call("cloudformation", "UpdateStack",
      { StackName = "s", TemplateBody = template { Name = "a", Size = 2, Mood = "silent" } })
    assert.error_matches("is in UPDATE_IN_PROGRESS state and can not be updated", function()
      update { Name = "a", Size = 3 }
    end)
    until_thing_is(stack, "UPDATE_IN_PROGRESS")
    current:call("cloudformation", "CancelUpdateStack", { StackName = "s" })
    settled "s"

    assert.equal("UPDATE_ROLLBACK_COMPLETE", stack.status)
    assert.equal("1", stack.resources.Thing.properties.Size .. "")
    assert.equal("Resource update cancelled", reason_of(stack, "UPDATE_FAILED"))
  end)

  cloudy("that fails after a replacement asks to go back, and deletes what had replaced", function()
    local stack = create { Name = "a", Size = 1 }
    local wanted = json.decode(template { Name = "b", Size = 1 })
    wanted.Resources.Bad = { Type = "AWS::Logs::LogGroup", DependsOn = "Thing",
      Properties = { LogGroupName = "not a name!" } }
    current:call("cloudformation", "UpdateStack",
      { StackName = "s", TemplateBody = json.encode(wanted) })
    settled "s"

    assert.equal("UPDATE_ROLLBACK_COMPLETE", stack.status)
    assert.equal("thing-a", stack.resources.Thing.physical_id)
    assert.equal("Create - -\nUpdate thing-a 1\nUpdate thing-b 1\nDelete thing-b -\n",
      assert(file.read(journal)))
  end)

  cloudy("whose rollback fails goes on when it is told what to leave", function()
    local stack = create { Name = "a", Mood = "no way back" }
    local wanted = json.decode(template { Name = "a", Mood = "easy" })
    wanted.Resources.Bad = { Type = "AWS::Logs::LogGroup", DependsOn = "Thing",
      Properties = { LogGroupName = "not a name!" } }
    current:call("cloudformation", "UpdateStack",
      { StackName = "s", TemplateBody = json.encode(wanted) })
    settled "s"
    assert.equal("UPDATE_ROLLBACK_FAILED", stack.status)

    current:call("cloudformation", "ContinueUpdateRollback",
      { StackName = "s", ResourcesToSkip = { "Thing" } })
    settled "s"
    assert.equal("UPDATE_ROLLBACK_COMPLETE", stack.status)
    assert.is_nil(stack.resources.Bad)
  end)
end)

describe("DeleteStack", function()
  cloudy("gives up a creation that is still running", function()
    local made = current:call("cloudformation", "CreateStack",
      { StackName = "s", TemplateBody = template { Mood = "silent" } })
    local stack = store.get(current, REGION, made.StackId)
    until_thing_is(stack, "CREATE_IN_PROGRESS")
    current:call("cloudformation", "DeleteStack", { StackName = "s" })
    turn_until(function()
      return stack.status == "DELETE_COMPLETE"
    end)

    assert.equal("DELETE_COMPLETE", stack.status)
    assert.is_nil(stack.operation)
  end)
end)

describe("a response URL", function()
  cloudy("opens for nobody who does not hold it, and keeps small answers alone", function()
    local tickets = require "engine.local.services.cloudformation.tickets"
    local new_request = require("engine.local.request").new
    local ticket = tickets.issue(current)
    local path = ticket.url:sub(#current.url + 1)
    local function put(where, body, method)
      return tickets.redeem(new_request({
        method = method or "PUT", path = where, headers = {}, body = body,
      }, "id")).status
    end

    assert.equal(403, put(path .. "x", "{}"))
    assert.equal(403, put("/_cloudformation/response/", "{}"))
    assert.equal(405, put(path, "{}", "GET"))
    assert.equal(200, put(path, "{}"))
    assert.equal("{}", ticket.event.value)
    ticket:close()
    assert.equal(403, put(path, "{}"))

    ticket = tickets.issue(current)
    assert.equal(200, put(ticket.url:sub(#current.url + 1), ("x"):rep(4097)))
    assert.equal(tickets.TOO_LONG, ticket.event.value)
    ticket:close()
  end)
end)
