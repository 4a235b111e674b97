-- Decorators: of a function, of the service, reaching what is there already.
local laconic = require "laconic"

local service = laconic.service { name = "decorated" }

local function alarm(template, lambda)
  template.Resources[lambda.id .. "Errors"] = {
    Type = "AWS::CloudWatch::Alarm",
    Properties = {
      ComparisonOperator = "GreaterThanThreshold",
      Dimensions = { { Name = "FunctionName", Value = lambda.ref } },
      EvaluationPeriods = 1,
      MetricName = "Errors",
      Namespace = "AWS/Lambda",
      Period = 60,
      Statistic = "Sum",
      Threshold = 0,
    },
  }
  lambda.resource.Properties.Timeout = 9
end

service:lambda { name = "first", decorators = { alarm }, handler = print }
service:lambda { name = "second", decorators = { alarm }, handler = print }

service:decorate(function(template, build)
  template.Resources.Visits = {
    Type = "AWS::DynamoDB::Table",
    Properties = {
      AttributeDefinitions = { { AttributeName = "id", AttributeType = "S" } },
      BillingMode = "PAY_PER_REQUEST",
      KeySchema = { { AttributeName = "id", KeyType = "HASH" } },
    },
  }
  build.template.Resources.FirstLogs.Properties.RetentionInDays = 1
end)

service:decorate(function(template)
  template.Outputs.Visits = { Value = { Ref = "Visits" } }
end)

return service
