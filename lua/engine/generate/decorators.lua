--- Runs decorators. Each writes into a fresh template, and nothing can be overwritten in silence: a
--- name that is there already is an error that names both places.
local callback = require "engine.callback"
local failure = require "engine.failure"
local order = require "engine.order"

local decorators = {}

-- The sections that a decorator may add to, and what one of their entries is called.
local SECTIONS = {
  Conditions = "condition",
  Mappings = "mapping",
  Metadata = "metadata",
  Outputs = "output",
  Parameters = "parameter",
  Resources = "resource",
  Rules = "rule",
}

local function place_of(model, section, name)
  local key = section == "Outputs" and "Outputs." .. name or name
  return model.where[key], key
end

local function collide(section, name, other, where)
  local text = "the decorator adds the %s '%s', which is there already%s"
  local first = other and ": " .. other or ""
  failure.raise("invalid", text:format(SECTIONS[section], name, first), {
    code = "E305",
    where = where,
    hint = "choose another name; to change what is there, change build.template",
  })
end

local function merge_section(template, section, added, model, where)
  for _, name in ipairs(order.keys(added)) do
    local other, key = place_of(model, section, name)
    template[section] = template[section] or {}
    if template[section][name] ~= nil then
      collide(section, name, other, where)
    end
    template[section][name] = added[name]
    model.where[key] = where
  end
end

local function merge(template, fresh, model, where)
  for _, section in ipairs(order.keys(fresh)) do
    if not SECTIONS[section] then
      local unknown = require("engine.check").unknown("section", section, SECTIONS)
      failure.raise("invalid", "the decorator adds to an " .. unknown .. " of the template", {
        code = "E304",
        where = where,
      })
    end
    if type(fresh[section]) ~= "table" then
      failure.raise("invalid", ("the decorator made a %s of the section '%s'"):format(
        type(fresh[section]), section), { code = "E304", where = where })
    end
    merge_section(template, section, fresh[section], model, where)
  end
end

local function new_fresh()
  local fresh = {}
  for section in pairs(SECTIONS) do
    fresh[section] = {}
  end
  return fresh
end

-- What a function's decorator is told of it. `resource` may be changed.
local function lambda_of(fn, template)
  return {
    name = fn.name,
    id = fn.id,
    ref = { Ref = fn.id },
    arn = { ["Fn::GetAtt"] = { fn.id, "Arn" } },
    log_group_id = not fn.properties.log.group and fn.log_group_id or nil,
    role_id = fn.role.id,
    resource = template.Resources[fn.id],
  }
end

--- Runs the functions' decorators in the order of the file, then the service's, into `build.template`.
---@param model engine.Model
---@param build engine.Build
function decorators.run(model, build)
  local template = build.template
  for _, fn in ipairs(model.functions) do
    for _, decorator in ipairs(fn.decorators) do
      local fresh = new_fresh()
      local what = ("a decorator of the function '%s'"):format(fn.name)
      callback.call(what, "invalid", decorator, fresh, lambda_of(fn, template), build)
      merge(template, fresh, model, decorator.where)
    end
  end
  for _, decorator in ipairs(model.service.decorators) do
    local fresh = new_fresh()
    callback.call("the decorator", "invalid", decorator, fresh, build)
    merge(template, fresh, model, decorator.where)
  end
end

return decorators
