local laconic = require "laconic"

local service = laconic.service {
  name = "leaderboard",
  description = "Who has the highest score",
}

-- A player is an item; the index has all of one board in the order of their scores.
local scores = service:resource {
  name = "Scores",
  type = "AWS::DynamoDB::Table",
  properties = {
    BillingMode = "PAY_PER_REQUEST",
    AttributeDefinitions = {
      { AttributeName = "name", AttributeType = "S" },
      { AttributeName = "board", AttributeType = "S" },
      { AttributeName = "score", AttributeType = "N" },
    },
    KeySchema = { { AttributeName = "name", KeyType = "HASH" } },
    GlobalSecondaryIndexes = {
      {
        IndexName = "ByScore",
        KeySchema = {
          { AttributeName = "board", KeyType = "HASH" },
          { AttributeName = "score", KeyType = "RANGE" },
        },
        Projection = { ProjectionType = "ALL" },
      },
    },
  },
}

service:api {
  name = "leaderboard",
  swagger = "swagger.json",
  lambda = {
    memory = 256,
    timeout = 10,
    environment = { TABLE = scores.ref },
    privileges = {
      {
        actions = { "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem" },
        resource = scores.arn,
      },
      { actions = "dynamodb:Query", resource = scores.arn .. "/index/ByScore" },
    },
  },
}

return service
