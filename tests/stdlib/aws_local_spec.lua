-- laconic.aws against the local cloud, over the wire: signatures are verified there.
local served_cloud = dofile "tests/lua/local/served_cloud.lua"
local session = require "engine.aws.session"
local aws = require "laconic.aws"
local s3 = require "laconic.aws.s3"
local ssm = require "laconic.aws.ssm"
local sts = require "laconic.aws.sts"
local digest = require "host.digest"
local file = require "host.file"
local http = require "host.http"
local process = require "host.process"
local program = dofile "tests/program.lua"

local KEYS = { access_key_id = "local", secret_access_key = "local-secret" }

-- Calls `body(client_of, folder)`: `client_of(service, options?)` is a client of a cloud of its own.
local function with_cloud(body)
  local folder = assert(file.temporary_folder())
  local cloud <close> = served_cloud.start(folder .. "/state")
  local here = session.new {
    region = "us-east-1",
    endpoint_url = cloud.url,
    credentials = KEYS,
    getenv = function() end,
  }
  local ok, raised = pcall(body, function(service, options)
    options = options or {}
    options.session = options.session or here
    return aws.client(service, options)
  end, folder)
  assert(file.remove_tree(folder))
  if not ok then
    error(raised, 0)
  end
end

local function raised_by(fn, ...)
  local ok, raised = pcall(fn, ...)
  assert.is_false(ok)
  return raised
end

describe("laconic.aws on the local cloud", function()
  it("puts, gets, lists, copies and deletes objects", function()
    with_cloud(function(client_of, folder)
      local client = client_of "s3"
      client:call("CreateBucket", { Bucket = "notes" })
      local key = "a b/ü+?&%.txt"

      local put = s3.put {
        bucket = "notes",
        key = key,
        body = "hello\0",
        content_type = "text/x-own",
        metadata = { by = "ada" },
        client = client,
      }
      local got = s3.get { bucket = "notes", key = key, client = client }

      assert.equal(digest.md5 "hello\0", put.etag)
      assert.equal("hello\0", got.body)
      assert.equal("text/x-own", got.content_type)
      assert.equal("ada", got.metadata.by)
      assert.equal(6, s3.head({ bucket = "notes", key = key, client = client }).size)
      local keys = {}
      for object in s3.list { bucket = "notes", client = client } do
        table.insert(keys, object.key)
      end
      assert.same({ key }, keys)
      assert(file.write(folder .. "/file", "from a file"))
      s3.upload { bucket = "notes", key = "file", path = folder .. "/file", client = client }
      s3.download { bucket = "notes", key = "file", path = folder .. "/got", client = client }
      assert.equal("from a file", file.read(folder .. "/got"))
      s3.delete { bucket = "notes", key = key, client = client }
      assert.is_nil(s3.head { bucket = "notes", key = key, client = client })
      assert.equal("NoSuchKey",
        raised_by(s3.get, { bucket = "notes", key = key, client = client }).code)
    end)
  end)

  it("signs a URL that needs no credentials, for that key and method alone", function()
    with_cloud(function(client_of)
      local client = client_of "s3"
      client:call("CreateBucket", { Bucket = "notes" })
      local url = s3.presign {
        bucket = "notes",
        key = "a b/ü",
        method = "PUT",
        content_type = "text/x-own",
        client = client,
      }

      local wrong = assert(http.request { method = "PUT", url = url, body = "x" })
      local right = assert(http.request {
        method = "PUT",
        url = url,
        body = "x",
        headers = { ["Content-Type"] = "text/x-own" },
      })
      local other = assert(http.request { url = url })

      assert.equal(403, wrong.status)
      assert.equal(200, right.status)
      assert.equal(403, other.status)
      assert.equal("x", s3.get({ bucket = "notes", key = "a b/ü", client = client }).body)
    end)
  end)

  it("knows who calls, and is told when a key is wrong", function()
    with_cloud(function(client_of)
      local me = sts.caller_identity { client = client_of "sts" }
      local endpoint = client_of("sts").session.endpoint_url
      local stranger = aws.client("sts", {
        endpoint = endpoint,
        region = "us-east-1",
        credentials = { access_key_id = "local", secret_access_key = "wrong-secret" },
      })
      local refused = raised_by(sts.caller_identity, { client = stranger })

      assert.matches("^%d+$", me.account)
      assert.equal("credentials", refused.kind)
      assert.equal("SignatureDoesNotMatch", refused.code)
      assert.is_nil(tostring(refused):find("wrong-secret", 1, true))
    end)
  end)

  it("goes where the flags of a command say, in a script", function()
    local folder = assert(file.temporary_folder())
    local cloud <close> = served_cloud.start(folder .. "/state")
    assert(file.write(folder .. "/who.lua", [[
      local sts = require "laconic.aws.sts"
      print(sts.caller_identity().account)
    ]]))

    local result = assert(process.run {
      program.path, "run", "--endpoint-url", cloud.url, "--region", "us-east-1",
      folder .. "/who.lua",
      error = "inherit",
      env = {
        AWS_ACCESS_KEY_ID = "local",
        AWS_SECRET_ACCESS_KEY = "local-secret",
        LACONIC_LUA = os.getenv "LACONIC_LUA",
        ASAN_OPTIONS = os.getenv "ASAN_OPTIONS",
      },
    })

    assert.equal(0, result.status)
    assert.matches("^%d+\n$", result.output)
    assert(file.remove_tree(folder))
  end)

  it("makes a stack, and reads what it made", function()
    with_cloud(function(client_of)
      local cloudformation = client_of "cloudformation"
      cloudformation:call("CreateStack", {
        StackName = "one",
        TemplateBody = [[{"Resources":{"P":{"Type":"AWS::SSM::Parameter",
          "Properties":{"Name":"/one/p","Type":"StringList","Value":"a,b"}}}}]],
        Tags = { { Key = "team", Value = "a & b" } },
      })
      local stack
      repeat
        stack = cloudformation:call("DescribeStacks", { StackName = "one" }).Stacks[1]
      until not stack.StackStatus:find "IN_PROGRESS"

      assert.equal("CREATE_COMPLETE", stack.StackStatus)
      assert.same({ { Key = "team", Value = "a & b" } }, stack.Tags)
      assert.same({ "a", "b" }, (ssm.get("/one/p", { client = client_of "ssm" })))
      local absent = raised_by(ssm.get, "/absent", { client = client_of "ssm" })
      assert.equal("ParameterNotFound", absent.code)
      assert.matches("aws_local_spec.lua:%d+: SSM refused GetParameter", tostring(absent))
    end)
  end)
end)
