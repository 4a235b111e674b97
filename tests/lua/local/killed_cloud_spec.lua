local clock = require "host.clock"
local file = require "host.file"
local json = require "host.json"
local packed_service = dofile "tests/lua/local/packed_service.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local uri = require "host.uri"
local xml = require "host.xml"

local PATIENCE = 30

-- Answers once the gate is open; tells that it was asked by a file of its own.
local HANDLER = [[
  local file = require "host.file"
  assert(file.append(os.getenv "FOLDER" .. "/asked", event.RequestType .. "\n"))
  while not file.exists(os.getenv "FOLDER" .. "/gate") do
    require("host.clock").sleep(0.02)
  end
  put(event.ResponseURL, '{"Status":"SUCCESS","PhysicalResourceId":"thing"}')
]]

local function template(folder)
  return json.encode {
    Resources = {
      Role = {
        Type = "AWS::IAM::Role",
        Properties = {
          AssumeRolePolicyDocument = { Version = "2012-10-17", Statement = { {
            Effect = "Allow", Action = "sts:AssumeRole",
            Principal = { Service = "lambda.amazonaws.com" },
          } } },
        },
      },
      Fn = {
        Type = "AWS::Lambda::Function",
        Properties = {
          Code = { S3Bucket = "code-bucket", S3Key = "code.zip" },
          Environment = { Variables = { FOLDER = folder } },
          Handler = "index", MemorySize = 512, Runtime = "provided.al2023", Timeout = 60,
          Role = { ["Fn::GetAtt"] = { "Role", "Arn" } },
        },
      },
      Thing = {
        Type = "Custom::Thing",
        Properties = { ServiceToken = { ["Fn::GetAtt"] = { "Fn", "Arn" } } },
      },
      Last = { Type = "AWS::Logs::LogGroup", DependsOn = "Thing" },
    },
  }
end

local function put_code(cloud, folder)
  packed_service.write(folder .. "/code.zip", packed_service.text(HANDLER, packed_service.PUT))
  assert.equal(200, cloud:send({ method = "PUT", path = "/code-bucket" }).status)
  local body = assert(file.read(folder .. "/code.zip"))
  local sent = cloud:send { method = "PUT", path = "/code-bucket/code.zip", body = body }
  assert.equal(200, sent.status)
end

local function query(cloud, action, params)
  params.Action, params.Version = action, "2010-05-15"
  return cloud:query("cloudformation", uri.build_query(params))
end

local function wait_for(what, is_so)
  local deadline = clock.monotonic() + PATIENCE
  while not is_so() do
    assert(clock.monotonic() < deadline, "waited in vain for " .. what)
    assert(clock.sleep(0.02))
  end
end

local function find(element, name)
  if element.name == name then
    return element
  end
  for _, child in ipairs(element) do
    local found = find(child, name)
    if found then
      return found
    end
  end
  return nil
end

local function status_of(cloud)
  local answer = query(cloud, "DescribeStacks", { StackName = "s" })
  local status = find(assert(xml.decode(answer.body)), "StackStatus")
  return status and status.text or answer.body
end

local function statuses(cloud)
  local answer = query(cloud, "DescribeStackResources", { StackName = "s" })
  local list = {}
  for _, member in ipairs(find(assert(xml.decode(answer.body)), "StackResources")) do
    table.insert(list, find(member, "LogicalResourceId").text .. " "
      .. find(member, "ResourceStatus").text)
  end
  return table.concat(list, ", ")
end

describe("a cloud that is killed in the middle of a stack", function()
  local folder, cloud

  before_each(function()
    folder = assert(file.temporary_folder())
    cloud = served_cloud.start(folder .. "/state")
  end)

  after_each(function()
    cloud:close()
    file.remove_tree(folder)
  end)

  it("goes on where it was when it is started again", function()
    put_code(cloud, folder)
    local made = query(cloud, "CreateStack", { StackName = "s", TemplateBody = template(folder),
      ["Capabilities.member.1"] = "CAPABILITY_IAM" })
    assert.equal(200, made.status, made.body)
    wait_for("the first request", function()
      return file.exists(folder .. "/asked")
    end)
    assert.equal("CREATE_IN_PROGRESS", status_of(cloud))
    cloud:kill()
    assert(file.write(folder .. "/gate", ""))

    cloud = served_cloud.start(folder .. "/state")
    wait_for("the stack's end", function()
      return status_of(cloud) ~= "CREATE_IN_PROGRESS"
    end)
    assert.equal("CREATE_COMPLETE", status_of(cloud))
    assert.equal("Fn CREATE_COMPLETE, Last CREATE_COMPLETE, Role CREATE_COMPLETE, "
      .. "Thing CREATE_COMPLETE", statuses(cloud))
    assert.equal("Create\nCreate\n", assert(file.read(folder .. "/asked")))

    query(cloud, "DeleteStack", { StackName = "s" })
    wait_for("its deletion", function()
      return query(cloud, "DescribeStacks", { StackName = "s" }).status == 400
    end)
  end)
end)
