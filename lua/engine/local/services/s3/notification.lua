--- A bucket's notifications: from CloudFormation's words for them to the document that S3 keeps.
local markup = require "engine.local.markup"

local notification = {}

-- CloudFormation's list, its name of the target; S3's element, its name of the target.
local KINDS <const> = {
  { "LambdaConfigurations", "Function", "CloudFunctionConfiguration", "CloudFunction" },
  { "QueueConfigurations", "Queue", "QueueConfiguration", "Queue" },
  { "TopicConfigurations", "Topic", "TopicConfiguration", "Topic" },
}

local function filter(said)
  local rules = {}
  for _, rule in ipairs(said and said.S3Key and said.S3Key.Rules or {}) do
    table.insert(rules, { Name = rule.Name, Value = rule.Value })
  end
  return #rules > 0 and { S3Key = { FilterRule = markup.flat(rules) } } or nil
end

--- The fields of S3's NotificationConfiguration.
---@param said table  the property NotificationConfiguration of AWS::S3::Bucket
---@return table
function notification.of(said)
  local document = {}
  for _, kind in ipairs(KINDS) do
    local items = {}
    for _, one in ipairs(said[kind[1]] or {}) do
      table.insert(items, {
        Event = one.Event, [kind[4]] = one[kind[2]], Filter = filter(one.Filter),
      })
    end
    document[kind[3]] = #items > 0 and markup.flat(items) or nil
  end
  if (said.EventBridgeConfiguration or {}).EventBridgeEnabled then
    document.EventBridgeConfiguration = ""
  end
  return document
end

return notification
