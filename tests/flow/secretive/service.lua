-- Secrets: functions may read what they say they use, and nothing of it is in the template.
local laconic = require "laconic"
local secrets = require "laconic.secrets"

local service = laconic.service { name = "secretive" }

local key = service:secret { name = "key", parameter = "/secretive/key" }
local password = service:secret { name = "password", secret = "secretive/db", json = "password" }
local shared = service:secret {
  name = "shared",
  secret = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:shared/token-AbCdEf",
}

service:lambda {
  name = "sign",
  secrets = { key },
  handler = function()
    return { letters = #secrets.get(key):reveal(), shown = tostring(secrets.get(key)) }
  end,
}

service:lambda {
  name = "report",
  secrets = { key, password, shared },
  handler = function()
    return secrets.get(password)
  end,
}

service:command {
  name = "keep",
  summary = "Keeps the key",
  flags = { { name = "value", required = true, summary = "What it is" } },
  run = function(args, host)
    require("laconic.aws").client("ssm", { session = host.session }):call("PutParameter", {
      Name = "/secretive/key",
      Type = "SecureString",
      Value = args.value,
    })
  end,
}

return service
