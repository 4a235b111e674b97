-- Policies that say who may call an API: statements and their conditions. How an API heeds its own is in
-- rest_api_policy_spec.lua.
local clock = require "host.clock"
local invocation = require "engine.local.http.invocation"
local invoke_policy = require "engine.local.http.invoke_policy"
local json = require "host.json"
local policy_conditions = require "engine.local.http.policy_conditions"

local ARN <const> = "arn:aws:execute-api:us-east-1:123456789012:a1/dev/GET/pets/1"
local NOW <const> = 1800000000 -- 2027-01-15T08:00:00Z

-- As it comes out of a template.
local function decoded(value)
  return json.decode((assert(json.encode(value))))
end

local function request_with(headers)
  return {
    peer = "192.0.2.7:1234",
    header = function(_, name)
      return headers[name]
    end,
  }
end

local ADA <const> = {
  arn = "arn:aws:sts::123456789012:assumed-role/guests/ada", account = "123456789012",
  user_id = "AROA:ada",
}

local function met(conditions, identity)
  clock.set(NOW)
  local asked = invocation.of(request_with { ["user-agent"] = "curl/8" }, ARN, identity)
  local is_met = policy_conditions.met(decoded(conditions), asked.value)
  clock.set(nil)
  return is_met
end

local function effect(statements)
  return invoke_policy.effect(decoded { Statement = statements },
    invocation.of(request_with {}, ARN))
end

local function statement(more)
  local made = { Effect = "Allow", Action = "execute-api:Invoke", Resource = ARN }
  for name, value in pairs(more or {}) do
    made[name] = value or nil
  end
  return made
end

describe("a policy of an API", function()
  it("speaks of what its statements name, or do not except", function()
    assert.equal("Allow", effect { statement() })
    assert.equal("Allow", effect(statement()))
    assert.equal("Allow", effect { statement { Action = { "s3:*", "execute-api:*" } } })
    assert.equal("Allow", effect { statement { Resource = "arn:aws:execute-api:*:*:a1/*/GET/*" } })
    assert.is_nil(effect { statement { Action = "execute-api:ManageConnections" } })
    assert.is_nil(effect { statement { Resource = ARN .. "0" } })
    assert.is_nil(effect { statement { Resource = false } })
    assert.equal("Allow", effect { statement { Action = false, NotAction = "s3:*" } })
    assert.is_nil(effect { statement { Action = false, NotAction = "execute-api:Inv*" } })
    assert.equal("Allow", effect { statement { Resource = false, NotResource = ARN .. "/x" } })
    assert.is_nil(effect { statement { Resource = false, NotResource = { "a", ARN } } })
    assert.equal("Deny", effect { statement(), statement { Effect = "Deny" } })
    assert.is_nil(invoke_policy.effect("text", invocation.of(request_with {}, ARN)))
  end)

  it("speaks so of those alone who meet its conditions", function()
    assert.equal("Allow", effect { statement {
      Condition = { IpAddress = { ["aws:SourceIp"] = "192.0.2.0/24" } },
    } })
    assert.is_nil(effect { statement {
      Condition = { IpAddress = { ["aws:SourceIp"] = "198.51.100.0/24" } },
    } })
  end)
end)

