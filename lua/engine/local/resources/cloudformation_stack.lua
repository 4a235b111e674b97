--- AWS::CloudFormation::Stack: a stack of its own, made and waited for as a resource.
local fault = require "engine.local.fault"
local json = require "host.json"
local naming = require "engine.local.naming"
local operation = require "engine.local.services.cloudformation.operation"
local order = require "engine.order"
local parameters = require "engine.local.services.cloudformation.parameters"
local store = require "engine.local.services.cloudformation.store"

local nested = { replacement = {}, taggable = true, custom = true }

-- Who made the parent has acknowledged what its children do.
local CAPABILITIES <const> = {
  "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND",
}

local function call(job, action, params)
  return job.cloud:call("cloudformation", action, params, { region = job.region })
end

local function tags_of(job)
  local tags = {}
  for _, list in ipairs { job.tags, job.properties.Tags or {} } do
    for _, tag in ipairs(list) do
      if not tag.Key:find "^aws:" then
        table.insert(tags, tag)
      end
    end
  end
  return tags
end

local function params_of(job, name)
  local given = {}
  for _, key in ipairs(order.keys(job.properties.Parameters or {})) do
    table.insert(given, {
      ParameterKey = key, ParameterValue = parameters.text(job.properties.Parameters[key]),
    })
  end
  return {
    StackName = name,
    TemplateURL = job.properties.TemplateURL,
    TimeoutInMinutes = job.properties.TimeoutInMinutes,
    Parameters = given,
    Capabilities = CAPABILITIES,
    Tags = tags_of(job),
  }
end

local function settle(job, id)
  local stack = store.get(job.cloud, job.region, id)
  while stack.operation do
    operation.wait(stack)
  end
  return stack
end

local function expect(stack, status, what)
  if stack.status ~= status then
    fault.raise("ValidationError", ("Embedded stack %s was not successfully %s: %s"):format(
      stack.id, what, stack.status_reason or stack.status))
  end
end

local function attributes(stack)
  local found = json.object {}
  for _, output in ipairs(stack.outputs) do
    found["Outputs." .. output.key] = output.value
  end
  return found
end

function nested.create(job)
  local name = naming.physical(job, 128)
  local stack = job.resumed and store.find(job.cloud, job.region, name)
  if not stack then
    local made = call(job, "CreateStack", params_of(job, name))
    stack = store.get(job.cloud, job.region, made.StackId)
    stack.parent_id, stack.root_id = job.stack.id, job.stack.id
  end
  stack = settle(job, stack.id)
  if stack.status ~= "CREATE_COMPLETE" then
    call(job, "DeleteStack", { StackName = stack.id })
  end
  expect(stack, "CREATE_COMPLETE", "created")
  return stack.id, attributes(stack)
end

function nested.update(job)
  local ok, problem = pcall(call, job, "UpdateStack", params_of(job, job.physical_id))
  local unchanged = fault.is(problem) and problem.message == "No updates are to be performed."
  if not ok and not unchanged then
    error(problem, 0)
  end
  local stack = settle(job, job.physical_id)
  if ok then
    expect(stack, "UPDATE_COMPLETE", "updated")
  end
  return stack.id, attributes(stack)
end

function nested.delete(job)
  local stack = store.find(job.cloud, job.region, job.physical_id)
  if not stack or store.is_deleted(stack) then
    return
  end
  call(job, "DeleteStack", { StackName = stack.id })
  expect(settle(job, stack.id), "DELETE_COMPLETE", "deleted")
end

return nested
