--- Stage 4: model → template. Roles, log groups, functions, the author's own parts, what constructs
--- become, then decorators; last, what functions discover of all that. When hooks have changed it, it
--- is settled.
local constructs = require "engine.constructs"
local decorators = require "engine.generate.decorators"
local discovery = require "engine.generate.discovery"

local generate = {}

local BUCKET_PARAMETER = "ArtifactBucket"

local function ref(id)
  return { Ref = id }
end

local function arn_of(id)
  return { ["Fn::GetAtt"] = { id, "Arn" } }
end

local function join(...)
  return { ["Fn::Join"] = { "", { ... } } }
end

-- In the order of keys, so that the text never depends on chance.
local function tag_list(tags)
  local list = {}
  for key, value in pairs(tags) do
    table.insert(list, { Key = key, Value = value })
  end
  table.sort(list, function(a, b)
    return a.Key < b.Key
  end)
  return list
end

-- A table of its own for each role: a decorator that changes one changes no other.
local function trust_of_lambda()
  local service = { Service = "lambda.amazonaws.com" }
  return {
    Version = "2012-10-17",
    Statement = { { Effect = "Allow", Principal = service, Action = "sts:AssumeRole" } },
  }
end

local function role_resource(role)
  return {
    Type = "AWS::IAM::Role",
    Properties = {
      AssumeRolePolicyDocument = trust_of_lambda(),
      Description = role.description,
      ManagedPolicyArns = role.managed_policies,
      MaxSessionDuration = role.max_session,
      Path = role.path,
      PermissionsBoundary = role.permissions_boundary,
      Policies = {
        {
          PolicyName = "privileges",
          PolicyDocument = { Version = "2012-10-17", Statement = role.statements },
        },
      },
    },
  }
end

local function log_group_resource(fn)
  return {
    Type = "AWS::Logs::LogGroup",
    DeletionPolicy = "Delete",
    UpdateReplacePolicy = "Delete",
    Properties = {
      LogGroupName = join("/aws/lambda/", ref "AWS::StackName", "_" .. fn.name),
      RetentionInDays = fn.properties.log.retention,
    },
  }
end

local function logging_config(fn)
  local log = fn.properties.log
  return {
    LogGroup = log.group or ref(fn.log_group_id),
    LogFormat = log.format == "json" and "JSON" or "Text",
    ApplicationLogLevel = log.level and log.level:upper(),
    SystemLogLevel = log.system_level and log.system_level:upper(),
  }
end

local function role_value(fn, build)
  local role = fn.role
  if role.id then
    return arn_of(role.id)
  elseif role.arn then
    return role.arn
  end
  -- The same text with and without a network, unless the role has a path, which only AWS knows.
  local verified = build.role_arns and build.role_arns[role.name]
  local usual = verified and verified:match "^arn:[^:]+:iam::%d+:role/(.*)$" == role.name
  return verified and not usual and verified
    or join("arn:", ref "AWS::Partition", ":iam::", ref "AWS::AccountId", ":role/" .. role.name)
end

local TRACING = { active = "Active", pass_through = "PassThrough" }

local function function_properties(fn, build)
  local said = fn.properties
  return {
    Architectures = { said.architecture },
    Code = { S3Bucket = ref(BUCKET_PARAMETER), S3Key = build.code.key },
    DeadLetterConfig = said.dead_letter and { TargetArn = said.dead_letter },
    Description = said.description,
    Environment = next(said.environment) and { Variables = said.environment } or nil,
    EphemeralStorage = said.ephemeral_storage and { Size = said.ephemeral_storage },
    FileSystemConfigs = said.file_system
      and { { Arn = said.file_system.arn, LocalMountPath = said.file_system.path } },
    FunctionName = join(ref "AWS::StackName", "_" .. fn.name),
    Handler = fn.name,
    KmsKeyArn = said.kms_key,
    Layers = said.layers,
    LoggingConfig = logging_config(fn),
    MemorySize = said.memory,
    ReservedConcurrentExecutions = said.reserved_concurrency,
    Role = role_value(fn, build),
    Runtime = "provided.al2023",
    Tags = said.tags and tag_list(said.tags),
    Timeout = said.timeout,
    TracingConfig = said.tracing and { Mode = TRACING[said.tracing] },
    VpcConfig = said.vpc
      and { SubnetIds = said.vpc.subnets, SecurityGroupIds = said.vpc.security_groups },
  }
