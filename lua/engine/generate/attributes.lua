--- What resources tell of themselves when nobody asks for more: the attributes that each common type
--- has. Data; every other attribute, of every type, is asked for by name.
---
--- An attribute that is not always there names the property that brings it: GetAtt fails without.

---@type table<string, table<string, true|string>>
return {
  ["AWS::ApiGateway::RestApi"] = { RestApiId = true, RootResourceId = true },
  ["AWS::ApiGatewayV2::Api"] = { ApiEndpoint = true, ApiId = true },
  ["AWS::AppSync::GraphQLApi"] = { ApiId = true, Arn = true, GraphQLUrl = true },
  ["AWS::CloudFront::Distribution"] = { DomainName = true, Id = true },
  ["AWS::CloudWatch::Alarm"] = { Arn = true },
  ["AWS::Cognito::UserPool"] = { Arn = true, ProviderName = true, ProviderURL = true },
  ["AWS::DynamoDB::GlobalTable"] = { Arn = true, StreamArn = "StreamSpecification" },
  ["AWS::DynamoDB::Table"] = { Arn = true, StreamArn = "StreamSpecification" },
  ["AWS::EC2::SecurityGroup"] = { GroupId = true, VpcId = true },
  ["AWS::ECS::Cluster"] = { Arn = true },
  ["AWS::EFS::AccessPoint"] = { AccessPointId = true, Arn = true },
  ["AWS::EFS::FileSystem"] = { Arn = true, FileSystemId = true },
  ["AWS::Events::EventBus"] = { Arn = true, Name = true },
  ["AWS::Events::Rule"] = { Arn = true },
  ["AWS::IAM::Role"] = { Arn = true, RoleId = true },
  ["AWS::IAM::User"] = { Arn = true },
  ["AWS::KMS::Key"] = { Arn = true, KeyId = true },
  ["AWS::Kinesis::Stream"] = { Arn = true },
  ["AWS::KinesisFirehose::DeliveryStream"] = { Arn = true },
  ["AWS::Lambda::Function"] = { Arn = true },
  ["AWS::Lambda::Url"] = { FunctionArn = true, FunctionUrl = true },
  ["AWS::Lambda::Version"] = { Version = true },
  ["AWS::Logs::LogGroup"] = { Arn = true },
  ["AWS::RDS::DBCluster"] = { ["Endpoint.Address"] = true, ["Endpoint.Port"] = true },
  ["AWS::RDS::DBInstance"] = { ["Endpoint.Address"] = true, ["Endpoint.Port"] = true },
  ["AWS::S3::Bucket"] = {
    Arn = true,
    DomainName = true,
    DualStackDomainName = true,
    RegionalDomainName = true,
    WebsiteURL = true,
  },
  ["AWS::SNS::Topic"] = { TopicArn = true, TopicName = true },
  ["AWS::SQS::Queue"] = { Arn = true, QueueName = true, QueueUrl = true },
  ["AWS::Scheduler::Schedule"] = { Arn = true },
  ["AWS::SecretsManager::Secret"] = { Id = true },
  ["AWS::StepFunctions::StateMachine"] = { Arn = true, Name = true },
}
