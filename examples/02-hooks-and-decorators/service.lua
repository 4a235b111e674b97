-- Every point at which a service can step into its own provisioning.
local alarm = require "alarm"
local laconic = require "laconic"

local service = laconic.service { name = "visits", description = "Counts visits" }

-- The table itself is added by the service decorator below: its name is enough to speak of it.
local visits = service:resource "Visits"

local function read_file(name)
  local file <close> = assert(io.open(name))
  return file:read "a"
end

service:lambda {
  name = "visit",
  environment = { TABLE = visits.ref },
  privileges = { { actions = "dynamodb:UpdateItem", resource = visits.arn } },
  decorators = { alarm },
  handler = function(event)
    local motto = read_file(os.getenv("LAMBDA_TASK_ROOT") .. "/motto.txt")
    return { page = event.page, table = os.getenv "TABLE", motto = motto }
  end,
}

-- Decorators get a fresh template and add to it; `build.template` is what is there so far.
service:decorate(function(template, build)
  template.Resources.Visits = {
    Type = "AWS::DynamoDB::Table",
    DeletionPolicy = "Delete",
    UpdateReplacePolicy = "Delete",
    Properties = {
      BillingMode = "PAY_PER_REQUEST",
      AttributeDefinitions = { { AttributeName = "page", AttributeType = "S" } },
      KeySchema = { { AttributeName = "page", KeyType = "HASH" } },
    },
  }
  template.Outputs.Table = { Value = visits.ref, Description = "Where visits are kept" }
  build.template.Resources.VisitLogs.Properties.RetentionInDays = 7
end)

-- Hooks run in the order of the workflow; this list is in that order.
local function tell(...)
  io.stderr:write("  ", string.format(...), "\n")
end

local function count(t)
  local n = 0
  for _ in pairs(t) do
    n = n + 1
  end
  return n
end

service:hook("pre_build", function(build)
  build.values.motto = "Veni, vidi, visitavi.\n" -- carried from hook to hook
  tell("pre_build: %s", build.service_name)
end)

service:hook("post_build", function(build)
  tell("post_build: %d files will travel", #build.files)
end)

service:hook("archive", function(build, archive)
  archive:add { name = "motto.txt", data = build.values.motto }
  tell "archive: motto.txt added"
end)

service:hook("pre_marshal", function(build)
  tell("pre_marshal: the code is %s", build.code and "packed" or "missing")
end)

service:hook("post_marshal", function(build)
  tell("post_marshal: %d resources", count(build.template.Resources))
end)

-- Validators look at a copy. What they raise refuses the service before anything is sent.
service:hook("validate", function(_, template)
  for name, resource in pairs(template.Resources) do
    if resource.Type == "AWS::DynamoDB::Table" and not resource.DeletionPolicy then
      error(("the table %s needs a DeletionPolicy"):format(name))
    end
  end
  tell "validate: every table says what becomes of it"
end)

service:hook("rollback", function(_, err)
  tell("rollback: %s", tostring(err))
end)

return service
