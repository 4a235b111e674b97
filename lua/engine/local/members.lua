--- What an action takes: the members that must be there, and the kinds of those that may be, checked
--- before the action's handler runs and refused in the service's own words.
---
--- A service declares its actions' members as texts, `name[?][:kind]`, "?" for what may be absent:
---
---     members = {
---       CreateRole = "RoleName AssumeRolePolicyDocument Path? Tags?:tags",
---     }
---
--- The kinds: text (the default), texts, list (of structures), tags (a list of Key and Value),
--- structure, map (of texts), number. What is not declared is for the handler to judge.
local fault = require "engine.local.fault"
local json = require "host.json"

local members = {}

local NULL <const> = "Value null at '%s' failed to satisfy constraint: Member must not be null"
local KIND <const> = "Value at '%s' failed to satisfy constraint: Member must be %s"
local MISSING <const> = "%d validation error%s detected: %s"

-- The code by which each service refuses what does not fit.
local CODES <const> = {
  cloudformation = "ValidationError",
  dynamodb = "ValidationException",
  iam = "ValidationError",
  lambda = "ValidationException",
  logs = "InvalidParameterException",
  ssm = "ValidationException",
  sts = "ValidationError",
}

local function each_is(value, fits)
  for _, item in pairs(value) do
    if not fits(item) then
      return false
    end
  end
  return true
end

-- A number or a truth value stands for its text where a template gave it, or a form.
local function is_text(value)
  return type(value) == "string" or type(value) == "number" or type(value) == "boolean"
end

local function is_table(value)
  return type(value) == "table" and value ~= json.null
end

local function is_list(value)
  return is_table(value) and (next(value) == nil or #value > 0)
end

local function is_tag(value)
  return is_table(value) and type(value.Key) == "string"
    and (value.Value == nil or type(value.Value) == "string")
end

local KINDS <const> = {
  text = { "a text", is_text },
  number = { "a number", function(value)
    return math.type(tonumber(value)) ~= nil
  end },
  structure = { "a structure", is_table },
  map = { "a map of texts", function(value)
    return is_table(value) and each_is(value, is_text)
  end },
  list = { "a list of structures", function(value)
    return is_list(value) and each_is(value, is_table)
  end },
  texts = { "a list of texts", function(value)
    return is_list(value) and each_is(value, is_text)
  end },
  tags = { "a list of tags, each with a Key", function(value)
    return is_list(value) and each_is(value, is_tag)
  end },
}
local LISTS <const> = { list = true, tags = true, texts = true }

local parsed = {} -- declaration → its members

local function parse(text)
  local list = {}
  for name, optional, kind in text:gmatch "(%w+)(%??):?(%a*)" do
    kind = kind ~= "" and kind or "text"
    table.insert(list, { name = name, optional = optional == "?", kind = kind })
  end
  parsed[text] = list
  return list
end

-- "RoleName" → 'roleName', as the messages have it.
local function shown(name)
  return (name:gsub("^%u", string.lower))
end

local function complaint(member, params, is_form)
  local value = params[member.name]
  if value == "" and is_form and LISTS[member.kind] then
    params[member.name] = json.array {} -- how a form says "an empty list"
    return nil
  elseif value == nil or value == json.null then
    return not member.optional and NULL:format(shown(member.name)) or nil
  end
  local kind = KINDS[member.kind]
  return not kind[2](value) and KIND:format(shown(member.name), kind[1]) or nil
end

--- Refuses a request that lacks what its action needs, or has it in another kind.
---@param service table   with `members` and `protocol`
---@param name string     of the service: "iam"
---@param action string
---@param params table
function members.check(service, name, action, params)
  local text = service.members and service.members[action]
  local complaints = {}
  for _, member in ipairs(text and (parsed[text] or parse(text)) or {}) do
    table.insert(complaints, complaint(member, params, service.protocol == "query"))
  end
  if #complaints > 0 then
    fault.raise(CODES[name], MISSING:format(#complaints, #complaints > 1 and "s" or "",
      table.concat(complaints, "; ")))
  end
end

return members
