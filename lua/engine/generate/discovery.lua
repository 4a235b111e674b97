--- What functions find out about their stack while they run, laconic.discovery's side of the template.
---
--- Names and ARNs are known to CloudFormation alone, and only while it makes the stack. A function gets
--- them in one variable of its environment as long as they surely fit; else the variable says what
--- there is, and the values stand in parameters of SSM, which the function may read. Every value goes
--- through Fn::Base64, so that what is in it cannot break the JSON around it. See ADR 0016.
local check = require "engine.check"
local default_attributes = require "engine.generate.attributes"
local failure = require "engine.failure"
local json = require "host.json"
local order = require "engine.order"
local references = require "engine.generate.references"

local discovery = {}

local VARIABLE = "LACONIC_DISCOVERY"
local ENVIRONMENT_BYTES = 4096 -- Lambda's, for all variables of a function
local VALUE_BYTES = 320 -- a name or ARN that CloudFormation will fill in is taken to be so long,
local ENCODED_BYTES = 428 -- and this long in base64
local MOST_VALUES = 8 -- in one parameter, which holds 4,096 characters

local function ref(id)
  return { Ref = id }
end

local function att(id, name)
  return { ["Fn::GetAtt"] = { id, name } }
end

local function join(parts)
  return { ["Fn::Join"] = { "", parts } }
end

