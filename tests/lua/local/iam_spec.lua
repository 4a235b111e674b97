local file = require "host.file"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local uri = require "host.uri"

local ACCOUNT = "123456789012"
local TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
  .. '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
local OTHER_TRUST = TRUST:gsub("lambda", "events")
local POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",'
  .. '"Resource":"*"}]}'
local OTHER_POLICY = POLICY:gsub("GetObject", "PutObject")

local folder = assert(file.temporary_folder())
local cloud = served_cloud.start(folder .. "/state")

local function ask(action, params)
  local fields = { "Action=" .. action, "Version=2010-05-08" }
  for name, value in pairs(params) do
    table.insert(fields, name .. "=" .. uri.encode(tostring(value)))
  end
  return cloud:query("iam", table.concat(fields, "&"))
end

local function done(action, params)
  local answer = ask(action, params)
  assert.equal(200, answer.status, action .. ": " .. answer.body)
  return answer.body
end

local function refused(status, code, words, action, params)
  local answer = ask(action, params)
  assert.equal(status, answer.status, action .. ": " .. answer.body)
  assert.equal(code, answer.body:match "<Code>(.-)</Code>")
  local said = answer.body:match("<Message>(.-)</Message>"):gsub("&apos;", "'")
  assert.matches(words, said)
end

local function field(body, name)
  return body:match("<" .. name .. ">(.-)</" .. name .. ">")
end

local function all(body, name)
  local list = {}
  for value in body:gmatch("<" .. name .. ">(.-)</" .. name .. ">") do
    table.insert(list, value)
  end
  return list
end

local function role(name, more)
  local params = { RoleName = name, AssumeRolePolicyDocument = TRUST }
  for key, value in pairs(more or {}) do
    params[key] = value
  end
  return done("CreateRole", params)
end

local function policy(name, more)
  local params = { PolicyName = name, PolicyDocument = POLICY }
  for key, value in pairs(more or {}) do
    params[key] = value
  end
  return field(done("CreatePolicy", params), "Arn")
end

local function with_tags(params, tags, from)
  for i, tag in ipairs(tags) do
    local prefix = ("Tags.member.%d."):format((from or 0) + i)
    params[prefix .. "Key"], params[prefix .. "Value"] = tag[1], tag[2]
  end
  return params
end

-- The tags of a role, as "Key=Value", in the order in which they are told.
local function tags_of(name)
  local list = {}
  for key, value in done("ListRoleTags", { RoleName = name }):gmatch
    "<Key>(.-)</Key>%s*<Value>(.-)</Value>" do
    table.insert(list, key .. "=" .. value)
  end
  return list
end

describe("UpdateRole", function()
  it("changes the description and how long a session may be", function()
    role("updated", { Description = "first", MaxSessionDuration = 7200 })
    done("UpdateRole", { RoleName = "updated", Description = "second", MaxSessionDuration = 43200 })
    local told = done("GetRole", { RoleName = "updated" })
    assert.equal("second", field(told, "Description"))
    assert.equal("43200", field(told, "MaxSessionDuration"))
  end)

  it("sets sessions to an hour when it does not say how long", function()
    role("hour", { Description = "kept", MaxSessionDuration = 7200 })
    done("UpdateRole", { RoleName = "hour" })
    local told = done("GetRole", { RoleName = "hour" })
    assert.equal("3600", field(told, "MaxSessionDuration"))
    assert.equal("kept", field(told, "Description"))
  end)

  it("refuses sessions out of bounds, and roles that are not there", function()
    role "bounded"
    for _, seconds in ipairs { 3599, 43201, "long" } do
      refused(400, "ValidationError", "[mM]axSessionDuration", "UpdateRole",
        { RoleName = "bounded", MaxSessionDuration = seconds })
    end
    refused(404, "NoSuchEntity", "The role with name none cannot be found.", "UpdateRole",
      { RoleName = "none" })
  end)
end)

describe("UpdateAssumeRolePolicy", function()
  it("puts another document in the place of the first", function()
    role "trusting"
    done("UpdateAssumeRolePolicy", { RoleName = "trusting", PolicyDocument = OTHER_TRUST })
    local told = field(done("GetRole", { RoleName = "trusting" }), "AssumeRolePolicyDocument")
    assert.equal(OTHER_TRUST, uri.decode(told))
  end)

  it("refuses what is no trust policy, and leaves the one that was", function()
    role "distrusting"
    local function try(words, document)
      refused(400, "MalformedPolicyDocument", words, "UpdateAssumeRolePolicy",
        { RoleName = "distrusting", PolicyDocument = document })
    end
    try("Syntax errors in policy", "{")
    try("Has prohibited field Resource", (TRUST:gsub('"Action"', '"Resource":"*","Action"')))
    try("must contain principals", '{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}')
    local told = field(done("GetRole", { RoleName = "distrusting" }), "AssumeRolePolicyDocument")
    assert.equal(TRUST, uri.decode(told))
    refused(404, "NoSuchEntity", "cannot be found", "UpdateAssumeRolePolicy",
      { RoleName = "none", PolicyDocument = TRUST })
  end)
end)

