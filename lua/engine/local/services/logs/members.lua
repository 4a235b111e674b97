--- What CloudWatch Logs' actions take; see engine.local.members.
return {
  CreateLogGroup = "logGroupName tags?:map",
  CreateLogStream = "logGroupName logStreamName",
  DeleteLogGroup = "logGroupName",
  DeleteLogStream = "logGroupName logStreamName",
  DeleteRetentionPolicy = "logGroupName",
  DescribeLogGroups = "logGroupNamePrefix? logGroupNamePattern? nextToken? limit?:number",
  DescribeLogStreams = "logGroupName? logGroupIdentifier? logStreamNamePrefix? orderBy? nextToken? "
    .. "limit?:number",
  FilterLogEvents = "logGroupName? logGroupIdentifier? logStreamNames?:texts "
    .. "logStreamNamePrefix? filterPattern? startTime?:number endTime?:number nextToken? "
    .. "limit?:number",
  GetLogEvents = "logGroupName? logGroupIdentifier? logStreamName startTime?:number "
    .. "endTime?:number nextToken? limit?:number",
  ListTagsForResource = "resourceArn",
  ListTagsLogGroup = "logGroupName",
  PutLogEvents = "logGroupName logStreamName logEvents:list",
  PutRetentionPolicy = "logGroupName retentionInDays:number",
  TagLogGroup = "logGroupName tags:map",
  TagResource = "resourceArn tags:map",
  UntagLogGroup = "logGroupName tags:texts",
  UntagResource = "resourceArn tagKeys:texts",
}
