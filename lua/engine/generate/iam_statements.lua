--- The statements of a function's role: what its privileges say, and what its own settings need.
--- A leaf: lists of IAM statements in, more of them out.
local iam_statements = {}

local function list_of(value)
  return type(value) == "table" and #value > 0 and value or { value }
end

--- What an author allowed or denied.
---@param statements table[]
---@param privileges table[]
function iam_statements.add_privileges(statements, privileges)
  for _, privilege in ipairs(privileges) do
    table.insert(statements, {
      Effect = privilege.effect or "Allow",
      Action = list_of(privilege.actions),
      Resource = privilege.resources or list_of(privilege.resource),
      Condition = privilege.condition,
    })
  end
end

local function allow(statements, actions, resource, condition)
  table.insert(statements, {
    Effect = "Allow",
    Action = actions,
    Resource = { resource },
    Condition = condition,
  })
end

local function add_logs(statements, fn)
  local group = fn.properties.log.group
  local arn
  if group then
    arn = {
      ["Fn::Sub"] = {
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Group}:*",
        { Group = group },
      },
    }
  else
    arn = { ["Fn::GetAtt"] = { fn.log_group_id, "Arn" } } -- ends in ":*"
  end
  allow(statements, { "logs:CreateLogStream", "logs:PutLogEvents" }, arn)
end

-- Both of them work on network interfaces that do not exist yet: no narrower resource can be named.
local VPC_ACTIONS = {
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
}

local XRAY_ACTIONS = { "xray:PutTelemetryRecords", "xray:PutTraceSegments" }

local FILE_SYSTEM_ACTIONS = { "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite" }

local DEAD_LETTER_ACTIONS = {
  sqs = { "sqs:SendMessage" },
  sns = { "sns:Publish" },
  ["AWS::SQS::Queue"] = { "sqs:SendMessage" },
  ["AWS::SNS::Topic"] = { "sns:Publish" },
}

local UNKNOWN_DEAD_LETTER = { "sns:Publish", "sqs:SendMessage" }

-- A literal ARN names its service; an intrinsic leads to a resource whose type may be known.
local function dead_letter_actions(target, types)
  local kind
  if type(target) == "string" then
    kind = target:match "^arn:[^:]*:(%l+):"
  else
    local attribute = target["Fn::GetAtt"]
    kind = types[target.Ref or attribute and attribute[1]]
  end
  return DEAD_LETTER_ACTIONS[kind] or UNKNOWN_DEAD_LETTER
end

-- "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key" of a parameter's name, or the ARN that was
-- said; and the same of a secret, whose ARN ends in six characters of AWS's choice.
local function secret_arn(source)
  local said = source.parameter or source.secret
  if said:find "^arn:" then
    local whole = source.parameter or said:find "%-%w%w%w%w%w%w$"
    return whole and said or said .. "-??????"
  elseif source.parameter then
    return "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/"
      .. said:gsub("^/", "")
  end
  return "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:" .. said
    .. "-??????"
end

local function sub(text)
  return text:find("${", 1, true) and { ["Fn::Sub"] = text } or text
end

-- Which key a secret is encrypted with is not said: any may decrypt, for this secret alone, and by
-- way of the service that keeps it.
local function allow_decryption(statements, source, arn)
  local service = source.parameter and "ssm" or "secretsmanager"
  local context = source.parameter and "PARAMETER_ARN" or "SecretARN"
  local region = arn:match "^arn:[^:]*:[^:]*:([%w-]+):" or "${AWS::Region}"
  allow(statements, { "kms:Decrypt" }, "*", {
    StringEquals = { ["kms:ViaService"] = sub(service .. "." .. region .. ".${AWS::URLSuffix}") },
    StringLike = { ["kms:EncryptionContext:" .. context] = sub(arn) },
  })
end

local function add_secrets(statements, secrets)
  local seen = {}
  for _, source in ipairs(secrets) do
    local arn = secret_arn(source)
    if not seen[arn] then
      seen[arn] = true
      local action = source.parameter and "ssm:GetParameter" or "secretsmanager:GetSecretValue"
      allow(statements, { action }, sub(arn))
      allow_decryption(statements, source, arn)
    end
  end
end

--- What a function's own settings need: its log group, its secrets; a VPC, X-Ray, a file system, a dead letter
--- queue or topic only where they are used.
---@param statements table[]
---@param fn engine.Function
---@param types table<string, string>  logical id → type, of the author's resources
function iam_statements.add_for_function(statements, fn, types)
  local properties = fn.properties
  add_logs(statements, fn)
  add_secrets(statements, properties.secrets or {})
  if properties.tracing then
    allow(statements, XRAY_ACTIONS, "*")
  end
  if properties.vpc then
    allow(statements, VPC_ACTIONS, "*")
  end
  if properties.file_system then
    -- The action is on the file system, which the access point's ARN does not name.
    allow(statements, FILE_SYSTEM_ACTIONS, "*", {
      StringEquals = { ["elasticfilesystem:AccessPointArn"] = properties.file_system.arn },
    })
  end
  if properties.dead_letter then
    local actions = dead_letter_actions(properties.dead_letter, types)
    allow(statements, actions, properties.dead_letter)
  end
end

return iam_statements
