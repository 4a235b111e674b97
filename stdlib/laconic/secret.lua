--- What can be said of a secret: where it is kept, and nothing else. The word has no field for its
--- value, and its handle none that could stand in a template.
---@module "laconic.secret"
local check = require "engine.check"
local handle = require "laconic.handle"

local secret = {}

---@class laconic.SecretOptions
---@field name string         as `service:lambda { secrets = … }` and messages call it
---@field parameter? string   a parameter of SSM, by its name ("/shop/key") or its ARN; or
---@field secret? string      a secret of Secrets Manager, by its name ("shop/db") or its ARN
---@field json? string        the field that is meant, when the text is a JSON object

--- Where a secret is kept.
---@class laconic.SecretSource
---@field parameter? string
---@field secret? string
---@field json? string

local PARAMETER_ARN = "^arn:[%w-]+:ssm:[%w-]+:%d+:parameter/[%w._/-]+$"
local SECRET_ARN = "^arn:[%w-]+:secretsmanager:[%w-]+:%d+:secret:[%w/_+=.@-]+$"

local function test_parameter(name)
  local plain = name:match "^/?[%w._-]+$" or name:match "^/[%w._/-]+$"
  if not plain and not name:match(PARAMETER_ARN) then
    return ("'%s' is not a parameter such as '/shop/key'"):format(name)
  end
end

local function test_secret(name)
  if not name:match "^[%w/_+=.@-]+$" and not name:match(SECRET_ARN) then
    return ("'%s' is not a secret's name or ARN"):format(name)
  end
end

local FIELDS = {
  parameter = { type = "string", least = 1, most = 1011, test = test_parameter },
  secret = { type = "string", least = 1, most = 2048, test = test_secret },
  json = { type = "string", least = 1 },
}

local function test_name(name)
  if not name:match "^%a[%w_-]*$" then
    return "letters, digits, '-' and '_' expected, a letter first"
  end
end

local WORD = { name = { type = "string", required = true, least = 1, most = 64, test = test_name } }
for field, rule in pairs(FIELDS) do
  WORD[field] = rule
end

local sources = setmetatable({}, { __mode = "k" }) -- handle → where it is kept

local function check_source(word, options, rules)
  check.fields(word, options, rules)
  if (options.parameter == nil) == (options.secret == nil) then
    check.fail("E102", word .. ": one of 'parameter' and 'secret' is needed")
  end
end

local function source_in(options)
  return { parameter = options.parameter, secret = options.secret, json = options.json }
end

--- Checks what was said of a secret, and returns its handle.
---@param options laconic.SecretOptions
---@return laconic.Handle
function secret.new(options)
  check_source("secret", options, WORD)
  local made = handle.new("secret", options.name)
  sources[made] = source_in(options)
  return made
end

--- Where a secret is kept: of a handle, of { parameter | secret, json? }, of a parameter's name, or of
--- the ARN of either.
---@param word string  what was called, for its messages
---@param value any
---@return laconic.SecretSource
function secret.source(word, value)
  if sources[value] then
    return sources[value]
  elseif type(value) == "table" and not handle.kind(value) then
    check_source(word, value, FIELDS)
    return source_in(value)
  end
  check.type(word, value, "string")
  local field = value:match "^arn:[^:]*:secretsmanager:" and "secret" or "parameter"
  check.value(word, value, FIELDS[field])
  return { [field] = value }
end

--- The secrets that a function says it uses: handles → where they are kept.
---@param word string
---@param list laconic.Handle[]
---@return laconic.SecretSource[]
function secret.used(word, list)
  check.value(word, list, { each = { type = "table" } })
  local used = {}
  for i, item in ipairs(list) do
    if not sources[item] then
      check.fail("E103", ("%s[%d]: the handle of a secret expected"):format(word, i),
        "service:secret { … } returns one")
    end
    used[i] = sources[item]
  end
  return used
end

return secret
