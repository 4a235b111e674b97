--- A push to a branch.
local codecommit = {
  summary = "A push to a CodeCommit repository",
  options = { name = "shop", key = "main" },
}

function codecommit.make(options)
  return {
    Records = {
      {
        awsRegion = "us-east-1",
        codecommit = {
          references = {
            {
              commit = "5c4ef1049f1d27deadbeeff313e0730018be182b",
              ref = "refs/heads/" .. options.key,
              created = true,
            },
          },
        },
        customData = "from the trigger",
        eventId = "5a824061-17ca-46a9-bbf9-114edeadbeef",
        eventName = "ReferenceChanges",
        eventPartNumber = 1,
        eventSource = "aws:codecommit",
        eventSourceARN = "arn:aws:codecommit:us-east-1:123456789012:" .. options.name,
        eventTime = "2026-01-02T03:04:05.678+0000",
        eventTotalParts = 1,
        eventTriggerConfigId = "2d2e1b34-9a52-4a0c-8a6f-0f3a3b1c9d7e",
        eventTriggerName = "build",
        eventVersion = "1.0",
        userIdentityARN = "arn:aws:iam::123456789012:user/ada",
      },
    },
  }
end

return codecommit