-- Adds texts and intrinsics to the parts of a Join.
local function add(parts, ...)
  for _, part in ipairs { ... } do
    local last = parts[#parts]
    if type(part) == "string" and type(last) == "string" then
      parts[#parts] = last .. part
    else
      table.insert(parts, part)
    end
  end
end

local function quote(text)
  return assert(json.encode(text))
end

local function unknown_resource(fn, id, resources)
  local text = "function '%s' discovers an %s"
  failure.raise("invalid", text:format(fn.name, check.unknown("resource", id, resources)), {
    code = "E112",
    where = fn.where,
  })
end

-- The values that a resource gives: { name, value } each, Ref first.
local function values_of(id, resource, asked)
  local names = {}
  for name, needs in pairs(default_attributes[resource.Type] or {}) do
    if needs == true or resource.Properties and resource.Properties[needs] ~= nil then
      names[name] = true
    end
  end
  for _, name in ipairs(asked) do
    names[name] = true
  end
  local values = { { name = "ref", value = ref(id) } }
  for _, name in ipairs(order.keys(names)) do
    table.insert(values, { name = name, attribute = true, value = att(id, name) })
  end
  for _, item in ipairs(values) do
    item.value = { ["Fn::Base64"] = item.value }
  end
  return values
end

-- Adds a resource to those that are wanted, with the attributes that are asked for.
local function want(wanted, id, asked)
  wanted[id] = wanted[id] or {}
  table.move(asked, 1, #asked, #wanted[id] + 1, wanted[id])
end

-- What a function discovers: its resources by logical id, each with the attributes asked for.
local function wanted_by(fn, resources)
  local wanted = {}
  for _, id in ipairs(fn.properties.depends_on) do
    want(wanted, id, {})
  end
  for _, item in ipairs(fn.properties.discovers) do
    want(wanted, item.id, item.attributes)
  end
  for _, id in ipairs(order.keys(wanted)) do
    if not resources[id] then
      unknown_resource(fn, id, resources)
    end
  end
  return wanted
end

-- "ref":"…","attributes":{"Arn":"…"}
local function add_values(parts, values, condition)
  local comma, inside = "", false
  for _, item in ipairs(values) do
    local value = condition and { ["Fn::If"] = { condition, item.value, "" } } or item.value
    if item.attribute and not inside then
      comma, inside = "", true
      add(parts, values[1] ~= item and "," or "", '"attributes":{')
    end
    add(parts, comma, quote(item.name), ":\"", value, '"')
    comma = ","
  end
  add(parts, inside and "}" or "")
end

-- The whole document, for the environment; and how long it may become.
local function whole_document(wanted, resources)
  local parts, bytes, comma = {}, 0, ""
  add(parts, '{"stack":"', ref "AWS::StackId", '","resources":{')
  for _, id in ipairs(order.keys(wanted)) do
    local resource = resources[id]
    local values = values_of(id, resource, wanted[id])
    add(parts, comma, quote(id), ':{"type":', quote(resource.Type), ",")
    add_values(parts, values, resource.Condition)
    add(parts, "}")
    comma, bytes = ",", bytes + #values * ENCODED_BYTES
  end
  add(parts, "}}")
  for _, part in ipairs(parts) do
    bytes = bytes + (type(part) == "string" and #part or 0)
  end
  return join(parts), bytes + VALUE_BYTES
end

-- What the other variables may take.
local function environment_bytes(variables)
  local bytes = 0
  for name, value in pairs(variables) do
    bytes = bytes + #name + (type(value) == "string" and #value or VALUE_BYTES)
  end
  return bytes
end

local function variables_of(resource)
  local properties = resource.Properties
  properties.Environment = properties.Environment or {}
  properties.Environment.Variables = properties.Environment.Variables or {}
  return properties.Environment.Variables
end

-- ---- in parameters -------------------------------------------------------------------------------

local function parameter_name(id, place)
  return join { "/laconic/", ref "AWS::StackName", ("/%s/%s"):format(id, place) }
end

local function parameter_ids(id, count)
  local ids = {}
  for i = 1, count do
    ids[i] = id .. "Facts" .. (i > 1 and i or "")
  end
  return ids
end

local function add_parameters(template, model, id, asked, place)
  local resource = template.Resources[id]
  local values = values_of(id, resource, asked)
  local count = (#values + MOST_VALUES - 1) // MOST_VALUES
  for i, own in ipairs(parameter_ids(id, count)) do
    if template.Resources[own] then
      local text = "'%s' would be the parameter that tells of %s, and is there already: %s"
      failure.raise("invalid", text:format(own, id, model.where[own] or "a decorator's"), {
        code = "E106",
        where = place,
      })
    end
    local parts = { "{" }
    add_values(parts, table.move(values, (i - 1) * MOST_VALUES + 1, i * MOST_VALUES, 1, {}))
    add(parts, "}")
    model.where[own] = place
    template.Resources[own] = {
      Type = "AWS::SSM::Parameter",
      Condition = resource.Condition,
      Properties = { Name = parameter_name(id, i), Type = "String", Value = join(parts) },
    }
  end
  return count
end

-- Whether a resource that has a condition is in this stack: the names of its parameters, or nothing.
-- To speak of them makes the function wait for them, where DependsOn may not name what is not made. A
-- resource that comes after the function cannot be spoken of: that its parameters are missing says it.
local function add_condition(parts, resources, id, count, fn)
  local condition = resources[id].Condition
  if not condition then
    return
  elseif references.lead(resources, id, fn.id) then
    return add(parts, ',"conditional":true')
  end
  add(parts, ',"here":"')
  for _, own in ipairs(parameter_ids(id, count)) do
    add(parts, { ["Fn::If"] = { condition, ref(own), "" } })
  end
  add(parts, '"')
end

-- What a function is told when its values stand in parameters: which resources, and where.
local function index_document(fn, wanted, resources, counts)
  local parts, comma = {}, ""
  add(parts, '{"stack":"', ref "AWS::StackId", '","resources":{')
  for _, id in ipairs(order.keys(wanted)) do
    local type_name = quote(resources[id].Type)
    add(parts, ('%s%s:{"type":%s,"parameters":%d'):format(comma, quote(id), type_name, counts[id]))
    add_condition(parts, resources, id, counts[id], fn)
    add(parts, "}")
    comma = ","
  end
  add(parts, "}}")
  return join(parts)
end

local function allow(template, fn, wanted)
  local role = fn.role.id and template.Resources[fn.role.id]
  local policy = role and role.Properties.Policies and role.Properties.Policies[1]
  if not policy or not next(wanted) then
    return -- an existing role is its owner's to change
  end
  local arns = {}
  for _, id in ipairs(order.keys(wanted)) do
    table.insert(arns, {
      ["Fn::Sub"] = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/laconic/"
        .. "${AWS::StackName}/" .. id .. "/*",
    })
  end
  table.insert(policy.PolicyDocument.Statement, {
    Effect = "Allow",
    Action = { "ssm:GetParameters" },
    Resource = arns,
  })
end

-- The parameters come before the function, but for those of a resource that comes after it, and
-- those that may not be made.
local function wait_for(template, fn, wanted, counts)
  local resource = template.Resources[fn.id]
  local before = resource.DependsOn
  local list = type(before) == "table" and table.move(before, 1, #before, 1, {}) or { before }
  for _, id in ipairs(order.keys(wanted)) do
    local conditional = template.Resources[id].Condition ~= nil
    if not conditional and not references.lead(template.Resources, id, fn.id) then
      table.move(parameter_ids(id, counts[id]), 1, counts[id], #list + 1, list)
    end
  end
  resource.DependsOn = #list > 0 and list or nil
end

-- ---- both ----------------------------------------------------------------------------------------

local function comes_after(fn, wanted, resources)
  for id in pairs(wanted) do
    if references.lead(resources, id, fn.id) then
      return true
    end
  end
  return false
end

-- Puts the document into the environment when it surely fits, and when nothing in it needs the
-- function itself.
local function put_whole(template, fn, wanted)
  local variables = variables_of(template.Resources[fn.id])
  local document, bytes = whole_document(wanted, template.Resources)
  if bytes + #VARIABLE + environment_bytes(variables) > ENVIRONMENT_BYTES
    or comes_after(fn, wanted, template.Resources) then
    return false
  end
  variables[VARIABLE] = document
  return true
end

--- Adds to the template what each function that `discovers` needs. Decorators have run: what they
--- added can be discovered, too.
---@param template table
---@param model engine.Model
function discovery.add(template, model)
  local others, places, counts = {}, {}, {}
  local shared = {} -- a resource's parameters stand once, with all that any function asks for
  for _, fn in ipairs(model.functions) do
    if fn.properties.discovers and template.Resources[fn.id] then
      local wanted = wanted_by(fn, template.Resources)
      if not put_whole(template, fn, wanted) then
        table.insert(others, { fn = fn, wanted = wanted })
        for id, asked in pairs(wanted) do
          want(shared, id, asked)
          places[id] = places[id] or fn.where
        end
      end
    end
  end
  for _, id in ipairs(order.keys(shared)) do
    counts[id] = add_parameters(template, model, id, shared[id], places[id])
  end
  for _, other in ipairs(others) do
    local document = index_document(other.fn, other.wanted, template.Resources, counts)
    variables_of(template.Resources[other.fn.id])[VARIABLE] = document
    allow(template, other.fn, other.wanted)
    wait_for(template, other.fn, other.wanted, counts)
  end
end

return discovery
