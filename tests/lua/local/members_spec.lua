local fault = require "engine.local.fault"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"

local SERVICES = { "cloudformation", "iam", "lambda", "logs", "sts" }

-- Calls what may be refused, but may not fail inside.
local function fault_of(cloud, service, action, params)
  local ok, raised = pcall(cloud.call, cloud, service, action, params)
  if not ok and not fault.is(raised) then
    error(("%s %s: %s"):format(service, action, tostring(raised)), 0)
  end
  return not ok and raised or nil
end

local function each_member(text)
  return text:gmatch "(%w+)(%??):?(%a*)"
end

local WRONG = {
  list = { 1, "text", { 1 } },
  map = { "text", 1, { a = {} } },
  number = { "text", {} },
  structure = { "text", 1 },
  tags = { "text", 1, { "text" }, { { Value = "x" } } },
  text = { {} },
  texts = { "text", 1, { {} } },
}

local RIGHT = {
  list = json.array {}, map = {}, number = 1, structure = {}, tags = json.array {},
  text = "x", texts = json.array {},
}

local function right_params(text)
  local params = {}
  for name, optional, kind in each_member(text) do
    if optional == "" then
      params[name] = RIGHT[kind ~= "" and kind or "text"]
    end
  end
  return params
end

describe("an action's members", function()
  it("are declared for actions that there are, in kinds that there are", function()
    in_cloud(function(cloud)
      for _, name in ipairs(SERVICES) do
        local service = cloud:service(name)
        for action, text in pairs(service.members) do
          assert.truthy(service.actions[action], name .. " " .. action)
          for _, _, kind in each_member(text) do
            assert.truthy(WRONG[kind ~= "" and kind or "text"], action .. " " .. kind)
          end
        end
      end
    end)
  end)

  it("are refused in the service's words when they are missing", function()
    in_cloud(function(cloud)
      for _, name in ipairs(SERVICES) do
        local service = cloud:service(name)
        for action in pairs(service.actions) do
          local raised = fault_of(cloud, name, action, {})
          for member, optional in each_member(service.members[action] or "") do
            if optional == "" then
              local shown = member:gsub("^%u", string.lower)
              assert.matches("^%d validation errors? detected: .*Value null at '" .. shown
                .. "' failed to satisfy constraint: Member must not be null", raised.message)
            end
          end
        end
      end
      local raised = fault_of(cloud, "iam", "CreateRole", { RoleName = "r" })
      assert.equal("ValidationError", raised.code)
      assert.equal("1 validation error detected: Value null at 'assumeRolePolicyDocument' failed "
        .. "to satisfy constraint: Member must not be null", raised.message)
      assert.equal("ValidationException", fault_of(cloud, "lambda", "CreateFunction", {}).code)
      assert.equal("InvalidParameterException", fault_of(cloud, "logs", "CreateLogGroup", {}).code)
      assert.equal("ValidationError", fault_of(cloud, "sts", "AssumeRole", {}).code)
    end)
  end)

  it("are refused when they are of another kind, and never fail inside", function()
    in_cloud(function(cloud)
      for _, name in ipairs(SERVICES) do
        for action, text in pairs(cloud:service(name).members) do
          for member, _, kind in each_member(text) do
            for _, value in ipairs(WRONG[kind ~= "" and kind or "text"]) do
              local params = right_params(text)
              params[member] = value
              local raised = fault_of(cloud, name, action, params)
              assert.truthy(raised, name .. " " .. action .. " " .. member)
              assert.matches("Member must be ", raised.message, action .. " " .. member)
            end
          end
          fault_of(cloud, name, action, right_params(text))
        end
      end
    end)
  end)

  it("may be empty lists in a form", function()
    in_cloud(function(cloud)
      local made = cloud:call("iam", "CreateRole", { RoleName = "r", Tags = "",
        AssumeRolePolicyDocument = '{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",'
          .. '"Principal":{"AWS":"*"}}}' })
      assert.equal("r", made.Role.RoleName)
    end)
  end)
end)
