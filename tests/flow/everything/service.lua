-- Every word, and every option of a function, once.
local laconic = require "laconic"

local cfn = laconic.cfn

local service = laconic.service {
  name = "everything",
  description = "Says all that can be said",
  tags = { team = "blue" },
}

local size = service:parameter {
  name = "Size",
  default = "small",
  allowed_values = { "small", "big" },
  description = "How much to expect",
}
local is_big = service:condition { name = "IsBig", value = cfn.equals(size.ref, "big") }
local capacity = service:mapping {
  name = "Capacity",
  value = { small = { units = 1 }, big = { units = 20 } },
}

local table_of_visits = service:resource {
  name = "Visits",
  type = "AWS::DynamoDB::Table",
  deletion_policy = "Retain",
  update_replace_policy = "Retain",
  properties = {
    AttributeDefinitions = { { AttributeName = "id", AttributeType = "S" } },
    KeySchema = { { AttributeName = "id", KeyType = "HASH" } },
    ProvisionedThroughput = {
      ReadCapacityUnits = cfn.find_in_map(capacity, size.ref, "units"),
      WriteCapacityUnits = 1,
    },
    SSESpecification = cfn.if_(is_big, { SSEEnabled = true }, cfn.no_value),
  },
}
local dead = service:resource { name = "Dead", type = "AWS::SQS::Queue" }
service:resource { name = "Spare", type = "AWS::SQS::Queue", condition = is_big }
local later = service:resource { name = "Later", type = "AWS::SNS::Topic" }
local key = service:resource {
  name = "Key",
  type = "AWS::KMS::Key",
  depends_on = { dead, "Visits" },
  metadata = { purpose = "tests" },
}

local reader = laconic.iam.role {
  name = "reader",
  description = "Reads visits",
  path = "/apps/",
  managed_policies = { "arn:aws:iam::aws:policy/AWSLambdaExecute" },
  permissions_boundary = cfn.import_value "Boundary",
  max_session = 3600,
  privileges = { { actions = "dynamodb:GetItem", resource = table_of_visits.arn } },
}

service:lambda {
  name = "take-order",
  description = "Takes an order",
  memory = 512,
  timeout = 30,
  environment = { TABLE = table_of_visits.ref, URL = "https://" .. size.ref .. ".example.com" },
  architecture = "x86_64",
  ephemeral_storage = 1024,
  layers = { "arn:aws:lambda:eu-west-1:123456789012:layer:tools:3" },
  vpc = {
    subnets = { "subnet-0123456789abcdef0", "subnet-0123456789abcdef1" },
    security_groups = { "sg-0123456789abcdef0" },
  },
  file_system = {
    arn = "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0",
    path = "/mnt/orders",
  },
  dead_letter = dead.arn,
  tracing = "active",
  kms_key = key.arn,
  reserved_concurrency = 0,
  log = { format = "json", level = "debug", system_level = "warn", retention = 7 },
  tags = { stage = "test", area = "orders" },
  privileges = {
    {
      actions = { "dynamodb:PutItem", "dynamodb:UpdateItem" },
      resources = { table_of_visits.arn, table_of_visits.arn .. "/index/*" },
      condition = { StringEquals = { ["aws:RequestedRegion"] = cfn.region } },
    },
    { actions = "s3:DeleteObject", resource = "*", effect = "Deny" },
  },
  depends_on = later,
  handler = print,
}

service:lambda { name = "list", role = reader, handler = print }
service:lambda {
  name = "show",
  role = reader,
  privileges = { { actions = "s3:GetObject", resource = "arn:aws:s3:::photos/*" } },
  handler = print,
}
service:lambda { name = "borrowed", role = "existing-role", handler = print }
service:lambda { name = "foreign", role = cfn.import_value "RoleArn", handler = print }
service:lambda { name = "quiet", log = { group = "shared" }, handler = print }

local token = service:custom_resource {
  name = "Token",
  type = "Custom::Secret",
  properties = { Length = 32, Of = table_of_visits.arn, Letters = { "a", "b" } },
  identity = { "Of" },
  no_echo = true,
  timeout = 15,
  service_timeout = 300,
  memory = 256,
  environment = { TABLE = table_of_visits.ref },
  privileges = { { actions = "dynamodb:GetItem", resource = table_of_visits.arn } },
  depends_on = later,
  handler = { create = print, update = print, delete = print },
}

local page = service:custom_resource_type { name = "Page", handler = { create = print } }
service:custom_resource { name = "Index", type = page, properties = { Key = token.ref } }
service:custom_resource { name = "Errors", type = page }

service:output { name = "Page", value = cfn.att("Index", "Uri") .. "#" .. token:att "Value" }
service:output {
  name = "Table",
  value = table_of_visits.ref,
  description = "Where visits are kept",
  export = cfn.stack_name .. "-table",
}
service:output { name = "Spare", value = service:resource("Spare").ref, condition = is_big }

return service
