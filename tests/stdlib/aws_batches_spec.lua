-- The helpers that send many things at once: how they cut, and what they tell of those that failed.
local asked_aws = dofile "tests/stdlib/asked_aws.lua"
local batches = require "laconic.aws.batches"
local events = require "laconic.aws.events"
local sns = require "laconic.aws.sns"
local sqs = require "laconic.aws.sqs"
local json = require "host.json"

-- Cuts a list of items whose JSON texts have these sizes; tells where, and the sizes of each batch.
local function sizes(list, most, bytes)
  local items, all = {}, {}
  for i, size in ipairs(list) do
    items[i] = size == 1 and 7 or ("x"):rep(size - 2)
  end
  for before, batch in batches.cut(items, most, bytes) do
    table.insert(all, before .. ":" .. table.concat(list, "+", before + 1, before + #batch))
  end
  return table.concat(all, " ")
end

describe("laconic.aws.batches", function()
  it("cuts by number, by size, and leaves what is too large to itself", function()
    assert.equal("", sizes({}, 3, 10))
    assert.equal("0:1+1+1 3:1", sizes({ 1, 1, 1, 1 }, 3, 10))
    assert.equal("0:6+4 2:6 3:5+5", sizes({ 6, 4, 6, 5, 5 }, 10, 10))
    assert.equal("0:1 1:99 2:1", sizes({ 1, 99, 1 }, 10, 10))
  end)
end)

describe("laconic.aws.sqs", function()
  it("tells what a queue refused, by the place in the whole list", function()
    local client, asked = asked_aws("sqs", function(n)
      if n == 1 then
        local taken = { { Id = "1", MessageId = "m-1" } }
        return { json = { Successful = taken, Failed = json.array {} } }
      end
      return {
        json = {
          Failed = { { Id = "11", Code = "InternalError", Message = "x", SenderFault = false } },
        },
      }
    end)
    local messages = {}
    for i = 1, 11 do
      messages[i] = { body = { n = i }, delay = 5 }
    end

    local result = sqs.send_batch { queue = "q", messages = messages, client = client }

    assert.same({ { index = 1, message_id = "m-1" } }, result.sent)
    assert.same(
      { { index = 11, code = "InternalError", message = "x", sender_fault = false } },
      result.failed
    )
    assert.equal(10, #asked[1].json.Entries)
    assert.equal('{"n":11}', asked[2].json.Entries[1].MessageBody)
    assert.equal("11", asked[2].json.Entries[1].Id)
    assert.equal(5, asked[2].json.Entries[1].DelaySeconds)
  end)

  it("keeps a call below what every queue takes", function()
    local client, asked = asked_aws("sqs", { { json = {} } })
    local large = ("x"):rep(100 * 1024)

    sqs.send_batch {
      queue = "q",
      messages = { { body = large }, { body = large }, { body = large } },
      client = client,
    }

    assert.equal(2, #asked)
    assert.equal(2, #asked[1].json.Entries)
  end)

  it("names the field that is wrong, and where", function()
    local ok, raised = pcall(sqs.send_batch, { queue = "q", messages = { { bdy = "x" } } })

    assert.is_false(ok)
    assert.matches("sqs.send_batch.messages%[1%]: unknown field 'bdy' %(did you mean 'body'",
      tostring(raised))
  end)

  it("asks for everything that is known of a message", function()
    local client, asked = asked_aws("sqs", { { json = {} } })

    assert.same({}, sqs.receive { queue = "q", wait = 20, client = client })
    assert.equal(10, asked[1].json.MaxNumberOfMessages)
    assert.equal(20, asked[1].json.WaitTimeSeconds)
    assert.same({ "All" }, asked[1].json.MessageSystemAttributeNames)
  end)

  it("refuses an attribute that it cannot say", function()
    local ok, raised = pcall(sqs.send, { queue = "q", body = "", attributes = { a = true } })

    assert.is_false(ok)
    assert.matches("attributes.a: a string, a number", tostring(raised))
  end)
end)

describe("laconic.aws.sns", function()
  it("wants to know where to", function()
    local ok, raised = pcall(sns.publish, { message = "x" })

    assert.is_false(ok)
    assert.matches("one of 'topic', 'target' and 'phone'", tostring(raised))
  end)

  it("tells what a topic refused", function()
    local client = asked_aws("sns", {
      {
        body = "<PublishBatchResponse><PublishBatchResult><Successful><member><Id>2</Id>"
          .. "<MessageId>m</MessageId></member></Successful><Failed><member><Id>1</Id>"
          .. "<Code>InvalidParameter</Code><SenderFault>true</SenderFault></member></Failed>"
          .. "</PublishBatchResult></PublishBatchResponse>",
      },
    })

    local result = sns.publish_batch {
      topic = "t",
      messages = { { message = "a" }, { message = "b" } },
      client = client,
    }

    assert.equal(2, result.sent[1].index)
    assert.same({ { index = 1, code = "InvalidParameter", sender_fault = true } }, result.failed)
  end)
end)

describe("laconic.aws.events", function()
  it("tells apart what was taken and what was not, in the order of the events", function()
    local client, asked = asked_aws("events", {
      { json = { Entries = { { EventId = "e" }, { ErrorCode = "ThrottlingException" } } } },
    })
    local event = { source = "s", type = "t", detail = {}, resources = {}, time = 5 }

    local result = events.put({ event, event }, { client = client })

    assert.same({ { index = 1, event_id = "e" } }, result.sent)
    assert.same({ { index = 2, code = "ThrottlingException" } }, result.failed)
    assert.equal("{}", asked[1].json.Entries[1].Detail)
    assert.is_nil(asked[1].json.Entries[1].Resources)
  end)
end)
