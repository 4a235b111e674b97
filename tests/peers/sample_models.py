"""sample_models.py LACONIC: our sample events against the models of aws-lambda-powertools."""
import json
import subprocess
import sys

from aws_lambda_powertools.utilities.parser import models
from aws_lambda_powertools.utilities.parser.models import cognito

MODELS = {
    "alb": models.AlbModel,
    "api-gateway-v1": models.APIGatewayProxyEventModel,
    "api-gateway-v2": models.APIGatewayProxyEventV2Model,
    "cloudwatch-logs": models.CloudWatchLogsModel,
    "dynamodb": models.DynamoDBStreamModel,
    "eventbridge": models.EventBridgeModel,
    "firehose": models.KinesisFirehoseModel,
    "kafka": models.KafkaMskEventModel,
    "kinesis": models.KinesisDataStreamModel,
    "s3": models.S3Model,
    "s3-eventbridge": models.S3EventNotificationEventBridgeModel,
    "scheduled": models.EventBridgeModel,
    "ses": models.SesModel,
    "sns": models.SnsModel,
    "sqs": models.SqsModel,
    "websocket": models.APIGatewayWebSocketMessageEventModel,
    "cognito": cognito.CognitoPreSignupTriggerModel,
}

for name, model in MODELS.items():
    text = subprocess.run(
        [sys.argv[1], "event", name], check=True, capture_output=True, text=True
    ).stdout
    model.model_validate(json.loads(text))
print(len(MODELS), "samples pass their models")
