--- The AWS services that are known by name: protocols and names on the wire. Data.
---
--- A row says what AWS's own description of the service says; what is absent is the row's key. Every
--- action of a `query`, `ec2` or `json` service can be called. A `rest` service has a method and a path
--- for each action: engine/aws/actions/ holds those that are known.
local services = {}

---@class engine.AwsService: engine.EndpointNames
---@field name string        the key of its row: "secretsmanager"
---@field title string       as AWS calls it: "Secrets Manager"
---@field signing string     the name in the signature's scope
---@field protocol "query"|"ec2"|"json-1.0"|"json-1.1"|"rest-json"|"rest-xml"
---@field version? string    query, ec2
---@field target? string     json: the prefix of X-Amz-Target
---@field maps? table<string, string[]>  query: parameters that are maps, and their entries' words

local ENTRY = { "entry", "key", "value" }

local ROWS = {
  acm = { id = "ACM", protocol = "json-1.1", target = "CertificateManager" },
  apigatewaymanagementapi = {
    id = "ApiGatewayManagementApi",
    host = "execute-api",
    protocol = "rest-json",
  },
  appconfigdata = { id = "AppConfigData", signing = "appconfig", protocol = "rest-json" },
  athena = { id = "Athena", protocol = "json-1.1", target = "AmazonAthena" },
  autoscaling = { id = "Auto Scaling", protocol = "query", version = "2011-01-01" },
  ["bedrock-runtime"] = { id = "Bedrock Runtime", signing = "bedrock", protocol = "rest-json" },
  cloudformation = { id = "CloudFormation", protocol = "query", version = "2010-05-15" },
  cloudwatch = {
    id = "CloudWatch",
    host = "monitoring",
    protocol = "query",
    version = "2010-08-01",
  },
  codebuild = { id = "CodeBuild", protocol = "json-1.1", target = "CodeBuild_20161006" },
  codecommit = { id = "CodeCommit", protocol = "json-1.1", target = "CodeCommit_20150413" },
  codepipeline = { id = "CodePipeline", protocol = "json-1.1", target = "CodePipeline_20150709" },
  ["cognito-identity"] = {
    id = "Cognito Identity",
    protocol = "json-1.1",
    target = "AWSCognitoIdentityService",
  },
  ["cognito-idp"] = {
    id = "Cognito Identity Provider",
    protocol = "json-1.1",
    target = "AWSCognitoIdentityProviderService",
  },
  dynamodb = { id = "DynamoDB", protocol = "json-1.0", target = "DynamoDB_20120810" },
  dynamodbstreams = {
    id = "DynamoDB Streams",
    host = "streams.dynamodb",
    signing = "dynamodb",
    protocol = "json-1.0",
    target = "DynamoDBStreams_20120810",
  },
  ec2 = { id = "EC2", protocol = "ec2", version = "2016-11-15" },
  ecr = {
    id = "ECR",
    host = "api.ecr",
    signing = "ecr",
    protocol = "json-1.1",
    target = "AmazonEC2ContainerRegistry_V20150921",
  },
  ecs = { id = "ECS", protocol = "json-1.1", target = "AmazonEC2ContainerServiceV20141113" },
  events = { id = "EventBridge", protocol = "json-1.1", target = "AWSEvents" },
  firehose = { id = "Firehose", protocol = "json-1.1", target = "Firehose_20150804" },
  glue = { id = "Glue", protocol = "json-1.1", target = "AWSGlue" },
  iam = { id = "IAM", global = true, protocol = "query", version = "2010-05-08" },
  kinesis = { id = "Kinesis", protocol = "json-1.1", target = "Kinesis_20131202" },
  kms = { id = "KMS", protocol = "json-1.1", target = "TrentService" },
  lambda = { id = "Lambda", protocol = "rest-json" },
  logs = { id = "CloudWatch Logs", protocol = "json-1.1", target = "Logs_20140328" },
  s3 = { id = "S3", protocol = "rest-xml" },
  secretsmanager = { id = "Secrets Manager", protocol = "json-1.1", target = "secretsmanager" },
  servicediscovery = {
    id = "ServiceDiscovery",
    protocol = "json-1.1",
    target = "Route53AutoNaming_v20170314",
  },
  ses = { id = "SES", host = "email", signing = "ses", protocol = "query", version = "2010-12-01" },
  sesv2 = { id = "SESv2", host = "email", signing = "ses", protocol = "rest-json" },
  sns = {
    id = "SNS",
    protocol = "query",
    version = "2010-03-31",
    maps = { Attributes = ENTRY, MessageAttributes = { "entry", "Name", "Value" } },
  },
  sqs = { id = "SQS", protocol = "json-1.0", target = "AmazonSQS" },
  ssm = { id = "SSM", protocol = "json-1.1", target = "AmazonSSM" },
  states = { id = "SFN", protocol = "json-1.0", target = "AWSStepFunctions" },
  sts = { id = "STS", protocol = "query", version = "2011-06-15" },
  tagging = {
    id = "Resource Groups Tagging API",
    protocol = "json-1.1",
    target = "ResourceGroupsTaggingAPI_20170126",
  },
  xray = { id = "XRay", protocol = "rest-json" },
}

--- Other names that people know some services by.
local ALIASES = {
  email = "ses",
  eventbridge = "events",
  monitoring = "cloudwatch",
  resourcegroupstaggingapi = "tagging",
  ["streams.dynamodb"] = "dynamodbstreams",
  stepfunctions = "states",
}

-- A row with all its names.
local function complete(name, row)
  local host = row.host or name
  local title = row.id or name
  return {
    name = name,
    title = title,
    id = title:upper():gsub("[ %-]", "_"),
    host = host,
    signing = row.signing or host,
    global = row.global,
    protocol = row.protocol,
    version = row.version,
    target = row.target,
    maps = row.maps,
  }
end

local known = {}

--- A service by its name, or by an alias of it; nil for one that has no row.
---@param name string
---@return engine.AwsService?
function services.find(name)
  name = ALIASES[name] or name
  local row = ROWS[name]
  if row and not known[name] then
    known[name] = complete(name, row)
  end
  return known[name]
end

--- A service of the caller's own description; what it leaves open is taken from the row, if any.
---@param name string
---@param facts table  id?, host?, signing?, global?, protocol?, version?, target?
---@return engine.AwsService
function services.describe(name, facts)
  local row = {}
  for _, source in ipairs { ROWS[ALIASES[name] or name] or {}, facts } do
    for key, value in pairs(source) do
      row[key] = value
    end
  end
  return complete(ALIASES[name] or name, row)
end

--- Every name that `find` knows, as the keys of a set.
---@return table<string, true>
function services.names()
  local names = {}
  for _, list in ipairs { ROWS, ALIASES } do
    for name in pairs(list) do
      names[name] = true
    end
  end
  return names
end

return services
