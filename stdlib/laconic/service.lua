--- A service: what its author says about it, word by word. Nothing happens here; the engine reads it.
---
---     local service = laconic.service { name = "orders", description = "Takes orders" }
---     local queue = service:resource { name = "Queue", type = "AWS::SQS::Queue" }
---     service:lambda {
---       name = "take",
---       environment = { QUEUE = queue.ref },
---       privileges = { { actions = "sqs:SendMessage", resource = queue.arn } },
---       handler = take,
---     }
---     return service
---
--- What becomes several resources has a file of its own, laconic.constructs.NAME, and is a word of the
--- service by that name: `service:http_api`, `rest_api`, `websocket_api`, `api`, `alb_target`, `site`.
---@module "laconic.service"
local check = require "engine.check"
local handle = require "laconic.handle"
local lambda = require "laconic.lambda"
local logical_id = require "laconic.logical_id"

local service = {}

---@class laconic.ServiceOptions
---@field name string          also the stack's: letters, digits and '-', a letter first
---@field description? string
---@field tags? table<string, string>  on the stack and all that it makes
---@field bytecode? boolean|"stripped"  its Lua files travel compiled; "stripped": without the names and
---                                    lines that errors tell

---@class laconic.Service: engine.Service
local methods = {} -- service:…

local metatable = { __name = "laconic.service" }

local CONSTRUCTS <const> = "laconic.constructs"

-- What stands in the service that `laconic.service` returns; `path` and `modules` come from the
-- engine when it has loaded the file.
local FIELDS = {
  name = true,
  description = true,
  tags = true,
  bytecode = true,
  functions = true,
  resources = true,
  parameters = true,
  outputs = true,
  conditions = true,
  mappings = true,
  secrets = true,
  hooks = true,
  decorators = true,
  interceptors = true,
  shutdowns = true,
  commands = true,
  flags = true,
  includes = true,
  constructs = true,
  announced = true,
  where = true,
  path = true,
  modules = true,
}

-- `service.lambda { … }` would take the options for the service.
local function with_colon(word, method)
  return function(self, ...)
    if getmetatable(self) ~= metatable then
      check.fail("E103", ("%s: a colon is missing: say service:%s"):format(word, word))
    end
    return method(self, ...)
  end
end

local function all_words(folder)
  local words = {}
  for word in pairs(methods) do
    words[word] = true
  end
  for _, word in ipairs(folder.names(CONSTRUCTS)) do
    words[word] = true
  end
  return words
end

-- Words that become several resources have files of their own, loaded when they are first said.
function metatable.__index(_, name)
  if methods[name] or FIELDS[name] then
    return methods[name]
  end
  local folder = require "engine.folder"
  local construct = type(name) == "string" and folder.find(CONSTRUCTS, name)
  if not construct then
    local words = all_words(folder)
    check.fail("E101", "service: " .. check.unknown("word", name, words), check.known(name, words))
  end
  methods[name] = with_colon(name, construct)
  return methods[name]
end

function metatable:__tostring()
  return ("service %s"):format(self.name)
end

local function test_name(name)
  if not name:match "^%a[%w-]*$" then
    return ("'%s' cannot name a stack: letters, digits and '-' expected, a letter first")
      :format(name)
  end
end

local OPTIONS = {
  name = { type = "string", required = true, least = 1, most = 128, test = test_name },
  description = { type = "string", most = 1024 },
  tags = { type = "table" },
  bytecode = { one_of = { true, false, "stripped" } },
}

local HOOKS = {
  pre_build = true,
  post_build = true,
  archive = true,
  pre_marshal = true,
  post_marshal = true,
  validate = true,
  rollback = true,
}

local HANDLES = {
  functions = "lambda",
  resources = "resource",
  parameters = "parameter",
  conditions = "condition",
  mappings = "mapping",
}

-- Names of what was said so far, by list: service → list → name → where; the functions by the stem of
-- their logical ids; the types of custom resources by their handles. Kept apart, so that the service
-- itself is plain data.
local said = setmetatable({}, { __mode = "k" })

