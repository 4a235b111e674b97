--- Messages inside messages: what S3 told SNS, which told SQS, as the value that was meant.
---@module "laconic.event.message"
local json = require "host.json"

local message = {}

local MOST_WRAPS = 8

-- https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
local function is_notification(value)
  return type(value) == "table"
    and value.Type == "Notification"
    and type(value.TopicArn) == "string"
    and type(value.Message) == "string"
end

--- Takes JSON and the envelopes of SNS off a text, for as long as there are any. A text that is no JSON
--- object or list comes back as it is.
---@param text string
---@return any value
function message.unwrap(text)
  for _ = 1, MOST_WRAPS do
    local value = json.decode(text)
    if type(value) ~= "table" then
      return text
    elseif not is_notification(value) then
      return value
    end
    text = value.Message
  end
  return text
end

return message
