-- The sources that ask a server: containers, instances, STS for a web identity. Servers on loopback.
local fake_aws = dofile "tests/lua/fake_aws.lua"
local loopback = dofile "tests/bind/loopback.lua"

local answer, serve = loopback.answer, loopback.serve

local DOCUMENT = '{"Code":"Success","AccessKeyId":"ASIAFOUND","SecretAccessKey":"hush","Token":"t",'
  .. '"Expiration":"2036-01-01T00:00:00Z"}'

-- A session of a machine with these variables and files, and nothing else.
local function session_of(variables, files, options)
  options = options or {}
  options.variables, options.files = variables, files
  return fake_aws.new({}):session(options)
end

local function mistake(session)
  local ok, raised = pcall(session.credentials, session)
  assert.is_false(ok)
  assert.equal("credentials", raised.kind)
  assert.is_nil(tostring(raised):find("hush", 1, true))
  assert.is_nil(tostring(raised):find("eyJ", 1, true))
  return tostring(raised)
end

describe("the instance's metadata", function()
  local function instance_at(server, more)
    local variables = { AWS_EC2_METADATA_SERVICE_ENDPOINT = server.url .. "/" }
    for name, value in pairs(more or {}) do
      variables[name] = value
    end
    return session_of(variables)
  end

  it("is asked with a session's token, for the role and then its credentials", function()
    local server = serve { answer(200, "token"), answer(200, "my-role\n"), answer(200, DOCUMENT) }

    local found = instance_at(server):credentials()

    assert.equal("ASIAFOUND", found.access_key_id)
    assert.equal("t", found.session_token)
    assert.equal(2082758400, found.expires)
    local requests = server.requests()
    assert.matches("^PUT /latest/api/token HTTP", requests[1])
    assert.matches("X%-aws%-ec2%-metadata%-token%-ttl%-seconds: 21600", requests[1])
    assert.matches("^GET /latest/meta%-data/iam/security%-credentials/my%-role HTTP", requests[3])
    assert.matches("X%-aws%-ec2%-metadata%-token: token\r", requests[3])
  end)

  it("has none where there is no role, and never falls back to version 1", function()
    local server = serve { answer(200, "token"), answer(404) }
    assert.matches("no AWS credentials were found", mistake(instance_at(server)))
    server.requests()

    local old = serve { answer(403) }
    assert.matches("no AWS credentials were found", mistake(instance_at(old)))
    assert.equal(1, #old.requests())
  end)

  it("is tried again as often as the environment says", function()
    local server = serve {
      answer(503), answer(200, "token"), answer(200, "r"), answer(200, DOCUMENT),
    }

    local session = instance_at(server, { AWS_METADATA_SERVICE_NUM_ATTEMPTS = "2" })

    assert.equal("ASIAFOUND", session:credentials().access_key_id)
    assert.equal(4, #server.requests())
  end)

  it("is left alone when it is disabled", function()
    local raised = mistake(session_of {
      AWS_EC2_METADATA_DISABLED = "TRUE",
      AWS_EC2_METADATA_SERVICE_ENDPOINT = "http://127.0.0.1:1",
    })

    assert.matches("^no AWS credentials were found: looked at the environment", raised)
    assert.matches("the instance's metadata$", raised)
  end)

  it("tells a mistaken address", function()
    assert.matches("is not a URL", mistake(session_of {
      AWS_EC2_METADATA_SERVICE_ENDPOINT = "nonsense",
    }))
    assert.matches("must be IPv4 or IPv6", mistake(session_of {
      AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE = "IPX",
    }))
  end)

  it("serves a profile that names it as its source", function()
    local server = serve { answer(404) }
    local session = session_of({
      HOME = "/home/ada",
      AWS_PROFILE = "there",
      AWS_REGION = "us-east-1",
      AWS_EC2_METADATA_SERVICE_ENDPOINT = server.url,
    }, {
      ["/home/ada/.aws/config"] = "[profile there]\nrole_arn = arn:aws:iam::1:role/a\n"
        .. "credential_source = Ec2InstanceMetadata\n",
    })

    assert.matches("its credential_source 'Ec2InstanceMetadata' has none", mistake(session))
    server.requests()
  end)
end)

describe("the container's credentials", function()
  local function container_at(server, token)
    return session_of {
      AWS_CONTAINER_CREDENTIALS_FULL_URI = server.url .. "/creds",
      AWS_CONTAINER_AUTHORIZATION_TOKEN = token,
      AWS_EC2_METADATA_DISABLED = "true",
    }
  end

  it("are asked for with the token, and again after trouble", function()
    local server = serve { answer(500), answer(200, DOCUMENT) }

    assert.equal("ASIAFOUND", container_at(server, "sesame"):credentials().access_key_id)
    assert.matches("\r\nAuthorization: sesame\r\n", server.requests()[2])
  end)

  it("are renewed shortly before they expire, and kept while that fails", function()
    local server = serve {
      answer(200, DOCUMENT), answer(400), answer(200, (DOCUMENT:gsub("FOUND", "AGAIN"))),
      answer(400),
    }
    local cloud = fake_aws.new {}
    local session = cloud:session {
      variables = { AWS_CONTAINER_CREDENTIALS_FULL_URI = server.url },
    }

    assert.equal("ASIAFOUND", session:credentials().access_key_id)
    assert.equal("ASIAFOUND", session:credentials().access_key_id)
    cloud.now = 2082758400 - 100
    assert.equal("ASIAFOUND", session:credentials().access_key_id) -- refused, but still good
    assert.equal("ASIAAGAIN", session:credentials().access_key_id)
    cloud.now = 2082758400 + 1
    assert.matches("were refused %(HTTP 400%)", mistake(session))
    assert.equal(4, #server.requests())
  end)

  it("must be credentials", function()
    local server = serve { answer(200, '{"AccessKeyId":"hush","Secret":"hush"}') }
    assert.matches("did not answer with credentials", mistake(container_at(server)))
    server.requests()

    local other = serve { answer(200, (DOCUMENT:gsub("2036%-01", "soon"))) }
    assert.matches("an expiration that is no time", mistake(container_at(other)))
    other.requests()
  end)
end)

describe("a web identity", function()
  local ANSWER = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
    .. "<AccessKeyId>ASIAFOUND</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>"
    .. "<SessionToken>t</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>"
    .. "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
  local FILES = { ["/token"] = "eyJtoken.of+somebody\n" }

  local function identity_at(server)
    return session_of({
      AWS_WEB_IDENTITY_TOKEN_FILE = "/token",
      AWS_ROLE_ARN = "arn:aws:iam::1:role/pod",
      AWS_ROLE_SESSION_NAME = "pod-1",
      AWS_REGION = "us-east-1",
      AWS_ENDPOINT_URL_STS = server.url,
      AWS_EC2_METADATA_DISABLED = "true",
    }, FILES)
  end

  it("is traded for a role's credentials, unsigned", function()
    local server = serve { answer(200, ANSWER) }

    local found = identity_at(server):credentials()

    assert.equal("ASIAFOUND", found.access_key_id)
    assert.equal(2082758400, found.expires)
    local sent = server.requests()[1]
    assert.matches("^POST / HTTP", sent)
    assert.matches("Action=AssumeRoleWithWebIdentity&", sent)
    assert.matches("RoleArn=arn%%3Aaws%%3Aiam%%3A%%3A1%%3Arole%%2Fpod&", sent)
    assert.matches("WebIdentityToken=eyJtoken%.of%%2Bsomebody$", sent)
    assert.not_matches("Authorization", sent)
  end)

  it("that STS refuses is told by STS's code, without the token", function()
    local server = serve {
      answer(400, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code>"
        .. "<Message>eyJtoken hush</Message></Error></ErrorResponse>"),
    }

    assert.matches("refused the web identity for arn:aws:iam::1:role/pod %(HTTP 400, "
      .. "InvalidIdentityToken%)$", mistake(identity_at(server)))
    server.requests()
  end)

  it("needs its token and its role", function()
    assert.matches("AWS_ROLE_ARN is not", mistake(session_of {
      AWS_WEB_IDENTITY_TOKEN_FILE = "/token",
    }))
    assert.matches("there is no web identity token at /absent", mistake(session_of({
      AWS_WEB_IDENTITY_TOKEN_FILE = "/absent",
      AWS_ROLE_ARN = "arn:aws:iam::1:role/pod",
    }, {})))
  end)

  it("comes before the profiles, and behind the environment's keys", function()
    local server = serve { answer(200, ANSWER) }
    local variables = {
      HOME = "/home/ada",
      AWS_REGION = "us-east-1",
      AWS_WEB_IDENTITY_TOKEN_FILE = "/token",
      AWS_ROLE_ARN = "arn:aws:iam::1:role/pod",
      AWS_ENDPOINT_URL_STS = server.url,
    }
    local files = {
      ["/token"] = "eyJ",
      ["/home/ada/.aws/credentials"] = "[default]\naws_access_key_id = AKIDKEYS\n"
        .. "aws_secret_access_key = hush\n",
    }

    assert.equal("ASIAFOUND", session_of(variables, files):credentials().access_key_id)
    variables.AWS_ACCESS_KEY_ID, variables.AWS_SECRET_ACCESS_KEY = "AKIDENV", "hush"
    assert.equal("AKIDENV", session_of(variables, files):credentials().access_key_id)
    server.requests()
  end)

  it("serves a profile that names its file", function()
    local server = serve { answer(200, ANSWER) }
    local session = session_of({
      HOME = "/home/ada",
      AWS_PROFILE = "pod",
      AWS_REGION = "us-east-1",
      AWS_ENDPOINT_URL_STS = server.url,
    }, {
      ["/token"] = "eyJ",
      ["/home/ada/.aws/config"] = "[profile pod]\nrole_arn = arn:aws:iam::1:role/a\n"
        .. "web_identity_token_file = /token\nduration_seconds = 900\n",
    })

    assert.equal("ASIAFOUND", session:credentials().access_key_id)
    assert.matches("DurationSeconds=900&", server.requests()[1])
  end)
end)

describe("a function that gives credentials", function()
  it("is asked again when those it gave are about to expire", function()
    local cloud, given = fake_aws.new {}, 0
    local base = cloud:session()
    local session = require("engine.aws.session").new {
      clock = base.clock,
      credentials = function()
        given = given + 1
        return { access_key_id = "A" .. given, secret_access_key = "s", expires = cloud.now + 900 }
      end,
    }

    assert.equal("A1", session:credentials().access_key_id)
    assert.equal("A1", session:credentials().access_key_id)
    cloud.now = cloud.now + 700
    assert.equal("A2", session:credentials().access_key_id)
  end)

  it("is not needed where they are given once: those stay", function()
    local session = require("engine.aws.session").new {
      credentials = { access_key_id = "A", secret_access_key = "s", expires = 1 },
    }

    assert.equal("A", session:credentials().access_key_id)
  end)
end)
