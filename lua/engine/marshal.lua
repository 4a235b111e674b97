--- Stage 5: template → text, written to disk; then what CloudFormation would refuse is raised, each
--- problem at the line that caused it. The text is written first: it can be looked at.
local failure = require "engine.failure"
local file = require "host.file"
local json = require "host.json"
local template_text = require "host.template"

local marshal = {}

local ROLE_POLICY_BYTES = 10240

local CODES = { reference = "E301", limit = "E302", cycle = "E303", shape = "E304" }

-- The author's line for a path such as "Resources.Visits.Properties.Name".
local function place_of(model, path, resource)
  local section, name = path:match "^(%w+)%.([^.%[]+)"
  if section == "Outputs" then
    return model.where["Outputs." .. name]
  end
  return model.where[resource or name]
end

-- The bytes that a value takes as JSON without white space; escapes aside, which names and ARNs do
-- not have.
local function json_bytes(value)
  if type(value) == "string" then
    return #value + 2
  elseif type(value) ~= "table" then
    return #tostring(value)
  end
  local total, count = 2, 0
  for key, item in pairs(value) do
    total = total + json_bytes(item) + (type(key) == "string" and #key + 3 or 0)
    count = count + 1
  end
  return total + math.max(0, count - 1)
end

-- Policies this short are not measured: they would need names of 500 bytes each.
local FEW_NAMES = 20

local function count_names(document)
  local count = 0
  for _, statement in ipairs(document.Statement or {}) do
    local names = { statement.Action or statement.NotAction, statement.Resource }
    for _, list in pairs(names) do
      count = count + (type(list) == "table" and math.max(1, #list) or 1)
    end
    count = count + (statement.Condition and FEW_NAMES or 0)
  end
  return count
end

local function bytes_of_policies(resource)
  local total = 0
  for _, policy in ipairs(resource.Properties.Policies or {}) do
    local document = policy.PolicyDocument
    if type(document) == "table" and count_names(document) > FEW_NAMES then
      total = total + json_bytes(document)
    end
  end
  return total
end

-- IAM counts a role's inline policies together. What intrinsics become is not known yet: this is
-- the template's own measure of them.
local function add_role_problems(template, problems)
  local resources = type(template.Resources) == "table" and template.Resources or {}
  for id, resource in pairs(resources) do
    if type(resource) == "table" and resource.Type == "AWS::IAM::Role" and resource.Properties then
      local bytes = bytes_of_policies(resource)
      if bytes > ROLE_POLICY_BYTES then
        table.insert(problems, {
          kind = "limit",
          path = ("Resources.%s.Properties.Policies"):format(id),
          message = ("%d bytes of policies, and a role takes %d"):format(bytes, ROLE_POLICY_BYTES),
          resource = id,
        })
      end
    end
  end
end

local function raise_problems(problems, model)
  local lines = {}
  for _, problem in ipairs(problems) do
    problem.where = place_of(model, problem.path, problem.resource)
    local where = problem.where and problem.where .. ": " or ""
    table.insert(lines, ("%s%s: %s"):format(where, problem.path, problem.message))
  end
  local first = problems[1]
  if #problems == 1 then
    failure.raise("invalid", ("%s: %s"):format(first.path, first.message), {
      code = CODES[first.kind],
      where = first.where,
      problems = problems,
    })
  end
  local count = ("the template has %d problems"):format(#problems)
  failure.raise("invalid", count .. "\n  " .. table.concat(lines, "\n  "), {
    code = CODES[first.kind],
    problems = problems,
  })
end

-- An empty section is left out of the text, Resources excepted; the table keeps it, for hooks.
local function without_empty(template)
  local result = {}
  for section, value in pairs(template) do
    if type(value) ~= "table" or next(value) ~= nil then
      result[section] = value
    end
  end
  result.Resources = result.Resources or json.object {}
  return result
end

local function write(text, build)
  assert(file.make_folder(build.output_dir))
  assert(file.write(build.output_dir .. "/template.json", text))
end

--- Marshals the template and writes it to `<output_dir>/template.json`.
---@param template table
---@param model engine.Model
---@param build engine.Build
---@return string text
function marshal.write(template, model, build)
  local whole = without_empty(template)
  local text, problems = template_text.render(whole)
  if not text then
    local message = problems.message
    failure.raise("invalid", message, { code = "E306", where = place_of(model, message) })
  end
  write(text, build)
  add_role_problems(whole, problems)
  if #problems > 0 then
    table.sort(problems, function(a, b)
      return a.path < b.path or a.path == b.path and a.message < b.message
    end)
    raise_problems(problems, model)
  end
  return text
end

return marshal
