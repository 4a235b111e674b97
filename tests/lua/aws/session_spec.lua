local fake_aws = dofile "tests/lua/fake_aws.lua"
local file = require "host.file"
local poll = require "host.poll"
local process = require "host.process"

local CONFIG = [[
[default]
region = eu-north-1

[profile keys]
region = eu-central-1

[profile role]
role_arn = arn:aws:iam::1:role/deployer
source_profile = keys
external_id = outside
duration_seconds = 900

[profile from-environment]
role_arn = arn:aws:iam::1:role/deployer
credential_source = Environment

[profile a]
role_arn = arn:aws:iam::1:role/a
source_profile = b

[profile b]
role_arn = arn:aws:iam::1:role/b
source_profile = a

[profile program]
credential_process = printf '{"Version":1,"AccessKeyId":"AKIDPROGRAM","SecretAccessKey":"hush"}'

[profile broken-program]
credential_process = printf 'secret-on-stdout'; exit 3

[profile browser]
sso_session = corp
]]

local SECRETS = [[
[keys]
aws_access_key_id = AKIDKEYS
aws_secret_access_key = hush
]]

local function open(options, scripts)
  local cloud = fake_aws.new(scripts or {})
  local variables = {
    HOME = "/home/ada",
    AWS_ENDPOINT_URL = "http://localhost:1",
    AWS_EC2_METADATA_DISABLED = "true",
  }
  for name, value in pairs(options.variables or {}) do
    variables[name] = value
  end
  local files = { ["/home/ada/.aws/config"] = CONFIG, ["/home/ada/.aws/credentials"] = SECRETS }
  return cloud:session {
    variables = variables,
    files = options.files or files,
    profile = options.profile,
    region = options.region,
  }, cloud
end

local ENVIRONMENT = { AWS_ACCESS_KEY_ID = "AKIDENV", AWS_SECRET_ACCESS_KEY = "hush" }

-- Answers one request, when it shows the token.
local CONTAINER = [[
local poll = require "host.poll"
local server = assert(require("host.server").listen())
io.stdout:write(server:port(), "\n")
io.stdout:flush()
local request
repeat
  assert(poll.wait({ server:fd() }, 1))
  request = server:next()
until request
local status = 403
for _, header in ipairs(request.headers) do
  if header[1]:lower() == "authorization" and header[2] == "open sesame" then
    status = 200
  end
end
server:respond(request.id, { status = status, body = '{"AccessKeyId":"ASIACONTAINER",'
  .. '"SecretAccessKey":"hush","Token":"t","Expiration":"2036-01-01T00:00:00Z"}' })
repeat
  assert(poll.wait({ server:fd() }, 1))
  server:next()
until not server:connected(request.id)
]]

local ASSUMED = {
  {
    Credentials = {
      AccessKeyId = "ASIAROLE",
      SecretAccessKey = "hush",
      SessionToken = "token",
      Expiration = "2036-01-01T00:00:00Z",
    },
  },
}

local function mistake(session)
  local ok, raised = pcall(session.credentials, session)
  assert.is_false(ok)
  assert.equal("credentials", raised.kind)
  return raised
end

