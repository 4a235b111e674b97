--- What Lambda's actions take beside what their paths say; see engine.local.members.
local CONFIGURATION = " Description? Handler? Runtime? KMSKeyArn? DeadLetterConfig?:structure "
  .. "Environment?:structure EphemeralStorage?:structure FileSystemConfigs?:list Layers?:texts "
  .. "LoggingConfig?:structure TracingConfig?:structure VpcConfig?:structure"

return {
  AddPermission = "FunctionName StatementId Action Principal SourceArn? SourceAccount? "
    .. "PrincipalOrgID? FunctionUrlAuthType? InvokedViaFunctionUrl? Qualifier?",
  CreateAlias = "FunctionName Name FunctionVersion Description? RoutingConfig?:structure",
  CreateFunction = "FunctionName Role Code:structure Architectures?:texts PackageType? Tags?:map"
    .. CONFIGURATION,
  CreateFunctionUrlConfig = "FunctionName AuthType Qualifier? InvokeMode? Cors?:structure",
  DeleteAlias = "FunctionName Name",
  DeleteFunction = "FunctionName Qualifier?",
  DeleteFunctionConcurrency = "FunctionName",
  DeleteFunctionEventInvokeConfig = "FunctionName Qualifier?",
  DeleteFunctionUrlConfig = "FunctionName Qualifier?",
  GetAlias = "FunctionName Name",
  GetFunction = "FunctionName Qualifier?",
  GetFunctionConcurrency = "FunctionName",
  GetFunctionConfiguration = "FunctionName Qualifier?",
  GetFunctionEventInvokeConfig = "FunctionName Qualifier?",
  GetFunctionUrlConfig = "FunctionName Qualifier?",
  GetPolicy = "FunctionName Qualifier?",
  Invoke = "FunctionName Qualifier?",
  InvokeWithResponseStream = "FunctionName Qualifier?",
  ListAliases = "FunctionName FunctionVersion? Marker?",
  ListFunctionUrlConfigs = "FunctionName Marker? MaxItems?",
  ListTags = "Resource",
  ListVersionsByFunction = "FunctionName Marker?",
  PublishVersion = "FunctionName CodeSha256? Description? RevisionId?",
  PutFunctionConcurrency = "FunctionName ReservedConcurrentExecutions:number",
  PutFunctionEventInvokeConfig = "FunctionName Qualifier? MaximumRetryAttempts?:number "
    .. "MaximumEventAgeInSeconds?:number DestinationConfig?:structure",
  RemovePermission = "FunctionName StatementId Qualifier?",
  TagResource = "Resource Tags:map",
  UntagResource = "Resource",
  UpdateAlias = "FunctionName Name FunctionVersion? Description? RoutingConfig?:structure "
    .. "RevisionId?",
  UpdateFunctionCode = "FunctionName ZipFile? S3Bucket? S3Key? S3ObjectVersion? ImageUri? "
    .. "RevisionId? Architectures?:texts",
  UpdateFunctionUrlConfig = "FunctionName Qualifier? AuthType? InvokeMode? Cors?:structure",
  UpdateFunctionConfiguration = "FunctionName Role? RevisionId?" .. CONFIGURATION,
}