end

local function depends_on(ids)
  return ids and #ids > 0 and ids or nil
end

local function add_function(template, fn, build)
  if not fn.properties.log.group then
    template.Resources[fn.log_group_id] = log_group_resource(fn)
  end
  template.Resources[fn.id] = {
    Type = "AWS::Lambda::Function",
    DependsOn = depends_on(fn.properties.depends_on),
    Properties = function_properties(fn, build),
  }
end

local function add_resource(template, words)
  template.Resources[words.name] = {
    Type = words.type,
    Condition = words.condition,
    CreationPolicy = words.creation_policy,
    DeletionPolicy = words.deletion_policy,
    DependsOn = depends_on(words.depends_on),
    Metadata = words.metadata,
    Properties = next(words.properties) ~= nil and words.properties or nil,
    UpdatePolicy = words.update_policy,
    UpdateReplacePolicy = words.update_replace_policy,
  }
end

local function add_parameter(template, words)
  template.Parameters[words.name] = {
    Type = words.type,
    AllowedPattern = words.allowed_pattern,
    AllowedValues = words.allowed_values,
    ConstraintDescription = words.constraint_description,
    Default = words.default,
    Description = words.description,
    MaxLength = words.max_length,
    MaxValue = words.max_value,
    MinLength = words.min_length,
    MinValue = words.min_value,
    NoEcho = words.no_echo,
  }
end

local function add_output(template, words)
  template.Outputs[words.name] = {
    Condition = words.condition,
    Description = words.description,
    Export = words.export and { Name = words.export },
    Value = words.value,
  }
end

local function new_template(model)
  return {
    AWSTemplateFormatVersion = "2010-09-09",
    Description = model.description ~= "" and model.description or nil,
    Parameters = {
      [BUCKET_PARAMETER] = { Type = "String", Description = "Where the service's code is" },
    },
    Mappings = {},
    Conditions = {},
    Resources = {},
    Outputs = {},
  }
end

local function add_model(template, model, build)
  local service = model.service
  for _, words in ipairs(service.parameters) do
    add_parameter(template, words)
  end
  for _, words in ipairs(service.mappings) do
    template.Mappings[words.name] = words.value
  end
  for _, words in ipairs(service.conditions) do
    template.Conditions[words.name] = words.value
  end
  for _, role in ipairs(model.roles) do
    template.Resources[role.id] = role_resource(role)
  end
  for _, fn in ipairs(model.functions) do
    add_function(template, fn, build)
  end
  for _, words in ipairs(model.resources) do
    add_resource(template, words)
  end
  for _, words in ipairs(service.outputs) do
    add_output(template, words)
    model.where["Outputs." .. words.name] = words.where
  end
end

--- Makes the template; it stands in `build.template` from the beginning, so that decorators can
--- reach and change what was made before them.
---@param model engine.Model
---@param build engine.Build  with `code.key`, from archive
---@return table template
function generate.build(model, build)
  local template = new_template(model)
  build.template = template
  add_model(template, model, build)
  constructs.expand(template, model, build)
  decorators.run(model, build)
  discovery.add(template, model)
  return template
end

--- Ends what follows from the whole template, once nobody changes it any more: ids that are hashes,
--- descriptions that stand elsewhere.
---@param model engine.Model
---@param build engine.Build  with `template`, as hooks have left it
function generate.settle(model, build)
  if type(build.template.Resources) == "table" then -- else marshal says so
    constructs.settle(build.template, model, build)
  end
end

return generate