local function author_line()
  return check.where() or "?"
end

local function check_free(self, list, word, name)
  local taken = (said[self][list] or {})[name]
  if taken then
    check.fail("E106", ("%s: the name '%s' is taken: %s"):format(word, name, taken))
  end
end

-- Adds an entry to one of the lists, once for each name; notes its author's line.
local function add(self, list, word, entry)
  local where = author_line()
  check_free(self, list, word, entry.name)
  said[self][list] = said[self][list] or {}
  said[self][list][entry.name] = where
  entry.where = where
  table.insert(self[list], entry)
  return entry
end

--- Adds what one of laconic/constructs said, and returns its handle. `entry.name` is its name among
--- all constructs, `entry.stem` begins its logical ids.
---@param self laconic.Service
---@param kind string   the word, and the file of engine/constructs that makes resources of it
---@param entry table
---@return laconic.Handle
function service.add_construct(self, kind, entry)
  entry.kind = kind
  entry.stem = logical_id.stem(entry.name)
  add(self, "constructs", kind, entry)
  return handle.new(kind, entry.name, entry.stem, entry)
end

local function new_handle(list, name)
  local id = list == "functions" and logical_id.stem(name) .. "Function" or name
  return handle.new(HANDLES[list], name, id)
end

-- A name alone stands for what is said elsewhere in the file: its handle, before it is there.
local function announce(self, list, word, name)
  local where = author_line()
  table.insert(self.announced, { list = list, word = word, name = name, where = where })
  return new_handle(list, name)
end

--- Begins a service.
---@param options laconic.ServiceOptions
---@return laconic.Service
function service.new(options)
  check.fields("service", options, OPTIONS)
  if options.tags then
    require("laconic.tags").check("service.tags", options.tags)
  end
  local self = setmetatable({
    name = options.name,
    description = options.description or "",
    tags = options.tags or {},
    bytecode = options.bytecode or nil,
    functions = {},
    resources = {},
    parameters = {},
    outputs = {},
    conditions = {},
    mappings = {},
    secrets = {},
    hooks = {},
    decorators = {},
    interceptors = {},
    shutdowns = {},
    commands = {},
    flags = {},
    includes = {},
    constructs = {},
    announced = {},
    where = author_line(),
  }, metatable)
  said[self] = { stems = {}, kinds = {} }
  return self
end

-- "send-mail" and "send_mail" are two names, and one logical id.
local function check_stem(self, entry)
  local stems = said[self].stems
  local other = stems[entry.stem]
  if other and other.name ~= entry.name then
    local text = "lambda: '%s' and '%s' would both be %sFunction in the template: %s"
    check.fail("E106", text:format(entry.name, other.name, entry.stem, other.where),
      "rename one of them")
  end
  stems[entry.stem] = entry
end

local function callbacks(functions, where)
  local list = {}
  for _, fn in ipairs(functions or {}) do
    table.insert(list, { run = fn, where = where })
  end
  return list
end

-- A function's own URL is a construct, named after the function.
local function add_url(self, fn, made)
  local url = fn.url
  url.kind, url.name, url.stem, url.lambda = "function_url", fn.name .. ".url", fn.stem, made
  add(self, "constructs", "lambda", url)
end

-- `requests` are the functions behind the handler of a custom resource.
local function add_function(self, word, options, requests)
  lambda.check(options)
  local length = #self.name + 1 + #options.name
  if length > 64 then
    local text = "%s.name: '%s_%s' has %d characters, and Lambda takes 64"
    check.fail("E105", text:format(word, self.name, options.name, length))
  end
  local entry = {}
  for name, value in pairs(options) do
    entry[name] = value
  end
  entry.depends_on = options.depends_on and handle.ids("lambda.depends_on", options.depends_on)
  entry.secrets = options.secrets
    and require("laconic.secret").used("lambda.secrets", options.secrets)
  entry.url = options.url and require("laconic.function_url").read(options.url) or nil
  entry.discovers = options.discovers and require("laconic.discovers").read(options.discovers)
  entry.stem = logical_id.stem(options.name)
  check_stem(self, entry)
  entry.requests = requests
  add(self, "functions", word, entry)
  entry.decorators = callbacks(options.decorators, entry.where)
  local made = new_handle("functions", options.name)
  if entry.url then
    add_url(self, entry, made)
  end
  return made
