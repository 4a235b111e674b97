local laconic = require "laconic"

local mistakes = dofile "tests/stdlib/mistakes.lua"

local service

local function say(fields)
  fields.name, fields.handler = fields.name or "hello", print
  local made = service:lambda(fields) -- no tail call: that would have no line
  return made
end

local mistake = mistakes.of(say)

describe("a function's url", function()
  before_each(function()
    service = laconic.service { name = "urls" }
  end)

  it("is a construct of the function's name, open to all unless it says otherwise", function()
    local hello = say { url = true }

    local url = service.constructs[1]
    assert.equal("function_url", url.kind)
    assert.equal("Hello", url.stem)
    assert.equal("none", url.auth)
    assert.equal("buffered", url.invoke_mode)
    assert.is_nil(url.cors)
    assert.same({ ["Fn::GetAtt"] = { "HelloUrl", "FunctionUrl" } }, hello.url)
  end)

  it("is not there when nothing was said", function()
    say {}
    say { url = false, name = "other" }
    assert.same({}, service.constructs)
  end)

  it("lets every page call when cors = true", function()
    say { url = { cors = true } }
    assert.same({
      allow_headers = { "*" },
      allow_methods = { "*" },
      allow_origins = { "*" },
    }, service.constructs[1].cors)
  end)

  it("refuses what Lambda would refuse, at the author's line", function()
    mistake("lambda.url: unknown field 'auht' %(did you mean 'auth'%?%)",
      { url = { auht = "iam" } })
    mistake("lambda.url.auth: string \"aws\" is not one of none, iam", { url = { auth = "aws" } })
    mistake("lambda.url: boolean or table expected, got string", { url = "yes" })
    mistake("lambda.url.invoke_mode: .* is not one of buffered, response_stream",
      { url = { invoke_mode = "stream" } })
    mistake("lambda.url.cors.allow_methods%[1%]: .* is not one of",
      { url = { cors = { allow_origins = { "*" }, allow_methods = { "OPTIONS" } } } })
    mistake("lambda.url.cors: field 'allow_origins' is missing", { url = { cors = {} } })
    mistake("'https://example.com/' is not an origin",
      { url = { cors = { allow_origins = { "https://example.com/" } } } })
    mistake("allow_origins: \"%*\" does not go with allow_credentials",
      { url = { cors = { allow_origins = { "*" }, allow_credentials = true } } })
    mistake("lambda.url.cors.max_age: must be from 0 to 86400 seconds",
      { url = { cors = { allow_origins = { "*" }, max_age = -1 } } })
    mistake("lambda.url.principals: without auth = \"iam\"", { url = { principals = { "arn:x" } } })
    mistake("'ada' is neither an account's number nor an ARN",
      { url = { auth = "iam", principals = { "ada" } } })
    mistake("lambda.url.output: a name of letters and digits", { url = { output = "a-b" } })
  end)

  it("belongs to a function, and to no custom resource", function()
    assert.error_matches("custom_resource: unknown field 'url'", function()
      service:custom_resource { name = "Page", type = "Custom::Page", url = true, handler = {} }
    end)
  end)
end)
