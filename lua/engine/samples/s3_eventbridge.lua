--- The same as EventBridge says it.
local s3_eventbridge = {
  summary = "S3 by way of EventBridge: an object was created",
  options = { bucket = "photos", key = "in/summer 2026.jpg" },
}

function s3_eventbridge.make(options)
  return {
    version = "0",
    id = "17793124-05d4-b198-2fde-7ededc63b103",
    ["detail-type"] = "Object Created",
    source = "aws.s3",
    account = "123456789012",
    time = "2026-01-02T03:04:05Z",
    region = "us-east-1",
    resources = { "arn:aws:s3:::" .. options.bucket },
    detail = {
      version = "0",
      bucket = { name = options.bucket },
      object = {
        key = options.key,
        size = 1305107,
        etag = "b21b84d653bb07b05b1e6b33684dc11b",
        ["version-id"] = "096fKKXTRTtl3on89fVO.nfljtsv6qko",
        sequencer = "0055AED6DCD90281E5",
      },
      ["request-id"] = "C3D13FE58DE4C810",
      requester = "123456789012",
      ["source-ip-address"] = "192.0.2.7",
      reason = "PutObject",
    },
  }
end

return s3_eventbridge
