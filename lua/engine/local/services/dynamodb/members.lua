--- What DynamoDB's actions take; see engine.local.members. Expressions and flags are judged where they are
--- read.
return {
  BatchGetItem = "RequestItems:structure",
  BatchWriteItem = "RequestItems:structure",
  CreateTable = "TableName AttributeDefinitions:list KeySchema:list LocalSecondaryIndexes?:list "
    .. "GlobalSecondaryIndexes?:list BillingMode? ProvisionedThroughput?:structure "
    .. "StreamSpecification?:structure SSESpecification?:structure Tags?:tags TableClass?",
  DeleteItem = "TableName Key:structure ConditionExpression?",
  DeleteTable = "TableName",
  DescribeTable = "TableName",
  DescribeTimeToLive = "TableName",
  GetItem = "TableName Key:structure ProjectionExpression?",
  ListTables = "ExclusiveStartTableName? Limit?:number",
  ListTagsOfResource = "ResourceArn",
  PutItem = "TableName Item:structure ConditionExpression?",
  Query = "TableName IndexName? KeyConditionExpression? FilterExpression? ProjectionExpression? "
    .. "ExclusiveStartKey?:structure",
  Scan = "TableName IndexName? FilterExpression? ProjectionExpression? "
    .. "ExclusiveStartKey?:structure",
  TagResource = "ResourceArn Tags:tags",
  TransactGetItems = "TransactItems:list",
  TransactWriteItems = "TransactItems:list ClientRequestToken?",
  UntagResource = "ResourceArn TagKeys:texts",
  UpdateItem = "TableName Key:structure UpdateExpression? ConditionExpression?",
  UpdateTable = "TableName AttributeDefinitions?:list GlobalSecondaryIndexUpdates?:list "
    .. "BillingMode? ProvisionedThroughput?:structure StreamSpecification?:structure "
    .. "SSESpecification?:structure",
  UpdateTimeToLive = "TableName TimeToLiveSpecification:structure",
}
