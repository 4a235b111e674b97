--- What CloudFormation's actions take; see engine.local.members.
local DEFINITION = " TemplateBody? TemplateURL? Parameters?:list Tags?:tags Capabilities?:texts "
  .. "NotificationARNs?:texts RoleARN? ClientRequestToken? DisableRollback?"

return {
  CancelUpdateStack = "StackName",
  ContinueUpdateRollback = "StackName ResourcesToSkip?:texts",
  CreateChangeSet = "StackName ChangeSetName ChangeSetType? OnStackFailure? Description? "
    .. "ClientToken?" .. DEFINITION,
  CreateStack = "StackName OnFailure? TimeoutInMinutes?:number" .. DEFINITION,
  DeleteChangeSet = "ChangeSetName StackName?",
  DeleteStack = "StackName RetainResources?:texts",
  DescribeChangeSet = "ChangeSetName StackName? NextToken?",
  DescribeEvents = "StackName? ChangeSetName? OperationId? Filters?:structure NextToken?",
  DescribeStackEvents = "StackName NextToken?",
  DescribeStackResource = "StackName LogicalResourceId",
  DescribeStackResources = "StackName? PhysicalResourceId? LogicalResourceId?",
  DescribeStacks = "StackName? NextToken?",
  ExecuteChangeSet = "ChangeSetName StackName? ClientRequestToken?",
  GetTemplate = "StackName? ChangeSetName?",
  GetTemplateSummary = "StackName? TemplateBody? TemplateURL?",
  ListChangeSets = "StackName NextToken?",
  ListExports = "NextToken?",
  ListImports = "ExportName NextToken?",
  ListStackResources = "StackName NextToken?",
  ListStacks = "StackStatusFilter?:texts NextToken?",
  UpdateStack = "StackName UsePreviousTemplate?" .. DEFINITION,
  UpdateTerminationProtection = "StackName EnableTerminationProtection",
  ValidateTemplate = "TemplateBody? TemplateURL?",
}
