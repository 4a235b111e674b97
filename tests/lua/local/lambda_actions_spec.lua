local archive = require "host.archive"
local digest = require "host.digest"
local file = require "host.file"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local uri = require "host.uri"

local TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
  .. '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'

local folder = assert(file.temporary_folder())
local cloud = served_cloud.start(folder .. "/state")

local function ask(method, path, say, query)
  return cloud:send_json("lambda", { method = method, path = path, say = say, query = query })
end

local function done(status, ...)
  local answer = ask(...)
  assert.equal(status, answer.status, answer.body)
  return answer.json
end

local function refused(status, code, words, ...)
  local answer = ask(...)
  assert.equal(status, answer.status, answer.body)
  assert.equal(code, answer.headers["x-amzn-errortype"])
  assert.matches(words, answer.json.message or answer.json.Message)
end

local ZIP = folder .. "/code.zip"
assert(archive.write(ZIP, { { name = "bootstrap", data = "#!/bin/sh\n", executable = true } }))

local role = cloud:query("iam", "Action=CreateRole&Version=2010-05-08&RoleName=r"
  .. "&AssumeRolePolicyDocument=" .. uri.encode(TRUST)).body:match "<Arn>(.-)</Arn>"

-- Makes a function with as many published versions; returns the path of its own actions' addresses.
local function create(name, versions)
  done(201, "POST", "/2015-03-31/functions", {
    FunctionName = name, Runtime = "provided.al2023", Handler = "index", Role = role,
    Code = { ZipFile = digest.to_base64(assert(file.read(ZIP))) },
  })
  local path = "/2015-03-31/functions/" .. name
  for number = 1, versions or 0 do
    done(200, "PUT", path .. "/configuration", { Description = "version " .. number })
    assert.equal(tostring(number), done(201, "POST", path .. "/versions", {}).Version)
  end
  return path
end

local function each_of(list, name)
  local values = {}
  for i, item in ipairs(list) do
    values[i] = item[name]
  end
  return values
end

describe("a function's aliases", function()
  it("are made, told, moved and deleted", function()
    local path = create("aliased", 2)
    local made = done(201, "POST", path .. "/aliases",
      { Name = "live", FunctionVersion = "1", Description = "first" })
    assert.matches(":function:aliased:live$", made.AliasArn)
    assert.same(made, done(200, "GET", path .. "/aliases/live"))
    local moved = done(200, "PUT", path .. "/aliases/live", { FunctionVersion = "2" })
    assert.equal("2", moved.FunctionVersion)
    assert.equal("first", moved.Description)
    assert.not_equal(made.RevisionId, moved.RevisionId)
    assert.equal("version 2",
      done(200, "GET", path .. "/configuration", nil, "Qualifier=live").Description)
    for _ = 1, 2 do
      done(204, "DELETE", path .. "/aliases/live")
      refused(404, "ResourceNotFoundException", "Cannot find alias arn", "GET",
        path .. "/aliases/live")
    end
  end)

  it("are listed, all or those of one version, page after page", function()
    local path = create("listed", 2) .. "/aliases"
    for name, version in pairs { a = "1", b = "2", c = "1" } do
      done(201, "POST", path, { Name = name, FunctionVersion = version })
    end
    local function names(query)
      local answer = done(200, "GET", path, nil, query)
      return each_of(answer.Aliases, "Name"), answer.NextMarker
    end
    assert.same({ "a", "b", "c" }, (names()))
    assert.same({ "a", "c" }, (names "FunctionVersion=1"))
    assert.same({}, (names "FunctionVersion=%24LATEST"))
    local first, marker = names "MaxItems=2"
    assert.same({ "a", "b" }, first)
    local rest, no_more = names("MaxItems=2&Marker=" .. uri.encode(marker))
    assert.same({ "c" }, rest)
    assert.is_nil(no_more)
    refused(400, "InvalidParameterValueException", "Marker", "GET", path, nil, "Marker=none")
  end)

  it("are changed by those alone who have seen what they are", function()
    local path = create("revised", 2) .. "/aliases"
    local made = done(201, "POST", path, { Name = "live", FunctionVersion = "1" })
    done(200, "PUT", path .. "/live", { FunctionVersion = "2", RevisionId = made.RevisionId })
    refused(412, "PreconditionFailedException", "The Revision Id provided does not match", "PUT",
      path .. "/live", { FunctionVersion = "1", RevisionId = made.RevisionId })
    assert.equal("2", done(200, "GET", path .. "/live").FunctionVersion)
  end)

  it("are refused without a name, a version or a function", function()
    local path = create("unnamed", 1) .. "/aliases"
    refused(400, "ValidationException", "alias", "POST", path,
      { Name = "12", FunctionVersion = "1" })
    refused(404, "ResourceNotFoundException", ":7", "POST", path,
      { Name = "live", FunctionVersion = "7" })
    refused(404, "ResourceNotFoundException", "Cannot find alias arn", "PUT", path .. "/none",
      { FunctionVersion = "1" })
    done(201, "POST", path, { Name = "live", FunctionVersion = "1" })
    refused(409, "ResourceConflictException", "Alias already exists", "POST", path,
      { Name = "live", FunctionVersion = "1" })
    refused(404, "ResourceNotFoundException", "Function not found", "GET",
      "/2015-03-31/functions/none/aliases")
  end)
end)

