--- A notification of a topic.
local sns = {
  summary = "A notification of an SNS topic",
  options = { body = "The order was shipped.", name = "shipping", subject = "Order 1" },
}

function sns.make(options)
  local topic = "arn:aws:sns:us-east-1:123456789012:" .. options.name
  return {
    Records = {
      {
        EventSource = "aws:sns",
        EventVersion = "1.0",
        EventSubscriptionArn = topic .. ":2bcfbf39-05c3-41de-beaa-fcfcc21c8f55",
        Sns = {
          Type = "Notification",
          MessageId = "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
          TopicArn = topic,
          Subject = options.subject,
          Message = options.body,
          Timestamp = "2026-01-02T03:04:05.678Z",
          SignatureVersion = "1",
          Signature = "c2lnbmF0dXJl",
          SigningCertUrl = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
          UnsubscribeUrl = "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
          MessageAttributes = {
            carrier = { Type = "String", Value = "pigeon" },
            label = { Type = "Binary", Value = "AP8=" },
          },
        },
      },
    },
  }
end

return sns
