--- From a service file to a running stack. Read this file first.
---
--- The order of the stages stands here and nowhere else; no stage knows another. `make` needs no
--- network; `send` needs an account. The template is complete and checked before anything is sent,
--- so that what CloudFormation would refuse leaves nothing behind.
local command_line = require "engine.cli.options"
local twin = require "engine.twin"
local workflow = require "engine.workflow"

-- The stages, loaded when they are reached.
local function stage(name)
  return setmetatable({}, {
    __index = function(_, verb)
      return require("engine." .. name)[verb]
    end,
  })
end

local apply = stage "apply"
local archive = stage "archive"
local code_pipeline = stage "code_pipeline"
local compile = stage "compile"
local definition = stage "definition"
local generate = stage "generate"
local inplace = stage "inplace"
local journal = stage "upload.journal"
local marshal = stage "marshal"
local model = stage "model"
local sweep = stage "upload.sweep"
local upload = stage "upload"
local verify = stage "verify"
local wait = stage "wait"

local provision = {}

---@class engine.Provisioned
---@field build engine.Build
---@field operation? engine.Operation   kind: "create", "update", "none" or "inplace"
---@field stack? engine.Stack
---@field package? { path: string, bytes: integer, sha256: string }  --code-pipeline-package
---@field sent? engine.Sent
---@field stages { name: string, seconds: number }[]

-- Asking git what is checked out takes as long as several stages: only once somebody wants to know.
local function finds_build_id(service, options)
  return {
    __index = function(build, field)
      if field == "build_id" then
        build.build_id = require("engine.build_id").of(service.path, options.build_id)
        return build.build_id
      end
    end,
  }
end

-- What hooks and decorators are given; each stage adds what it finds out.
local function begin(service, meant, options, online)
  local folder = service.path:match "^(.*/)" or ""
  return setmetatable({
    service_name = service.name,
    noop = not online,
    bucket = options.bucket,
    region = options.region,
    output_dir = options.output_dir or ("%s.laconic/%s"):format(folder, service.name),
    model = meant,
    options = options,
    role_arns = {},
    values = {},
  }, finds_build_id(service, options))
end

-- Validators look at a copy, in the build too: what they do to it changes nothing.
local function validate(flow, build)
  local template = build.template
  build.template = twin.deep(template)
  local ok, raised = pcall(flow.hook, flow, "validate", build, build.template)
  build.template = template
  if not ok then
    error(raised, 0)
  end
end

-- Everything up to a checked template. Without a session, all of it stays on this machine.
local function make(flow, path, options, session)
  collectgarbage("incremental", 1000, 400) -- making keeps nearly everything: look for waste rarely
  local service = options.service or flow:step("load", definition.load, path, options)
  command_line.complete(options, service)
  local meant = flow:step("model", model.build, service, options)
  local build = begin(service, meant, options, session ~= nil)
  flow:listen(service.hooks, build)

  if session then
    flow:step("verify", verify.run, meant, build, session)
  end

  flow:hook("pre_build", build)
  build.files = flow:step("compile", compile.run, meant, build)
  flow:hook("post_build", build)

  local added = archive.additions(build.files)
  flow:hook("archive", build, added)
  build.code = flow:step("archive", archive.write, meant, build, build.files, added.entries)

  flow:hook("pre_marshal", build)
  build.template = flow:step("generate", generate.build, meant, build) -- decorators run inside
  flow:hook("post_marshal", build)
  flow:step("generate", generate.settle, meant, build)
  if service.hooks.validate then
    validate(flow, build)
  end
  build.template_text = flow:step("marshal", marshal.write, build.template, meant, build)
  if next(options.params or {}) then
    apply.check_parameters(build.template, options)
  end
  return build
end

-- How the command line looks on while a stack changes.
local function watch_of(options)
  local progress = options.progress
  return {
    deadline = options.deadline,
    on_event = progress and function(event)
      progress:event(event)
    end,
    on_wait = progress and function(found, seconds)
      progress:waiting(found, seconds)
    end,
  }
end

local function change(flow, build, options, session, watch)
  if not options.inplace then
    return flow:step("apply", apply.run, build.model, build, session, options, watch)
  end
  local prepared = flow:step("apply", apply.prepare, build.model, build, session, options, watch)
  return flow:step("update code", inplace.run, prepared, build, session)
end

-- Everything that reaches AWS once the template is made.
local function send(flow, build, options, session, uploads)
  local result = { build = build, stages = flow.stages }
  local progress = options.progress
  result.sent = flow:step("upload", upload.put, build, session, uploads, progress and
    function(key, sent, total)
      progress:bytes(key, sent, total)
    end)

  if options.code_pipeline_package then
    local name = options.code_pipeline_package
    result.package = flow:step("package", code_pipeline.write, build, name, options)
  else
    local watch = watch_of(options)
    repeat -- what takes routes away from an API has two steps
      result.operation = change(flow, build, options, session, watch)
      result.stack =
        flow:step("wait", wait.run, result.operation, build.model, build, session, watch)
    until not result.operation.first
  end

  flow:commit()
  return result
end

-- What broken-off runs left in S3. The stack stands by now: a refusal is told, and is no failure.
local function clear_away(result, session, uploads)
  local ok, count = pcall(sweep.unused, result.build, session, result.sent, uploads)
  local log = require "host.log"
  if not ok then
    log.warn("left-over uploads could not be deleted; the next run tries again", {
      reason = tostring(count),
    })
  elseif count > 0 then
    log.info("deleted what earlier runs had left in S3", { objects = count })
  end
end

local function new_flow(options)
  local progress = options.progress
  return workflow.new {
    on_step = progress and function(name)
      progress:stage(name)
    end,
  }
end

--- Makes the archive and the template, in `build.output_dir`. Touches no network; the same input
--- gives the same bytes.
---@param path string              the service file
---@param options engine.Options
---@return engine.Build build
---@return { name: string, seconds: number }[] stages
function provision.build(path, options)
  local flow = new_flow(options)
  local build = flow:guarded(function()
    return make(flow, path, options)
  end)
  return build, flow.stages
end

--- Makes everything, sends it, and sees the stack to its end. When a stage fails, the service's
--- `rollback` hooks run, what this run uploaded is taken back, and the stage's error is raised.
---@param path string              the service file
---@param options engine.Options   with session, and progress when somebody looks on
---@return engine.Provisioned
function provision.run(path, options)
  local session = options.session or require("engine.aws.session").new(options)
  local flow = new_flow(options)
  return flow:guarded(function()
    local build = make(flow, path, options, session)
    collectgarbage("incremental", 200, 100) -- Lua's own measure: sending and waiting keep little
    local uploads = flow:hold(journal.open(build.output_dir))
    local result = send(flow, build, options, session, uploads)
    clear_away(result, session, uploads)
    return result
  end)
end

return provision
