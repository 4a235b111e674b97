--- Calls to AWS: signed, retried, paged; in handlers, hooks, commands, scripts and the REPL.
---
---     local aws = require "laconic.aws"
---     local ssm = aws.client "ssm"
---     local answer = ssm:call("GetParameter", { Name = "/shop/currency" })
---     print(answer.Parameter.Value)
---
--- A client speaks the service's own language: actions, parameters and answers have AWS's names. The
--- services that handlers use most have words of their own, with plain Lua values: laconic.aws.s3,
--- sqs, sns, dynamodb, sts, ssm, secretsmanager, lambda, events. Nothing is loaded, read or asked
--- before the first call.
---
---@module "laconic.aws"
local aws = {}

--- Makes a client for one service.
---
---     aws.client("dynamodb", { region = "eu-west-1" })
---     aws.client("textract", { protocol = "json-1.1", target = "Textract" })  -- not known by name
---
--- Known by name, as AWS's endpoints are (or boto3's clients): acm, apigatewaymanagementapi,
--- appconfigdata, athena, autoscaling, bedrock-runtime, cloudformation, cloudwatch, codebuild,
--- codecommit, codepipeline, cognito-identity, cognito-idp, dynamodb, dynamodbstreams, ec2, ecr, ecs,
--- events, firehose, glue, iam, kinesis, kms, lambda, logs, s3, secretsmanager, servicediscovery, ses,
--- sesv2, sns, sqs, ssm, states, sts, tagging, xray. Any other one works when its `protocol` is said,
--- with `target` (json) or `version` (query, ec2): both stand in AWS's API reference of the service.
---@param service string
---@param options? laconic.AwsOptions
---@return laconic.AwsClient
function aws.client(service, options)
  return require("laconic.aws.client").new(service, options)
end

return aws