end

--- Adds a function, and returns its handle. With a name alone it returns the handle of a function
--- that is said elsewhere in the file.
---@param options laconic.LambdaOptions|string
---@return laconic.Handle
function methods:lambda(options)
  if type(options) == "string" then
    return announce(self, "functions", "lambda", options)
  end
  return add_function(self, "lambda", options)
end

--- Adds a resource of any type, and returns its handle. With a name alone it returns the handle of a
--- resource that is said elsewhere in the file, or that a decorator adds.
---@param options laconic.ResourceOptions|string
---@return laconic.Handle
function methods:resource(options)
  if type(options) == "string" then
    return announce(self, "resources", "resource", options)
  end
  add(self, "resources", "resource", require("laconic.resource").read(options))
  return new_handle("resources", options.name)
end

--- Adds a type of resources that a handler of yours creates, updates and deletes, and returns its
--- handle, for the `type` of `service:custom_resource`.
---@param options laconic.CustomResourceTypeOptions
---@return laconic.Handle
function methods:custom_resource_type(options)
  local kind = require("laconic.custom_resource").read_type(options, self)
  local id = add_function(self, "custom_resource_type", kind.lambda, kind.handler).id
  local made = handle.new("custom_resource_type", options.name, id)
  said[self].kinds[made] = kind
  return made
end

local function kind_of(self, options)
  require("laconic.custom_resource").check_typed(options)
  local kind = said[self].kinds[options.type]
  if not kind then
    check.fail("E104", ("custom_resource.type: '%s' belongs to another service"):format(
      options.type.name))
  end
  return kind, options.type
end

--- Adds a resource that a handler of yours creates, updates and deletes, and returns its handle:
--- `.ref` is its physical id, `:att "Name"` what the handler returned.
---@param options laconic.CustomResourceOptions
---@return laconic.Handle
function methods:custom_resource(options)
  local words = require "laconic.custom_resource"
  local kind, fn
  if words.has_type(options) then
    kind, fn = kind_of(self, options)
  else
    kind = words.read_both(options, self)
    check_free(self, "resources", "custom_resource", options.name) -- before there is a function
    fn = add_function(self, "custom_resource", kind.lambda, kind.handler)
  end
  local entry = require("laconic.resource").read(words.resource_of(options, kind, fn))
  add(self, "resources", "custom_resource", entry)
  return new_handle("resources", options.name)
end

--- Adds a parameter of the stack, given by --param NAME=VALUE, and returns its handle.
---@param options table  see laconic.parts
---@return laconic.Handle
function methods:parameter(options)
  add(self, "parameters", "parameter", require("laconic.parts").parameter(options))
  return new_handle("parameters", options.name)
end

--- Adds an output of the stack: { name, value, description?, export?, condition? }.
---@param options table
---@return laconic.Service
function methods:output(options)
  add(self, "outputs", "output", require("laconic.parts").output(options))
  return self
end

--- Adds a condition, { name, value = cfn.equals(…) }, and returns its handle.
---@param options table
---@return laconic.Handle
function methods:condition(options)
  add(self, "conditions", "condition", require("laconic.parts").condition(options))
  return new_handle("conditions", options.name)
end

--- Adds a mapping, { name, value = { key = { key = value } } }, and returns its handle.
---@param options table
---@return laconic.Handle
function methods:mapping(options)
  add(self, "mappings", "mapping", require("laconic.parts").mapping(options))
  return new_handle("mappings", options.name)
end

--- Adds a secret that is kept in SSM or Secrets Manager, and returns its handle: for the `secrets` of
--- the functions that may read it, and for laconic.secrets, which reads it in them.
---@param options laconic.SecretOptions
---@return laconic.Handle
function methods:secret(options)
  local made = require("laconic.secret").new(options)
  add(self, "secrets", "secret", { name = options.name })
  return made