describe("a role's tags", function()
  it("are added, overwritten and removed, keys told apart without their case", function()
    role("tagged", with_tags({}, { { "b", "1" }, { "a", "2" } }))
    done("TagRole", with_tags({ RoleName = "tagged" }, { { "B", "3" }, { "c", "" } }))
    assert.same({ "B=3", "a=2", "c=" }, tags_of "tagged")
    done("UntagRole", { RoleName = "tagged", ["TagKeys.member.1"] = "A",
      ["TagKeys.member.2"] = "none" })
    assert.same({ "B=3", "c=" }, tags_of "tagged")
    assert.same({ "B", "c" }, all(done("GetRole", { RoleName = "tagged" }), "Key"))
  end)

  it("are told page after page, sorted", function()
    role("paged", with_tags({}, { { "c", "3" }, { "a", "1" }, { "b", "2" } }))
    local first = done("ListRoleTags", { RoleName = "paged", MaxItems = 2 })
    assert.same({ "a", "b" }, all(first, "Key"))
    assert.equal("true", field(first, "IsTruncated"))
    local rest = done("ListRoleTags",
      { RoleName = "paged", MaxItems = 2, Marker = field(first, "Marker") })
    assert.same({ "c" }, all(rest, "Key"))
    assert.equal("false", field(rest, "IsTruncated"))
    for _, most in ipairs { 0, 1001 } do
      refused(400, "ValidationError", "MaxItems", "ListRoleTags",
        { RoleName = "paged", MaxItems = most })
    end
  end)

  it("are bounded in length, each key once, and a refusal changes nothing", function()
    role "lengths"
    local function try(code, words, tags)
      refused(400, code, words, "TagRole", with_tags({ RoleName = "lengths" }, tags))
    end
    try("ValidationError", "'tags.1.member.key'.*less than or equal to 128",
      { { ("k"):rep(129), "v" } })
    try("ValidationError", "'tags.1.member.key'.*greater than or equal to 1", { { "", "v" } })
    try("ValidationError", "'tags.2.member.value'.*less than or equal to 256",
      { { "fits", "v" }, { "k", ("v"):rep(257) } })
    try("InvalidInput", "Duplicate tag keys found", { { "Team", "a" }, { "team", "b" } })
    assert.same({}, tags_of "lengths")
    done("TagRole", with_tags({ RoleName = "lengths" }, { { ("é"):rep(128), ("é"):rep(256) } }))
    assert.equal(1, #tags_of "lengths")
  end)

  it("are fifty at most", function()
    local tags = {}
    for i = 1, 50 do
      tags[i] = { "key" .. i, "v" }
    end
    role("many", with_tags({}, tags))
    done("TagRole", with_tags({ RoleName = "many" }, { { "key50", "another" } }))
    refused(409, "LimitExceeded", "50", "TagRole",
      with_tags({ RoleName = "many" }, { { "key51", "v" } }))
    assert.equal(50, #tags_of "many")
  end)

  it("are of a role that is there", function()
    refused(404, "NoSuchEntity", "none", "TagRole",
      with_tags({ RoleName = "none" }, { { "a", "b" } }))
    refused(404, "NoSuchEntity", "none", "UntagRole",
      { RoleName = "none", ["TagKeys.member.1"] = "a" })
    refused(404, "NoSuchEntity", "none", "ListRoleTags", { RoleName = "none" })
    role "null"
    refused(400, "ValidationError", "Value null at 'tags'", "TagRole", { RoleName = "null" })
    refused(400, "ValidationError", "Value null at 'tagKeys'", "UntagRole", { RoleName = "null" })
  end)
end)

describe("ListInstanceProfilesForRole", function()
  it("has none to tell of, for a role that is there", function()
    role "profiled"
    local told = done("ListInstanceProfilesForRole", { RoleName = "profiled" })
    assert.same({ "false" }, all(told, "IsTruncated"))
    assert.equal("", field(told, "InstanceProfiles"))
    refused(404, "NoSuchEntity", "The role with name none cannot be found.",
      "ListInstanceProfilesForRole", { RoleName = "none" })
  end)
end)

describe("a policy's versions", function()
  it("are made, read, chosen and deleted", function()
    local arn = policy "versions"
    local made = done("CreatePolicyVersion", { PolicyArn = arn, PolicyDocument = OTHER_POLICY })
    assert.equal("v2", field(made, "VersionId"))
    assert.equal("false", field(made, "IsDefaultVersion"))
    assert.equal("v1", field(done("GetPolicy", { PolicyArn = arn }), "DefaultVersionId"))
    local told = done("GetPolicyVersion", { PolicyArn = arn, VersionId = "v2" })
    assert.equal(OTHER_POLICY, uri.decode(field(told, "Document")))
    done("SetDefaultPolicyVersion", { PolicyArn = arn, VersionId = "v2" })
    assert.equal("v2", field(done("GetPolicy", { PolicyArn = arn }), "DefaultVersionId"))
    done("DeletePolicyVersion", { PolicyArn = arn, VersionId = "v1" })
    local list = done("ListPolicyVersions", { PolicyArn = arn })
    assert.same({ "v2" }, all(list, "VersionId"))
    assert.is_nil(field(list, "Document"))
    done("CreatePolicyVersion",
      { PolicyArn = arn, PolicyDocument = POLICY, SetAsDefault = "true" })
    assert.equal("v3", field(done("GetPolicy", { PolicyArn = arn }), "DefaultVersionId"))
  end)

  it("are five at most, told page after page", function()
    local arn = policy "five"
    for _ = 2, 5 do
      done("CreatePolicyVersion", { PolicyArn = arn, PolicyDocument = POLICY })
    end
    refused(409, "LimitExceeded", "A managed policy can have up to 5 versions.",
      "CreatePolicyVersion", { PolicyArn = arn, PolicyDocument = POLICY })
    local first = done("ListPolicyVersions", { PolicyArn = arn, MaxItems = 3 })
    local rest = done("ListPolicyVersions", { PolicyArn = arn, Marker = field(first, "Marker") })
    assert.equal(3, #all(first, "VersionId"))
    assert.equal(2, #all(rest, "VersionId"))
    refused(409, "DeleteConflict", "more than one version", "DeletePolicy", { PolicyArn = arn })
    done("DeletePolicyVersion", { PolicyArn = arn, VersionId = "v5" })
    local made = done("CreatePolicyVersion", { PolicyArn = arn, PolicyDocument = POLICY })
    assert.equal("v6", field(made, "VersionId"))
  end)

  it("are refused when they are malformed, absent or in force", function()
    local arn = policy "refused"
    local absent = ("arn:aws:iam::%s:policy/none"):format(ACCOUNT)
    refused(400, "MalformedPolicyDocument", "Syntax errors in policy", "CreatePolicyVersion",
      { PolicyArn = arn, PolicyDocument = "[]" })
    refused(400, "MalformedPolicyDocument", "should not specify a principal", "CreatePolicyVersion",
      { PolicyArn = arn, PolicyDocument = TRUST })
    refused(409, "DeleteConflict", "Cannot delete the default version of a policy.",
      "DeletePolicyVersion", { PolicyArn = arn, VersionId = "v1" })
    for _, action in ipairs {
      "DeletePolicyVersion", "GetPolicyVersion", "SetDefaultPolicyVersion",
    } do
      refused(404, "NoSuchEntity", "v2", action, { PolicyArn = arn, VersionId = "v2" })
      refused(404, "NoSuchEntity", "none", action, { PolicyArn = absent, VersionId = "v1" })
    end
    refused(404, "NoSuchEntity", "none", "ListPolicyVersions", { PolicyArn = absent })
  end)
end)

describe("policies", function()
  it("keep their tags, which lists do not tell", function()
    local arn = policy("with-tags", with_tags({ Path = "/tags/", Description = "d" },
      { { "team", "cloud" } }))
    local told = done("GetPolicy", { PolicyArn = arn })
    assert.equal("team", field(told, "Key"))
    assert.equal("d", field(told, "Description"))
    local list = done("ListPolicies", { PathPrefix = "/tags/" })
    assert.is_nil(field(list, "Key"))
    assert.is_nil(field(list, "Description"))
    refused(400, "InvalidInput", "Duplicate tag keys", "CreatePolicy", with_tags(
      { PolicyName = "twice", PolicyDocument = POLICY }, { { "a", "1" }, { "A", "2" } }))
  end)

  it("are listed by path, by scope, and by whether they are attached", function()
    local arn = policy("attached", { Path = "/listed/" })
    policy("idle", { Path = "/listed/" })
    role "holder"
    done("AttachRolePolicy", { RoleName = "holder", PolicyArn = arn })
    local function listed(params)
      params.PathPrefix = "/listed/"
      return all(done("ListPolicies", params), "PolicyName")
    end
    assert.same({ "attached", "idle" }, listed {})
    assert.same({ "attached", "idle" }, listed { Scope = "Local" })
    assert.same({}, listed { Scope = "AWS" })
    assert.same({ "attached" }, listed { OnlyAttached = "true" })
    assert.equal("1", field(done("GetPolicy", { PolicyArn = arn }), "AttachmentCount"))
    refused(409, "DeleteConflict", "Cannot delete a policy attached to entities.", "DeletePolicy",
      { PolicyArn = arn })
  end)
end)

describe("the cloud behind IAM", function()
  it("ends as it is told to", function()
    assert.equal(0, cloud:close())
    assert(file.remove_tree(folder))
  end)
end)
