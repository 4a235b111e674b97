local fault = require "engine.local.fault"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local operation = require "engine.local.services.cloudformation.operation"
local store = require "engine.local.services.cloudformation.store"

local current

local function call(action, params)
  return current:call("ssm", action, params)
end

local function put(name, value, more)
  local params = { Name = name, Value = value, Type = "String" }
  for key, item in pairs(more or {}) do
    params[key] = item
  end
  return call("PutParameter", params)
end

local function refused(code, action, params)
  local ok, problem = pcall(call, action, params)
  assert.is_false(ok)
  assert.is_true(fault.is(problem), tostring(problem))
  assert.equal(code, problem.code)
end

local function names(answer)
  local list = {}
  for i, parameter in ipairs(answer.Parameters) do
    list[i] = parameter.Name
  end
  return list
end

local function with_cloud(body)
  in_cloud(function(cloud)
    current = cloud
    body()
  end)
end

describe("SSM of the local cloud", function()
  it("keeps parameters, and counts their versions", function()
    with_cloud(function()
      assert.equal(1, put("/shop/currency", "EUR").Version)
      refused("ParameterAlreadyExists", "PutParameter",
        { Name = "/shop/currency", Value = "USD", Type = "String" })
      assert.equal(2, put("/shop/currency", "USD", { Overwrite = true }).Version)

      local parameter = call("GetParameter", { Name = "/shop/currency" }).Parameter
      assert.equal("USD", parameter.Value)
      assert.equal("String", parameter.Type)
      assert.equal("arn:aws:ssm:us-east-1:123456789012:parameter/shop/currency", parameter.ARN)
      assert.equal("USD", call("GetParameter", { Name = parameter.ARN }).Parameter.Value)
      assert.equal("USD", call("GetParameter", { Name = "/shop/currency:2" }).Parameter.Value)
      refused("ParameterVersionNotFound", "GetParameter", { Name = "/shop/currency:1" })

      call("DeleteParameter", { Name = "/shop/currency" })
      refused("ParameterNotFound", "GetParameter", { Name = "/shop/currency" })
      refused("ParameterNotFound", "DeleteParameter", { Name = "/shop/currency" })
    end)
  end)

  it("shows a SecureString to who asks for it decrypted", function()
    with_cloud(function()
      put("/shop/key", "hunter2", { Type = "SecureString" })

      local hidden = call("GetParameter", { Name = "/shop/key" }).Parameter.Value
      assert.not_matches("hunter2", hidden)
      assert.equal("hunter2",
        call("GetParameter", { Name = "/shop/key", WithDecryption = true }).Parameter.Value)
    end)
  end)

  it("gives several by name, and says which there are not", function()
    with_cloud(function()
      put("/a", "1")
      put("b", "2")

      local answer = call("GetParameters", { Names = { "/a", "b", "/c" } })

      assert.same({ "/a", "b" }, names(answer))
      assert.same({ "/c" }, answer.InvalidParameters)
      local gone = call("DeleteParameters", { Names = { "/a", "/c" } })
      assert.same({ "/a" }, gone.DeletedParameters)
      assert.same({ "/c" }, gone.InvalidParameters)
    end)
  end)

  it("walks a path, page after page", function()
    with_cloud(function()
      for i = 1, 13 do
        put(("/shop/till/%02d"):format(i), tostring(i))
      end
      put("/shop/name", "Riga")
      put("/shops", "other")

      assert.same({ "/shop/name" }, names(call("GetParametersByPath", { Path = "/shop" })))
      local first = call("GetParametersByPath", { Path = "/shop/", Recursive = true })
      assert.equal(10, #first.Parameters)
      local rest = call("GetParametersByPath",
        { Path = "/shop", Recursive = true, NextToken = first.NextToken })
      assert.same({ "/shop/till/10", "/shop/till/11", "/shop/till/12", "/shop/till/13" },
        names(rest))
      assert.is_nil(rest.NextToken)
    end)
  end)

  it("refuses what AWS refuses", function()
    with_cloud(function()
      for _, name in ipairs { "/aws/x", "ssmx", "a/b", "/a//b", "/a/", "/a b", "" } do
        refused("ValidationException", "PutParameter",
          { Name = name, Value = "v", Type = "String" })
      end
      refused("HierarchyLevelLimitExceededException", "PutParameter",
        { Name = ("/a"):rep(16), Value = "v", Type = "String" })
      refused("ValidationException", "PutParameter", { Name = "/a", Value = "v" })
      refused("ValidationException", "PutParameter",
        { Name = "/a", Value = ("v"):rep(4097), Type = "String" })
      refused("ValidationException", "PutParameter",
        { Name = "/a", Value = ("v"):rep(8193), Type = "String", Tier = "Advanced" })
      refused("ValidationException", "GetParameter", {})
      refused("ValidationException", "GetParametersByPath", { Path = "shop" })
      refused("ValidationException", "GetParametersByPath", { Path = "/shop", MaxResults = 11 })
      put("/a", ("v"):rep(8192), { Tier = "Intelligent-Tiering" })
      refused("HierarchyTypeMismatchException", "PutParameter",
        { Name = "/a", Value = "v", Type = "StringList", Overwrite = true })
    end)
  end)

  it("refuses values of other types than AWS's", function()
    with_cloud(function()
      refused("ValidationException", "GetParameter", { Name = 5 })
      refused("ValidationException", "GetParameters", { Names = { {} } })
      refused("ValidationException", "GetParametersByPath", { Path = "/", NextToken = 5 })
    end)
  end)

  it("acts out AWS::SSM::Parameter", function()
    with_cloud(function()
      local function apply(action, value)
        local body = json.encode {
          Resources = {
            Currency = {
              Type = "AWS::SSM::Parameter",
              Properties = { Name = "/shop/currency", Type = "String", Value = value },
            },
            Unnamed = {
              Type = "AWS::SSM::Parameter",
              Properties = {
                Type = "String",
                Value = { ["Fn::GetAtt"] = { "Currency", "Value" } },
              },
            },
          },
          Outputs = { Name = { Value = { Ref = "Unnamed" } } },
        }
        local id = current:call("cloudformation", action,
          { StackName = "shop", TemplateBody = body }).StackId
        local stack = store.get(current, "us-east-1", id)
        while stack.operation do
          operation.wait(stack)
        end
        return stack
      end

      local stack = apply("CreateStack", "EUR")
      assert.equal("CREATE_COMPLETE", stack.status)
      local name = current:call("cloudformation", "DescribeStacks",
        { StackName = "shop" }).Stacks[1].Outputs[1].OutputValue
      assert.matches("^CFN%-Unnamed%-%w+$", name)
      assert.equal("EUR", call("GetParameter", { Name = name }).Parameter.Value)

      apply("UpdateStack", "USD")
      assert.equal("USD", call("GetParameter", { Name = "/shop/currency" }).Parameter.Value)
      assert.equal("USD", call("GetParameter", { Name = name }).Parameter.Value)

      current:call("cloudformation", "DeleteStack", { StackName = "shop" })
      while stack.operation do
        operation.wait(stack)
      end
      refused("ParameterNotFound", "GetParameter", { Name = name })
    end)
  end)
end)