end

--- Runs `fn` at a stage of the workflow. Several of a kind run in the order they were said.
---   pre_build(build), post_build(build), archive(build, archive), pre_marshal(build),
---   post_marshal(build), validate(build, template), rollback(build, err)
---@param name engine.HookName
---@param fn function
---@return laconic.Service
function methods:hook(name, fn)
  if not HOOKS[name] then
    check.fail("E104", "hook: " .. check.unknown("hook", name, HOOKS))
  end
  check.type("hook " .. name, fn, "function")
  self.hooks[name] = self.hooks[name] or {}
  table.insert(self.hooks[name], { run = fn, where = author_line() })
  return self
end

--- Lets `fn(template, build)` add to the template: it gets a fresh one, which is merged into the
--- service's; a name that is there already is an error. The service's own is `build.template`.
---@param fn fun(template: table, build: engine.Build)
---@return laconic.Service
function methods:decorate(fn)
  check.type("decorate", fn, "function")
  table.insert(self.decorators, { run = fn, where = author_line() })
  return self
end

--- Runs functions around every handler of the service, at six points: begin, before_setup,
--- after_setup, before_dispatch, after_dispatch, complete. See laconic.interceptor.
---     service:interceptor {
---       before_dispatch = function(context) context.started = os.clock() end,
---       complete = function(context, _, outcome)
---         context.log.info("done", { ok = outcome.ok, seconds = os.clock() - context.started })
---       end,
---     }
---@param options laconic.Interceptor
---@return laconic.Service
function methods:interceptor(options)
  require("laconic.interceptor").check("interceptor", options)
  local entry = { where = author_line() }
  for point, fn in pairs(options) do
    entry[point] = fn
  end
  table.insert(self.interceptors, entry)
  return self
end

--- Runs `fn()` in Lambda when the process is asked to end, which Lambda tells those functions alone
--- that have an extension: then there are 300 ms.
---@param fn fun()
---@return laconic.Service
function methods:on_shutdown(fn)
  check.type("on_shutdown", fn, "function")
  table.insert(self.shutdowns, { run = fn, where = author_line() })
  return self
end

--- Adds a command: `laconic seed` runs `run(args, host)`.
---@param options laconic.CommandOptions
---@return laconic.Service
function methods:command(options)
  add(self, "commands", "command", require("laconic.command").read(options))
  return self
end

--- Adds a flag to a built-in command; hooks find it as `build.options.<name>`.
---@param options laconic.FlagOptions
---@return laconic.Service
function methods:flag(options)
  local flag = require("laconic.command").read_flag(options)
  flag.where = author_line()
  for _, other in ipairs(self.flags) do
    if other.command == flag.command and other.name == flag.name then
      check.fail("E106", ("flag: '%s' is taken: %s"):format(flag.name, other.where))
    end
  end
  table.insert(self.flags, flag)
  return self
end

local INCLUDE = { path = { type = "string", required = true, least = 1 }, as = { type = "string" } }

--- Lets files travel in the archive: paths from the service's folder, `*` and `**` and `?` in them.
---     service:include "templates/*.html"
---     service:include { "words.txt", { path = "shared/logo.png", as = "logo.png" } }
---@param paths string|table
---@return laconic.Service
function methods:include(paths)
  check.type("include", paths, { "string", "table" })
  local list = (type(paths) == "string" or paths.path) and { paths } or paths
  check.value("include", list, { each = { type = { "string", "table" } }, least = 1 })
  local where = author_line()
  for i, item in ipairs(list) do
    local entry = type(item) == "string" and { path = item } or item
    check.fields(("include[%d]"):format(i), entry, INCLUDE)
    table.insert(self.includes, { path = entry.path, as = entry.as, where = where })
  end
  return self
end

for word, method in pairs(methods) do
  methods[word] = with_colon(word, method)
end

return service
