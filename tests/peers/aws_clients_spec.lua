-- laconic.aws against moto, which AWS_ENDPOINT_URL names; tests/peers/with-moto starts one.
local aws = require "laconic.aws"
local dynamodb = require "laconic.aws.dynamodb"
local events = require "laconic.aws.events"
local s3 = require "laconic.aws.s3"
local secretsmanager = require "laconic.aws.secretsmanager"
local sns = require "laconic.aws.sns"
local sqs = require "laconic.aws.sqs"
local ssm = require "laconic.aws.ssm"
local sts = require "laconic.aws.sts"
local digest = require "host.digest"
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"

local function raised_by(fn, ...)
  local ok, raised = pcall(fn, ...)
  assert.is_false(ok)
  return raised
end

local function numbered(count, make)
  local list = {}
  for i = 1, count do
    list[i] = make(i)
  end
  return list
end

describe("laconic.aws.s3 on moto", function()
  local BUCKET = "laconic-peers"

  it("makes a bucket through the client", function()
    aws.client("s3"):call("CreateBucket", { Bucket = BUCKET })
  end)

  it("puts, gets, tells of, copies and deletes an object", function()
    local put = s3.put {
      bucket = BUCKET,
      key = "a b/ü?.txt",
      body = "hello\0world",
      content_type = "text/plain",
      metadata = { team = "shop" },
    }
    local got = s3.get { bucket = BUCKET, key = "a b/ü?.txt" }

    assert.equal(digest.md5 "hello\0world", put.etag)
    assert.equal("hello\0world", got.body)
    assert.equal("text/plain", got.content_type)
    assert.equal("shop", got.metadata.team)
    assert.equal(11, got.size)
    assert.equal("ell", s3.get({ bucket = BUCKET, key = "a b/ü?.txt", range = "bytes=1-3" }).body)
    assert.is_nil(s3.get { bucket = BUCKET, key = "a b/ü?.txt", if_none_match = put.etag })
    assert.equal(11, s3.head({ bucket = BUCKET, key = "a b/ü?.txt" }).size)
    assert.is_nil(s3.head { bucket = BUCKET, key = "absent" })

    local copy = s3.copy {
      bucket = BUCKET,
      key = "copy",
      from_key = "a b/ü?.txt",
      metadata = { team = "other" },
    }
    assert.equal(put.etag, copy.etag)
    assert.equal("other", s3.head({ bucket = BUCKET, key = "copy" }).metadata.team)

    s3.delete { bucket = BUCKET, key = "copy" }
    s3.delete { bucket = BUCKET, key = "copy" }
    assert.is_nil(s3.head { bucket = BUCKET, key = "copy" })
  end)

  it("raises what S3 refuses", function()
    local absent = raised_by(s3.get, { bucket = BUCKET, key = "absent" })
    local nowhere = raised_by(s3.put, { bucket = "absent-bucket", key = "k", body = "x" })

    assert.equal("NoSuchKey", absent.code)
    assert.equal(404, absent.status)
    assert.equal("NoSuchBucket", nowhere.code)
  end)

  it("lists page by page, and sums up what is deeper", function()
    for i = 1, 7 do
      s3.put { bucket = BUCKET, key = ("list/%d"):format(i), body = ("x"):rep(i) }
    end
    s3.put { bucket = BUCKET, key = "list/deep/1 + 1&<", body = "" }

    local keys, pages = {}, 0
    for object in s3.list { bucket = BUCKET, prefix = "list/", page_size = 3 } do
      table.insert(keys, object.key .. "=" .. object.size)
    end
    local page
    for one in s3.pages { bucket = BUCKET, prefix = "list/", delimiter = "/" } do
      page, pages = one, pages + 1
    end

    assert.equal(
      "list/1=1 list/2=2 list/3=3 list/4=4 list/5=5 list/6=6 list/7=7 list/deep/1 + 1&<=0",
      table.concat(keys, " ")
    )
    assert.equal(1, pages)
    assert.equal(7, #page.objects)
    assert.same({ "list/deep/" }, page.prefixes)
  end)

  it("signs URLs that work without credentials", function()
    local put = s3.presign { bucket = BUCKET, key = "signed", method = "PUT", expires = 60 }
    assert.equal(200, assert(http.request { method = "PUT", url = put, body = "by url" }).status)

    local get = s3.presign {
      bucket = BUCKET,
      key = "signed",
      response_content_type = "text/x-own",
    }

    assert.equal("by url", assert(http.request { url = get }).body)
    assert.matches("[?&]response%-content%-type=text%%2Fx%-own&", get)
  end)

  it("moves files, large ones in parts", function()
    local folder = assert(file.temporary_folder())
    local bytes = digest.random(65536):rep(96) -- 6 MiB
    assert(file.write(folder .. "/up", bytes))

    local sent = s3.upload {
      bucket = BUCKET,
      key = "file",
      path = folder .. "/up",
      part_size = 5 * 1024 * 1024,
    }
    s3.download { bucket = BUCKET, key = "file", path = folder .. "/down" }

    assert.equal(2, sent.parts)
    assert.equal(digest.sha256(bytes), assert(digest.sha256_file(folder .. "/down")))
    assert(file.remove_tree(folder))
  end)
end)

describe("laconic.aws.sqs and sns on moto", function()
  local queue, fifo

  it("finds the queue's URL", function()
    local client = aws.client "sqs"
    queue = client:call("CreateQueue", { QueueName = "peers" }).QueueUrl
    fifo = client:call("CreateQueue", {
      QueueName = "peers.fifo",
      Attributes = { FifoQueue = "true", VisibilityTimeout = "0" },
    }).QueueUrl

    assert.equal(queue, sqs.url "peers")
    assert.equal(
      "AWS.SimpleQueueService.NonExistentQueue",
      (raised_by(sqs.url, "absent").code:gsub("^QueueDoesNotExist$",
        "AWS.SimpleQueueService.NonExistentQueue"))
    )
  end)

  it("sends and receives, with attributes", function()
    local sent = sqs.send {
      queue = queue,
      body = { order = 7 },
      attributes = { who = "ada", tries = 3, raw = { bytes = "\0\1" } },
    }
    local message = sqs.receive({ queue = queue })[1]

    assert.equal(sent.message_id, message.id)
    assert.same({ order = 7 }, json.decode(message.body))
    assert.same({ who = "ada", tries = 3, raw = { bytes = "\0\1" } }, message.attributes)
    assert.equal(1, message.system.ApproximateReceiveCount)
    sqs.change_visibility { queue = queue, receipt = message.receipt, visibility = 0 }
    message = sqs.receive({ queue = queue })[1]
    assert.equal(2, message.system.ApproximateReceiveCount)
    sqs.delete { queue = queue, receipt = message.receipt }
    assert.same({}, sqs.receive { queue = queue })
  end)

  it("sends many, and deletes many", function()
    local result = sqs.send_batch {
      queue = queue,
      messages = numbered(23, function(i)
        return { body = "message " .. i }
      end),
    }
    local receipts = {}
    repeat
      local some = sqs.receive { queue = queue }
      for _, message in ipairs(some) do
        table.insert(receipts, message.receipt)
      end
    until #some == 0
    local deleted = sqs.delete_batch { queue = queue, receipts = receipts }

    assert.equal(23, #result.sent)
    assert.equal(23, result.sent[23].index)
    assert.same({}, result.failed)
    assert.equal(23, #receipts)
    assert.equal(23, #deleted.sent)
  end)

  it("tells which receipts were wrong", function()
    sqs.send { queue = queue, body = "x" }
    local receipt = sqs.receive({ queue = queue })[1].receipt

    local result = sqs.delete_batch { queue = queue, receipts = { receipt, "no receipt" } }

    assert.equal(1, #result.sent)
    assert.equal(2, result.failed[1].index)
    assert.equal("ReceiptHandleIsInvalid", result.failed[1].code)
  end)

  it("keeps the order of a group", function()
    sqs.send { queue = fifo, body = "a", group_id = "g", deduplication_id = "1" }
    sqs.send { queue = fifo, body = "b", group_id = "g", deduplication_id = "2" }
    sqs.send { queue = fifo, body = "b again", group_id = "g", deduplication_id = "2" }

    local bodies = {}
    for i, message in ipairs(sqs.receive { queue = fifo }) do
      bodies[i] = message.body
    end
    assert.same({ "a", "b" }, bodies)
  end)

  it("publishes, one and many", function()
    local client = aws.client "sns"
    local topic = client:call("CreateTopic", {
      Name = "peers",
      Attributes = { DisplayName = "Peers & friends" },
    }).TopicArn
    local arn = aws.client("sqs"):call("GetQueueAttributes", {
      QueueUrl = queue,
      AttributeNames = { "QueueArn" },
    }).Attributes.QueueArn
    client:call("Subscribe", {
      TopicArn = topic,
      Protocol = "sqs",
      Endpoint = arn,
      Attributes = { RawMessageDelivery = "true" },
    })

    sns.publish { topic = topic, message = { n = 0 }, attributes = { kind = "new" } }
    local result = sns.publish_batch {
      topic = topic,
      messages = numbered(12, function(i)
        return { message = "m" .. i, subject = "s", attributes = { n = i } }
      end),
    }

    assert.equal("Peers & friends",
      client:call("GetTopicAttributes", { TopicArn = topic }).Attributes.DisplayName)
    assert.equal(12, #result.sent)
    assert.same({}, result.failed)
    local bodies, attributes = {}, {}
    repeat
      local some = sqs.receive { queue = queue }
      for _, message in ipairs(some) do
        bodies[message.body] = true
        attributes[message.body] = message.attributes
        sqs.delete { queue = queue, receipt = message.receipt }
      end
    until #some == 0
    assert.truthy(bodies['{"n":0}'] and bodies.m1 and bodies.m12)
    assert.equal(12, attributes.m12.n)
    assert.equal("new", attributes['{"n":0}'].kind)
  end)
end)

describe("laconic.aws.dynamodb on moto", function()
  local T = "peers"

  it("keeps every kind of value", function()
    aws.client("dynamodb"):call("CreateTable", {
      TableName = T,
      BillingMode = "PAY_PER_REQUEST",
      KeySchema = {
        { AttributeName = "id", KeyType = "HASH" },
        { AttributeName = "at", KeyType = "RANGE" },
      },
      AttributeDefinitions = {
        { AttributeName = "id", AttributeType = "S" },
        { AttributeName = "at", AttributeType = "N" },
      },
    })
    local item = {
      id = "kinds",
      at = 1,
      text = "ü",
      big = math.maxinteger,
      small = math.mininteger,
      float = 0.1,
      huge = dynamodb.number "12345678901234567890.5",
      yes = true,
      null = dynamodb.null,
      bytes = dynamodb.binary "\0\255",
      list = json.array { 1, "a", json.array {} },
      map = { a = { b = 2 } },
      empty = {},
      strings = dynamodb.set { "a", "b" },
      numbers = dynamodb.set { 1, 2.5 },
    }

    dynamodb.put { table = T, item = item }
    local got = dynamodb.get { table = T, key = { id = "kinds", at = 1 }, consistent = true }

    assert.equal(math.maxinteger, got.big)
    assert.equal(math.mininteger, got.small)
    assert.equal(0.1, got.float)
    assert.equal("12345678901234567890.5", tostring(got.huge))
    assert.equal(dynamodb.null, got.null)
    assert.equal("\0\255", got.bytes.bytes)
    assert.equal("a", got.list[2])
    assert.equal("[]", json.encode(got.list[3]))
    assert.equal(2, got.map.a.b)
    assert.is_nil(next(got.empty))
    assert.is_true(got.strings:has "b")
    assert.is_true(got.numbers:has(2.5))
    assert.is_nil(dynamodb.get { table = T, key = { id = "absent", at = 1 } })
  end)

  it("changes items, under conditions", function()
    local key = { id = "ada", at = 0 }
    dynamodb.update { table = T, key = key, set = { ["name"] = "Ada", status = "new", o = {} } }
    local item = dynamodb.update {
      table = T,
      key = key,
      set = { ["o.city"] = "London" },
      add = { count = 2, tags = dynamodb.set { "x", "y" } },
      remove = { "status" },
    }
    local fewer = dynamodb.update {
      table = T,
      key = key,
      delete = { tags = dynamodb.set { "x" } },
      returns = "UPDATED_NEW",
    }
    local renamed = dynamodb.update {
      table = T,
      key = key,
      update = "SET #n = :n",
      names = { ["#n"] = "name", ["#c"] = "count" },
      values = { [":n"] = "Lovelace", [":two"] = 2 },
      condition = "#c = :two",
    }
    local refused = raised_by(dynamodb.put, {
      table = T,
      item = { id = "ada", at = 0 },
      condition = "attribute_not_exists(id)",
    })

    assert.equal(2, item.count)
    assert.is_nil(item.status)
    assert.equal("London", item.o.city)
    assert.is_true(item.tags:has "y")
    assert.is_false(fewer.tags:has "x")
    assert.equal("Lovelace", renamed.name)
    assert.equal("ConditionalCheckFailedException", refused.code)
    assert.equal("Lovelace", dynamodb.delete({ table = T, key = key, return_old = true }).name)
    assert.is_nil(dynamodb.delete { table = T, key = key })
  end)

  it("reads and writes many, page by page", function()
    dynamodb.batch_write {
      table = T,
      put = numbered(60, function(i)
        return { id = "many", at = i, even = i % 2 == 0 }
      end),
    }
    local seen, pages = {}, 0
    for item in dynamodb.query {
      table = T,
      key_condition = "id = :id AND #at > :from",
      filter = "even = :yes",
      names = { ["#at"] = "at" },
      values = { [":id"] = "many", [":from"] = 10, [":yes"] = true },
      projection = { "at" },
      descending = true,
      page_size = 7,
    } do
      table.insert(seen, item.at)
      assert.is_nil(item.id)
    end
    local total = 0
    for page in dynamodb.scan_pages { table = T, page_size = 25 } do
      pages, total = pages + 1, total + page.count
    end
    local keys = numbered(60, function(i)
      return { id = "many", at = i }
    end)
    keys[61] = { id = "absent", at = 1 }
    local got = dynamodb.batch_get { table = T, keys = keys }
    dynamodb.batch_write { table = T, delete = { keys[1], keys[2] } }

    assert.equal(25, #seen)
    assert.equal(60, seen[1])
    assert.equal(12, seen[25])
    assert.equal(3, pages)
    assert.equal(61, total)
    assert.equal(60, #got)
    assert.is_nil(dynamodb.get { table = T, key = keys[2] })
    assert.equal(3, dynamodb.get({ table = T, key = keys[3] }).at)
  end)

  it("does all of a transaction or nothing", function()
    local ada, order = { id = "ada", at = 0 }, { id = "order", at = 1 }
    dynamodb.put { table = T, item = { id = "ada", at = 0, money = 8 } }
    local function buy()
      dynamodb.transact {
        {
          update = {
            table = T,
            key = ada,
            add = { money = -5 },
            condition = "money >= :price",
            values = { [":price"] = 5 },
          },
        },
        { put = { table = T, item = { id = "order", at = 1 } } },
        { delete = { table = T, key = { id = "many", at = 3 } } },
        {
          check = {
            table = T,
            key = { id = "many", at = 4 },
            condition = "attribute_exists(id)",
          },
        },
      }
    end

    buy()
    dynamodb.delete { table = T, key = order }
    local refused = raised_by(buy)

    assert.equal(3, dynamodb.get({ table = T, key = ada }).money)
    assert.equal("TransactionCanceledException", refused.code)
    assert.is_nil(dynamodb.get { table = T, key = order })
  end)
end)

describe("laconic.aws.ssm and secretsmanager on moto", function()
  it("sets and gets parameters", function()
    for i = 1, 12 do
      ssm.put { name = "/peers/p" .. i, value = "v" .. i }
    end
    ssm.put { name = "/peers/deep/list", value = { "a", "b" } }
    ssm.put { name = "/peers/deep/secret", value = "hush", type = "SecureString" }
    assert.equal(2, ssm.put { name = "/peers/p1", value = "new", overwrite = true })

    local value, facts = ssm.get "/peers/p1"
    local some, missing = ssm.get_many(numbered(13, function(i)
      return "/peers/p" .. i
    end))
    local all = ssm.by_path "/peers/"
    local flat = ssm.by_path("/peers/", { recursive = false })

    assert.equal("new", value)
    assert.equal(2, facts.version)
    assert.equal("v12", some["/peers/p12"])
    assert.same({ "/peers/p13" }, missing)
    assert.same({ "a", "b" }, all["/peers/deep/list"])
    assert.equal("hush", all["/peers/deep/secret"])
    assert.equal("v9", flat["/peers/p9"])
    assert.is_nil(flat["/peers/deep/list"])
    assert.not_equal("hush", (ssm.get("/peers/deep/secret", { decrypt = false })))
    assert.equal("ParameterNotFound", raised_by(ssm.get, "/absent").code)
    assert.equal("ParameterAlreadyExists",
      raised_by(ssm.put, { name = "/peers/p1", value = "x" }).code)
  end)

  it("gets secrets as they were put", function()
    aws.client("secretsmanager"):call("CreateSecret", { Name = "peers", SecretString = "a" })

    secretsmanager.put { id = "peers", value = { user = "ada" } }
    assert.equal('{"user":"ada"}', (secretsmanager.get "peers"))
    assert.equal("ada", secretsmanager.get("peers", { json = true }).user)
    secretsmanager.put { id = "peers", bytes = "\0\255" }
    local value, facts = secretsmanager.get "peers"

    assert.equal("\0\255", value)
    assert.same({ "AWSCURRENT" }, facts.stages)
    local problem = raised_by(secretsmanager.get, "peers", { json = true })
    assert.is_nil(tostring(problem):find("\255", 1, true))
    assert.equal("ResourceNotFoundException", raised_by(secretsmanager.get, "absent").code)
  end)
end)

describe("laconic.aws.events and sts on moto", function()
  it("puts events, and tells which were refused", function()
    local list = numbered(11, function(i)
      return { source = "shop.orders", type = "Order placed", detail = { order = i } }
    end)
    list[12] = { source = "shop.orders", type = "Wrong", detail = "no json" }

    local result = events.put(list)

    assert.equal(11, #result.sent)
    assert.equal(12, result.failed[1].index)
    assert.equal("MalformedDetail", result.failed[1].code)
  end)

  it("says who calls, and becomes somebody else", function()
    local me = sts.caller_identity()
    local credentials = sts.assume_role {
      role = "arn:aws:iam::123456789012:role/peers",
      session_name = "peers",
      duration = 900,
      policy = { Version = "2012-10-17", Statement = {} },
      tags = { team = "shop" },
    }
    local other = sts.caller_identity { client = aws.client("sts", { credentials = credentials }) }

    assert.equal("123456789012", me.account)
    assert.truthy(credentials.expires > os.time())
    assert.matches(":assumed%-role/peers/peers$", other.arn)
  end)
end)

describe("laconic.aws.client on moto", function()
  it("pages through what has pages", function()
    local kinesis = aws.client "kinesis"
    for i = 1, 4 do
      kinesis:call("CreateStream", { StreamName = "peers-" .. i, ShardCount = 1 })
    end
    local names = {}
    for page in aws.client("dynamodb"):pages("ListTables", { Limit = 1 }) do
      table.insert(names, page.TableNames[1])
    end
    local groups = 0
    local logs = aws.client "logs"
    for i = 1, 3 do
      logs:call("CreateLogGroup", { logGroupName = "peers-" .. i })
    end
    for page in logs:pages("DescribeLogGroups", { limit = 1 }) do
      groups = groups + #page.logGroups
    end
    local roles = 0
    local iam = aws.client "iam"
    for i = 1, 3 do
      iam:call("CreateRole", { RoleName = "peers-" .. i, AssumeRolePolicyDocument = "{}" })
    end
    for page in iam:pages("ListRoles", { MaxItems = 2 }) do
      roles = roles + #page.Roles
    end

    assert.same({ "peers" }, names)
    assert.equal(3, groups)
    assert.truthy(roles >= 3)
  end)

  it("speaks EC2's dialect and other services' JSON", function()
    local vpcs = aws.client("ec2"):call("DescribeVpcs", {
      Filter = { { Name = "isDefault", Value = { "true" } } },
    }).vpcSet
    assert.equal(1, #vpcs)
    assert.equal("true", vpcs[1].isDefault)

    local stream = aws.client("kinesis"):call("DescribeStreamSummary", { StreamName = "peers-1" })
    assert.equal(1, stream.StreamDescriptionSummary.OpenShardCount)
    local put = aws.client("kinesis"):call("PutRecord", {
      StreamName = "peers-1",
      PartitionKey = "p",
      Data = digest.to_base64 "hello",
    })
    assert.matches("^shardId%-", put.ShardId)
    local key = aws.client("kms"):call "CreateKey"
    assert.matches("^arn:aws:kms:us%-east%-1:", key.KeyMetadata.Arn)
    aws.client("cloudwatch"):call("PutMetricData", {
      Namespace = "peers",
      MetricData = {
        { MetricName = "m", Value = 1.5, Dimensions = { { Name = "a", Value = "b" } } },
      },
    })
    local metrics = aws.client("cloudwatch"):call("ListMetrics", { Namespace = "peers" }).Metrics
    assert.equal("b", metrics[1].Dimensions[1].Value)
  end)
end)
