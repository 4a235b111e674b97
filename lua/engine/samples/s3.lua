--- An object was put into a bucket.
local uri = require "host.uri"

local s3 = {
  summary = "An S3 notification: an object was put",
  options = { bucket = "photos", key = "in/summer 2026.jpg" },
}

function s3.make(options)
  return {
    Records = {
      {
        eventVersion = "2.1",
        eventSource = "aws:s3",
        awsRegion = "us-east-1",
        eventTime = "2026-01-02T03:04:05.678Z",
        eventName = "ObjectCreated:Put",
        userIdentity = { principalId = "AWS:AIDAJDPLRKLG7UEXAMPLE" },
        requestParameters = { sourceIPAddress = "192.0.2.7" },
        responseElements = {
          ["x-amz-request-id"] = "C3D13FE58DE4C810",
          ["x-amz-id-2"] = "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
        },
        s3 = {
          s3SchemaVersion = "1.0",
          configurationId = "828aa6fc-f7b5-4305-8584-487c791949c1",
          bucket = {
            name = options.bucket,
            ownerIdentity = { principalId = "A3I5XTEXAMAI3E" },
            arn = "arn:aws:s3:::" .. options.bucket,
          },
          object = {
            key = uri.encode(options.key, "/"):gsub("%%20", "+"),
            size = 1305107,
            eTag = "b21b84d653bb07b05b1e6b33684dc11b",
            versionId = "096fKKXTRTtl3on89fVO.nfljtsv6qko",
            sequencer = "0055AED6DCD90281E5",
          },
        },
      },
    },
  }
end

return s3