describe("the conditions of a policy", function()
  it("are met by all keys, each by one of its values", function()
    local cases = {
      { { IpAddress = { ["aws:SourceIp"] = { "10.0.0.0/8", "192.0.2.0/24" } } }, true },
      { { NotIpAddress = { ["aws:SourceIp"] = { "10.0.0.0/8", "192.0.2.0/24" } } }, false },
      { { NotIpAddress = { ["AWS:sourceip"] = "10.0.0.0/8" } }, true },
      { { StringEquals = { ["aws:UserAgent"] = "curl/8" } }, true },
      { { StringEquals = { ["aws:UserAgent"] = "CURL/8" } }, false },
      { { StringEqualsIgnoreCase = { ["aws:UserAgent"] = "CURL/8" } }, true },
      { { StringLike = { ["aws:UserAgent"] = { "wget*", "curl*" } } }, true },
      { { StringNotLike = { ["aws:UserAgent"] = { "wget*", "curl*" } } }, false },
      { { StringEquals = { ["aws:UserAgent"] = "curl/8", ["aws:Referer"] = "x" } }, false },
      { { StringEquals = { ["aws:UserAgent"] = "curl/8" },
          Bool = { ["aws:SecureTransport"] = "false" } }, false },
      { { Bool = { ["aws:SecureTransport"] = true } }, true },
      { { DateGreaterThan = { ["aws:CurrentTime"] = "2027-01-15T07:59:59Z" } }, true },
      { { DateLessThan = { ["aws:CurrentTime"] = "2027-01-15T08:00:00Z" } }, false },
      { { DateLessThanEquals = { ["aws:EpochTime"] = "1800000000" } }, true },
      { { DateLessThan = { ["aws:CurrentTime"] = "soon" } }, false },
      { { NumericGreaterThan = { ["aws:EpochTime"] = 1799999999 } }, true },
      { { NumericNotEquals = { ["aws:EpochTime"] = "1800000000" } }, false },
      { {}, true },
    }
    for i, case in ipairs(cases) do
      assert.equal(case[2], met(case[1]), "case " .. i)
    end
  end)

  it("about what is not there are met by what is turned round or optional alone", function()
    local vpce = { ["aws:SourceVpce"] = "vpce-1" }
    assert.is_false(met { StringEquals = vpce })
    assert.is_true(met { StringNotEquals = vpce })
    assert.is_true(met { StringEqualsIfExists = vpce })
    assert.is_true(met { ["ForAllValues:StringEquals"] = vpce })
    assert.is_false(met { ["ForAnyValue:StringNotEquals"] = vpce })
    assert.is_true(met { Null = { ["aws:SourceVpce"] = "true" } })
    assert.is_false(met { Null = { ["aws:SourceVpce"] = "false" } })
    assert.is_true(met { Null = { ["aws:SourceIp"] = false } })
    assert.is_false(met { StringWhatever = vpce })
  end)

  it("know who has signed the request", function()
    assert.is_false(met { StringEquals = { ["aws:PrincipalAccount"] = "123456789012" } })
    for operator, keys in pairs {
      StringEquals = { ["aws:PrincipalAccount"] = "123456789012", ["aws:userid"] = "AROA:ada",
        ["aws:PrincipalType"] = "AssumedRole" },
      ArnLike = { ["aws:PrincipalArn"] = "arn:aws:iam::*:role/guests" },
      Null = { ["aws:username"] = "true" },
    } do
      assert.is_true(met({ [operator] = keys }, ADA), operator)
    end
  end)

  it("that are none are told", function()
    local function problem(said)
      return policy_conditions.problem(decoded(said))
    end
    assert.is_nil(policy_conditions.problem(nil))
    assert.is_nil(problem {
      ["ForAnyValue:StringLikeIfExists"] = { ["aws:UserAgent"] = "x" }, Null = { a = "true" },
      IpAddress = { ["aws:SourceIp"] = { "10.0.0.0/8", "::1" } },
    })
    assert.equal("Condition is no object", problem "x")
    assert.equal("there is no operator IpAdress",
      problem { IpAdress = { ["aws:SourceIp"] = "10.0.0.0/8" } })
    assert.equal("there is no operator ForSome:StringLike",
      problem { ["ForSome:StringLike"] = { a = "b" } })
    assert.equal("Bool is no object", problem { Bool = "true" })
    assert.equal("aws:SourceIp of NotIpAddress is no range of addresses: 10.0.0.0/40",
      problem { NotIpAddress = { ["aws:SourceIp"] = "10.0.0.0/40" } })
    assert.equal("a of StringLike is no text", problem { StringLike = { a = { b = 1 } } })
  end)
end)