describe("engine.aws.session", function()
  it("reads nothing before it is asked", function()
    local cloud = fake_aws.new {}
    local session = cloud:session()
    session.read_file = function()
      error "a file was read"
    end

    assert.equal("us-east-1", session:region())
    assert.equal("AKIDEXAMPLE", session:credentials().access_key_id)
  end)

  it("shows nothing of what it holds", function()
    local session = fake_aws.new({}):session()
    session:credentials()
    local other = session:as { access_key_id = "AKID", secret_access_key = "hush" }

    assert.equal("aws session", tostring(session))
    assert.equal("aws session", require("engine.cli.pretty").show(session))
    assert.equal("aws session", require("engine.cli.pretty").show(other))
  end)

  it("takes the region from the flag, the environment, the profile", function()
    local variables = { AWS_REGION = "us-west-1", AWS_DEFAULT_REGION = "us-west-2" }
    assert.equal("sa-east-1", open({ region = "sa-east-1", variables = variables }):region())
    assert.equal("us-west-1", open({ variables = variables }):region())
    assert.equal("us-west-2", open({ variables = { AWS_DEFAULT_REGION = "us-west-2" } }):region())
    assert.equal("eu-central-1", open({ profile = "keys" }):region())
    assert.equal("eu-north-1", open({}):region())
  end)

  it("says what to set when there is no region", function()
    local session = open { files = {} }

    local raised = assert.has_error(function()
      session:region()
    end)

    assert.equal("E407", raised.code)
    assert.matches("AWS_REGION", raised.hint)
  end)

  it("says what to set when there are no credentials", function()
    local raised = mistake(open { files = {} })

    assert.equal("E401", raised.code)
    assert.equal("no AWS credentials were found", raised.message)
    assert.matches("AWS_ACCESS_KEY_ID", raised.hint)
  end)

  it("lets the environment win over AWS_PROFILE, and --profile over the environment", function()
    local variables = { AWS_PROFILE = "keys" }
    for name, value in pairs(ENVIRONMENT) do
      variables[name] = value
    end

    assert.equal("AKIDENV", open({ variables = variables }):credentials().access_key_id)
    assert.equal(
      "AKIDKEYS",
      open({ variables = variables, profile = "keys" }):credentials().access_key_id
    )
    assert.equal(
      "AKIDKEYS",
      open({ variables = { AWS_PROFILE = "keys" } }):credentials().access_key_id
    )
  end)

  it("names a half-set environment, and a profile that is not there", function()
    local half = open { variables = { AWS_ACCESS_KEY_ID = "AKIDENV" } }
    assert.matches("AWS_SECRET_ACCESS_KEY is not$", tostring(mistake(half)))
    local absent = open { profile = "nobody" }
    assert.matches("no profile 'nobody'", tostring(mistake(absent)))
  end)

  it("assumes a role from another profile, once", function()
    local options = { profile = "role", region = "us-east-1" }
    local session, cloud = open(options, { AssumeRole = ASSUMED })

    assert.equal("ASIAROLE", session:credentials().access_key_id)
    assert.equal("token", session:credentials().session_token)

    assert.equal(1, #cloud:asked "AssumeRole")
    local params = cloud:asked("AssumeRole")[1].params
    assert.equal("arn:aws:iam::1:role/deployer", params.RoleArn)
    assert.equal("outside", params.ExternalId)
    assert.equal("900", params.DurationSeconds)
  end)

  it("assumes it again before the credentials expire", function()
    local options = { profile = "role", region = "us-east-1" }
    local session, cloud = open(options, { AssumeRole = ASSUMED })
    local first = session:credentials()

    cloud.now = first.expires - 60
    session:credentials()

    assert.equal(2, #cloud:asked "AssumeRole")
  end)

  it("assumes a role from the environment", function()
    local session = open({
      profile = "from-environment",
      region = "us-east-1",
      variables = ENVIRONMENT,
    }, { AssumeRole = ASSUMED })

    assert.equal("ASIAROLE", session:credentials().access_key_id)
  end)

  it("refuses profiles that lead in a circle", function()
    local raised = mistake(open { profile = "a", region = "us-east-1" })

    assert.equal("the source_profile of 'b' leads back to 'a'", raised.message)
  end)

  it("runs a credential process, and never repeats its output", function()
    assert.equal("AKIDPROGRAM", open({ profile = "program" }):credentials().access_key_id)

    local raised = mistake(open { profile = "broken-program" })
    assert.matches("broken%-program' failed %(3%)", tostring(raised))
    assert.not_matches("secret%-on%-stdout", tostring(raised))
  end)

  it("says how to go on with a profile that signs in through a browser", function()
    local raised = mistake(open { profile = "browser" })

    assert.matches("not supported yet", raised.message)
    assert.matches("aws configure export%-credentials %-%-profile browser", raised.hint)
  end)

  it("asks the container, with its token", function()
    local folder = assert(file.temporary_folder())
    assert(file.write(folder .. "/serve.lua", CONTAINER))
    assert(file.write(folder .. "/token", "open sesame\n"))
    local program = os.getenv "LACONIC" or file.program()
    local container <close> = assert(process.spawn { program, "run", folder .. "/serve.lua" })
    assert(poll.wait({ container:fd() }, 30))
    local port = assert(container:read()):match "%d+"

    local found = open({
      files = { ["/token"] = assert(file.read(folder .. "/token")) },
      variables = {
        AWS_CONTAINER_CREDENTIALS_FULL_URI = ("http://127.0.0.1:%s/creds"):format(port),
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = "/token",
      },
    }):credentials()

    assert.equal("ASIACONTAINER", found.access_key_id)
    assert.equal("t", found.session_token)
    assert.equal(2082758400, found.expires)
    assert(file.remove_tree(folder))
  end)

  it("sends the container's token nowhere but to this machine", function()
    local raised = mistake(open {
      files = {},
      variables = { AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://example.com/creds" },
    })

    assert.matches("must be https, or lead to this machine", tostring(raised))
  end)
end)
