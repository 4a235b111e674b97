--- A decorator for functions: an alarm that goes off when the function fails.
return function(template, lambda)
  template.Resources[lambda.id .. "Errors"] = {
    Type = "AWS::CloudWatch::Alarm",
    Properties = {
      AlarmDescription = ("'%s' failed"):format(lambda.name),
      Namespace = "AWS/Lambda",
      MetricName = "Errors",
      Dimensions = { { Name = "FunctionName", Value = lambda.ref } },
      Statistic = "Sum",
      Period = 60, -- seconds
      EvaluationPeriods = 1,
      Threshold = 0,
      ComparisonOperator = "GreaterThanThreshold",
      TreatMissingData = "notBreaching",
    },
  }
end
