--- A mail was received.
local ses = {
  summary = "A mail that SES received",
  options = { subject = "Where is my order?", name = "support@example.com" },
}

function ses.make(options)
  local sender, time = "ada@example.org", "2026-01-02T03:04:05.678Z"
  local pass = { status = "PASS" }
  return {
    Records = {
      {
        eventSource = "aws:ses",
        eventVersion = "1.0",
        ses = {
          mail = {
            timestamp = time,
            source = sender,
            messageId = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1",
            destination = { options.name },
            headersTruncated = false,
            headers = {
              { name = "From", value = ("Ada <%s>"):format(sender) },
              { name = "To", value = options.name },
              { name = "Subject", value = options.subject },
            },
            commonHeaders = {
              returnPath = sender,
              from = { ("Ada <%s>"):format(sender) },
              date = "Fri, 2 Jan 2026 03:04:05 +0000",
              to = { options.name },
              messageId = "<0123456789example.org>",
              subject = options.subject,
            },
          },
          receipt = {
            timestamp = time,
            processingTimeMillis = 574,
            recipients = { options.name },
            spamVerdict = pass,
            virusVerdict = pass,
            spfVerdict = pass,
            dkimVerdict = pass,
            dmarcVerdict = { status = "GRAY" },
            action = {
              type = "Lambda",
              functionArn = "arn:aws:lambda:us-east-1:123456789012:function:support",
              invocationType = "Event",
            },
          },
        },
      },
    },
  }
end

return ses
