local profile = require "host.profile"

describe("host.profile", function()
  it("reads a config file", function()
    local sections = profile.parse([[
[default]
region = eu-central-1

[profile dev]
role_arn = arn:aws:iam::123456789012:role/dev
source_profile = default
s3 =
  addressing_style = path
services = local

[services local]
s3 =
  endpoint_url = http://localhost:4566

[sso-session work]
sso_region = us-east-1

[profile dev]
region = us-west-2
source_profile = other
]], "config")
    assert.same({
      default = { region = "eu-central-1" },
      dev = {
        region = "us-west-2",
        role_arn = "arn:aws:iam::123456789012:role/dev",
        source_profile = "other",
        s3 = { addressing_style = "path" },
        services = "local",
      },
      services = { ["local"] = { s3 = { endpoint_url = "http://localhost:4566" } } },
      ["sso-session"] = { work = { sso_region = "us-east-1" } },
    }, sections)
  end)

  it("reads a credentials file, whose sections are names", function()
    assert.same({
      default = { aws_access_key_id = "AKIDEXAMPLE", aws_secret_access_key = "a/b+c=" },
      ["profile dev"] = {},
    }, profile.parse([[
[default]
aws_access_key_id=AKIDEXAMPLE
aws_secret_access_key = a/b+c=
[profile dev]
]], "credentials"))
  end)

  it("lets a block take the place of an earlier value, and the reverse", function()
    assert.same({ default = { a = { b = "1" }, c = "2" } },
      profile.parse("[default]\na = 0\na =\n b = 1\nc =\n d = 1\n[default]\nc = 2", "config"))
  end)

  it("returns nil and an error with the line, which it does not repeat", function()
    local sections, err = profile.parse("[default]\naws_secret_access_key SECRET\n", "credentials")
    assert.is_nil(sections)
    assert.equal("input", err.kind)
    assert.matches("^line 2: ", tostring(err))
    assert.not_matches("SECRET", tostring(err))
  end)

  it("raises for what cannot be meant", function()
    assert.error_matches("#1 to 'parse' %(string expected, got nil%)", function()
      profile.parse(nil, "config")
    end)
    assert.error_matches("#2 to 'parse' %(invalid option 'ini'%)", function()
      profile.parse("", "ini")
    end)
    assert.error_matches("#2 to 'parse' %(string expected, got no value%)", function()
      profile.parse ""
    end)
  end)
end)