describe("lists of functions", function()
  it("have every function once, or with all its versions", function()
    create("many", 2)
    local function pairs_of(query)
      local found = {}
      for _, item in ipairs(done(200, "GET", "/2015-03-31/functions", nil, query).Functions) do
        table.insert(found, item.FunctionName == "many" and item.Version or nil)
      end
      return found
    end
    assert.same({ "$LATEST" }, pairs_of())
    assert.same({ "$LATEST", "1", "2" }, pairs_of "FunctionVersion=ALL")
    local versions = done(200, "GET", "/2015-03-31/functions/many/versions").Versions
    assert.same({ "$LATEST", "1", "2" }, each_of(versions, "Version"))
    assert.matches(":many:2$", versions[3].FunctionArn)
    assert.equal("version 1", versions[2].Description)
  end)

  it("go page after page", function()
    create("pages", 2)
    local path = "/2015-03-31/functions/pages/versions"
    local first = done(200, "GET", path, nil, "MaxItems=2")
    assert.same({ "$LATEST", "1" }, each_of(first.Versions, "Version"))
    local rest = done(200, "GET", path, nil, "Marker=" .. first.NextMarker)
    assert.same({ "2" }, each_of(rest.Versions, "Version"))
    refused(404, "ResourceNotFoundException", "Function not found", "GET",
      "/2015-03-31/functions/none/versions")
    refused(400, "InvalidParameterValueException", "MaxItems", "GET", path, nil, "MaxItems=0")
  end)
end)

describe("a function's reserved concurrency", function()
  it("is none before it is put, and after it is deleted", function()
    create "reserved"
    local put, get = "/2017-10-31/functions/reserved/concurrency",
      "/2019-09-30/functions/reserved/concurrency"
    assert.same({}, done(200, "GET", get))
    assert.equal(3, done(200, "PUT", put,
      { ReservedConcurrentExecutions = 3 }).ReservedConcurrentExecutions)
    assert.same({ ReservedConcurrentExecutions = 3 }, done(200, "GET", get))
    for _ = 1, 2 do
      done(204, "DELETE", put)
      assert.same({}, done(200, "GET", get))
    end
    refused(404, "ResourceNotFoundException", "Function not found", "DELETE",
      "/2017-10-31/functions/none/concurrency")
  end)
end)

describe("how a function is invoked later", function()
  local function path_of(name)
    return "/2019-09-25/functions/" .. name .. "/event-invoke-config"
  end

  it("is put whole, told and deleted", function()
    create("later", 1)
    local path = path_of "later"
    refused(404, "ResourceNotFoundException", "doesn't have an EventInvokeConfig", "GET", path)
    done(200, "PUT", path, { MaximumRetryAttempts = 0, MaximumEventAgeInSeconds = 60 })
    local told = done(200, "GET", path)
    assert.matches(":function:later:%$LATEST$", told.FunctionArn)
    assert.equal(0, told.MaximumRetryAttempts)
    assert.equal(60, told.MaximumEventAgeInSeconds)
    done(200, "PUT", path, { MaximumRetryAttempts = 2 })
    assert.is_nil(done(200, "GET", path).MaximumEventAgeInSeconds)
    refused(404, "ResourceNotFoundException", "EventInvokeConfig", "GET", path, nil, "Qualifier=1")
    done(204, "DELETE", path)
    refused(404, "ResourceNotFoundException", "EventInvokeConfig", "DELETE", path)
  end)

  it("is within bounds", function()
    create "bounded"
    local path = path_of "bounded"
    for _, case in ipairs {
      { "MaximumRetryAttempts", 3, "'maximumRetryAttempts'.*less than or equal to 2" },
      { "MaximumRetryAttempts", -1, "'maximumRetryAttempts'.*greater than or equal to 0" },
      { "MaximumEventAgeInSeconds", 59, "'maximumEventAgeInSeconds'.*greater than or equal to 60" },
      { "MaximumEventAgeInSeconds", 21601, "'maximumEventAgeInSeconds'.*less than or .* 21600" },
    } do
      refused(400, "ValidationException", case[3], "PUT", path, { [case[1]] = case[2] })
    end
    refused(404, "ResourceNotFoundException", "EventInvokeConfig", "GET", path)
  end)
end)

describe("the cloud behind Lambda's actions", function()
  it("ends as it is told to", function()
    assert.equal(0, cloud:close())
    assert(file.remove_tree(folder))
  end)
end)
