-- What functions discover: in the environment while it surely fits, else in parameters.
local laconic = require "laconic"

local service = laconic.service { name = "discovering" }

local stage = service:parameter { name = "Stage", default = "test" }
local is_live = service:condition {
  name = "IsLive",
  value = laconic.cfn.equals(stage.ref, "live"),
}

local visits = service:resource {
  name = "Visits",
  type = "AWS::DynamoDB::Table",
  properties = {
    BillingMode = "PAY_PER_REQUEST",
    AttributeDefinitions = { { AttributeName = "page", AttributeType = "S" } },
    KeySchema = { { AttributeName = "page", KeyType = "HASH" } },
    StreamSpecification = { StreamViewType = "NEW_IMAGE" },
  },
}

local queue = service:resource { name = "Queue", type = "AWS::SQS::Queue", condition = is_live }
local photos = service:resource { name = "Photos", type = "AWS::S3::Bucket" }

local function handler()
  local discovery = require "laconic.discovery"
  local found = { stack = discovery.stack().name }
  for _, id in ipairs(discovery.resources()) do
    found[id] = discovery.resource(id) or "none"
  end
  return found
end

service:lambda { name = "stack", discovers = true, handler = handler }

service:lambda { name = "few", discovers = { visits, queue }, handler = handler }

service:lambda {
  name = "many",
  depends_on = visits,
  discovers = { queue, { resource = photos, attributes = { "Arn", "WebsiteURL" } } },
  handler = handler,
}

local callee = service:lambda { name = "callee", discovers = { "Url" }, handler = handler }

service:resource {
  name = "Url",
  type = "AWS::Lambda::Url",
  properties = { AuthType = "AWS_IAM", TargetFunctionArn = callee.arn },
}

return service
