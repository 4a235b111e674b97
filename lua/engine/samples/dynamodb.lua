--- An item was made, changed and removed.
local dynamodb = {
  summary = "Changes of a DynamoDB table, from its stream",
  options = { name = "orders", key = "order-1" },
}

function dynamodb.make(options)
  local stream = ("arn:aws:dynamodb:us-east-1:123456789012:table/%s/stream/2026-01-01T00:00:00.000")
    :format(options.name)

  local function item(total)
    return {
      id = { S = options.key },
      total = { N = total },
      express = { BOOL = true },
      lines = { L = { { M = { sku = { S = "tea" }, count = { N = "2" } } } } },
      tags = { SS = { "gift", "new" } },
      label = { B = "AP8=" },
      note = { NULL = true },
    }
  end

  local function record(number, name, old, new)
    return {
      eventID = ("c4ca4238a0b923820dcc509a6f7584%02d"):format(number),
      eventName = name,
      eventVersion = "1.1",
      eventSource = "aws:dynamodb",
      awsRegion = "us-east-1",
      dynamodb = {
        ApproximateCreationDateTime = 1767323045,
        Keys = { id = { S = options.key } },
        NewImage = new,
        OldImage = old,
        SequenceNumber = ("44215845000000000174504390%02d"):format(number),
        SizeBytes = 59,
        StreamViewType = "NEW_AND_OLD_IMAGES",
      },
      eventSourceARN = stream,
    }
  end

  return {
    Records = {
      record(1, "INSERT", nil, item "19.5"),
      record(2, "MODIFY", item "19.5", item "24"),
      record(3, "REMOVE", item "24", nil),
    },
  }
end

return dynamodb
