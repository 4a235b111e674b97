-- laconic.secrets and laconic.discovery's requests against moto's SSM and Secrets Manager, which
-- AWS_ENDPOINT_URL names. tests/peers/with-moto starts one.
local aws = require "laconic.aws"
local secrets = require "laconic.secrets"

describe("secrets kept by moto", function()
  it("are read from Parameter Store", function()
    local ssm = aws.client "ssm"
    ssm:call("PutParameter", { Name = "/shop/key", Type = "SecureString", Value = "hunter2" })

    assert.equal("hunter2", secrets.get("/shop/key"):reveal())

    ssm:call("PutParameter",
      { Name = "/shop/key", Type = "SecureString", Value = "hunter3", Overwrite = true })
    assert.equal("hunter2", secrets.get("/shop/key"):reveal())
    secrets.forget "/shop/key"
    assert.equal("hunter3", secrets.get("/shop/key"):reveal())
  end)

  it("are read from Secrets Manager, by name and by ARN", function()
    local made = aws.client("secretsmanager"):call("CreateSecret",
      { Name = "shop/db", SecretString = '{"user":"ada","password":"pw"}' })

    assert.equal("pw", secrets.get({ secret = "shop/db" }, { json = "password" }):reveal())
    assert.equal("ada", secrets.get(made.ARN, { json = "user" }):reveal())
  end)

  it("are refused in AWS's words when they are not there", function()
    local codes = { parameter = "ParameterNotFound", secret = "ResourceNotFoundException" }
    for source, code in pairs(codes) do
      local ok, problem = pcall(secrets.get, { [source] = "absent" })
      assert.is_false(ok)
      assert.equal(code, problem.code)
    end
  end)

  it("give several parameters by their names, as discovery asks for them", function()
    local ssm = aws.client "ssm"
    ssm:call("PutParameter", { Name = "/laconic/shop/Visits/1", Type = "String", Value = "{}" })

    local answer = ssm:call("GetParameters",
      { Names = { "/laconic/shop/Visits/1", "/laconic/shop/Absent/1" } })

    assert.equal("{}", answer.Parameters[1].Value)
    assert.same({ "/laconic/shop/Absent/1" }, answer.InvalidParameters)
  end)
end)
