local clock = require "host.clock"
local digest = require "host.digest"
local failure = require "engine.failure"
local json = require "host.json"
local laconic = require "laconic"
local secrets = require "laconic.secrets"

describe("laconic.secrets", function()
  local aws = package.loaded["laconic.aws"]
  local service, answers, asked

  before_each(function()
    asked, answers = {}, {}
    clock.set(1000)
    secrets.forget()
    service = laconic.service { name = "shop" }
    package.loaded["laconic.aws"] = {
      client = function(name)
        return {
          call = function(_, action, params)
            table.insert(asked, { name, action, params })
            local answer = answers[params.Name or params.SecretId]
            if type(answer) ~= "table" or failure.is(answer) then
              error(answer or failure.make("service", "SSM refused GetParameter", {
                code = "ParameterNotFound",
                status = 400,
              }), 0)
            end
            return answer
          end,
        }
      end,
    }
  end)

  after_each(function()
    clock.set(nil)
    package.loaded["laconic.aws"] = aws
  end)

  local function keep_parameter(name, value)
    answers[name] = { Parameter = { Name = name, Value = value } }
  end

  it("reads a parameter, decrypted, and keeps it for five minutes", function()
    keep_parameter("/shop/key", "hunter2")
    local key = service:secret { name = "key", parameter = "/shop/key" }

    assert.equal("hunter2", secrets.get(key):reveal())
    clock.set(1299)
    assert.equal("hunter2", secrets.get("/shop/key"):reveal())
    assert.same({ { "ssm", "GetParameter", { Name = "/shop/key", WithDecryption = true } } }, asked)

    keep_parameter("/shop/key", "hunter3")
    clock.set(1300)
    assert.equal("hunter3", secrets.get(key):reveal())
  end)

  it("reads a secret, whole or one field of it, in one request", function()
    answers["shop/db"] = { SecretString = '{"user":"ada","password":"pw","port":5432}' }
    local password = service:secret { name = "password", secret = "shop/db", json = "password" }

    assert.equal("pw", secrets.get(password):reveal())
    assert.equal("5432", secrets.get({ secret = "shop/db" }, { json = "port" }):reveal())
    assert.equal('{"user":"ada","password":"pw","port":5432}',
      secrets.get({ secret = "shop/db" }):reveal())
    assert.same({ { "secretsmanager", "GetSecretValue", { SecretId = "shop/db" } } }, asked)
  end)

  it("knows a secret by its ARN, and reads bytes", function()
    local arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf"
    answers[arn] = { SecretBinary = digest.to_base64 "\0\1\2" }

    assert.equal("\0\1\2", secrets.get(arn):reveal())
    assert.equal("secretsmanager", asked[1][1])
  end)

  it("shows a secret to nobody", function()
    keep_parameter("/shop/key", "hunter2")
    local key = secrets.get "/shop/key"

    assert.equal("secret", tostring(key))
    assert.equal("{}", json.encode(key))
    assert.is_nil(next(key))
    assert.error_matches("a secret cannot be joined", function()
      return "key: " .. key
    end)
    assert.error_matches("string or intrinsic expected, got a secret", function()
      service:lambda { name = "f", handler = print, environment = { KEY = key } }
    end)
  end)

  it("uses the old value while AWS is in trouble, and not once it is gone or denied", function()
    keep_parameter("/shop/key", "old")
    secrets.get "/shop/key"

    answers["/shop/key"] = failure.make("network", "SSM cannot be reached", { retryable = true })
    clock.set(1400)
    assert.equal("old", secrets.get("/shop/key"):reveal())
    answers["/shop/key"] = failure.make("service", "SSM refused", { status = 500 })
    clock.set(1500)
    assert.equal("old", secrets.get("/shop/key"):reveal())

    answers["/shop/key"] = failure.make("denied", "SSM refused", { status = 400 })
    clock.set(1600)
    for _ = 1, 2 do
      assert.error_matches("SSM refused", function()
        secrets.get "/shop/key"
      end)
    end
  end)

  it("asks again when it is told to forget, and each time with ttl = 0", function()
    keep_parameter("/shop/key", "k")
    secrets.get "/shop/key"
    secrets.forget "/shop/key"
    secrets.get "/shop/key"
    secrets.get("/shop/key", { ttl = 0 })
    assert.equal(2, #asked)
    secrets.forget()
    secrets.get("/shop/key", { ttl = 0 })
    secrets.get("/shop/key", { ttl = 0 })
    assert.equal(4, #asked)
  end)

  it("puts nothing of a secret into a message", function()
    for _, text in ipairs { "hunter2", '["hunter2"]', '{"key":"hunter2"}', '{"password":null}' } do
      answers.db = { SecretString = text }
      secrets.forget()
      local problem = assert.error_matches(
        "the secret db is no JSON object with a field 'password'", function()
          secrets.get({ secret = "db" }, { json = "password" })
        end)
      assert.not_matches("hunter2", tostring(problem))
    end
  end)

  it("refuses what names no secret, at the author's line", function()
    local function refused(pattern, ...)
      local said = table.pack(...)
      local problem = assert.error_matches(pattern, function()
        secrets.get(table.unpack(said, 1, said.n))
      end)
      assert.matches("secrets_spec%.lua:%d+$", problem.where)
    end
    refused("secrets.get: string expected, got nothing")
    refused("'a b' is not a parameter", "a b")
    refused("one of 'parameter' and 'secret' is needed", {})
    refused("one of 'parameter' and 'secret' is needed", { parameter = "/a", secret = "b" })
    refused("unknown field 'value'", { parameter = "/a", value = "hunter2" })
    refused("unknown field 'tll' %(did you mean 'ttl'%?%)", "/a", { tll = 1 })
    refused("is not a secret's name or ARN", "arn:aws:secretsmanager:x")
    assert.equal(0, #asked)
  end)
end)

describe("service:secret", function()
  local service

  before_each(function()
    service = laconic.service { name = "shop" }
  end)

  it("has no field for a value, and a handle that cannot stand in a template", function()
    assert.error_matches("secret: unknown field 'value'", function()
      service:secret { name = "key", parameter = "/a", value = "hunter2" }
    end)
    local key = service:secret { name = "key", parameter = "/shop/key" }
    assert.equal("key", key.name)
    for _, field in ipairs { "ref", "arn", "att", "id", "parameter", "value" } do
      assert.error_matches("secret 'key': unknown field", function()
        return key[field]
      end)
    end
    assert.error_matches("got a handle", function()
      service:lambda { name = "f", handler = print, environment = { KEY = key } }
    end)
    assert.error_matches("a handle %(secret key%) is no value", function()
      service:resource { name = "A", type = "AWS::SQS::Queue", properties = { QueueName = key } }
    end)
  end)

  it("has one name", function()
    service:secret { name = "key", parameter = "/shop/key" }
    assert.error_matches("secret: the name 'key' is taken: .*secrets_spec%.lua:%d+", function()
      service:secret { name = "key", secret = "other" }
    end)
  end)

  it("is used by functions that say so", function()
    local key = service:secret { name = "key", parameter = "/shop/key" }
    service:lambda { name = "f", handler = print, secrets = { key } }
    assert.same({ { parameter = "/shop/key" } }, service.functions[1].secrets)

    local table_handle = service:resource { name = "A", type = "AWS::SQS::Queue" }
    for _, wrong in ipairs { "/shop/key", table_handle, {} } do
      assert.error_matches("lambda.secrets%[1%]: ", function()
        service:lambda { name = "g", handler = print, secrets = { wrong } }
      end)
    end
  end)
end)
