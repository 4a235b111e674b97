--- laconic provision [SERVICE.lua]: the whole workflow, from the service file to a running stack.
local api_descriptions = require "engine.cli.api_descriptions"
local message = require "engine.cli.message"
local options = require "engine.cli.options"
local passing = require "engine.cli.passing"

local command = {
  summary = "Create or update the stack",
  usage = "provision [SERVICE.lua]",
  group = "deploy",
  flags = {
    {
      name = "inplace",
      short = "c",
      type = "boolean",
      summary = "Update functions' code alone, without CloudFormation, if nothing else changed",
    },
    {
      name = "code-pipeline-package",
      short = "p",
      value = "NAME",
      summary = "Write a package for CodePipeline, and leave the stack alone",
    },
    {
      name = "param",
      short = "m",
      value = "NAME=VALUE",
      repeated = true,
      summary = "A parameter of the stack",
    },
    { name = "tag", short = "g", value = "NAME=VALUE", repeated = true, summary = "A stack tag" },
    { name = "deadline", type = "integer", value = "SECONDS", summary = "Give up following after" },
  },
  service_flags = true,
}
table.move(options.BUILD_FLAGS, 1, #options.BUILD_FLAGS, #command.flags + 1, command.flags)

local WORDS = {
  create = "Created",
  update = "Updated",
  inplace = "Updated the code of",
  none = "No changes:",
}

local function show_json(result)
  local json = require "host.json"
  local outputs = json.object {}
  for _, output in ipairs(result.stack and result.stack.outputs or {}) do
    outputs[output.key] = output.value
  end
  local stages = json.array {}
  for i, stage in ipairs(result.stages) do
    stages[i] = { name = stage.name, seconds = stage.seconds }
  end
  print(assert(json.encode({
    operation = result.operation and result.operation.kind,
    package = result.package,
    artifacts = result.artifacts,
    stack = result.stack and { id = result.stack.id, status = result.stack.status } or nil,
    outputs = outputs,
    stages = stages,
  }, { indent = 2 })))
end

local function show_text(result)
  local progress = require "engine.cli.progress"
  message.say(progress.stage_table(result.stages))
  if result.package then
    message.say(("Wrote %s, %d bytes."):format(result.package.path, result.package.bytes))
    return
  end
  local kind = result.operation.kind
  message.say(("%s %s (%s)"):format(WORDS[kind], result.stack.name, result.stack.status))
  if #result.stack.outputs > 0 then
    print(progress.output_table(result.stack.outputs))
  end
end

local function run_noop(path, read)
  local build, stages = require("engine.provision").build(path, read)
  if read.format == "json" then
    show_json {
      stages = stages,
      artifacts = {
        code = build.code.path,
        template = build.output_dir .. "/template.json",
        descriptions = api_descriptions.listed(build),
      },
    }
  else
    message.say(require("engine.cli.progress").stage_table(stages))
    for _, line in ipairs(api_descriptions.lines(build)) do
      message.say(line)
    end
    message.say(("Nothing was sent. The artifacts are in %s."):format(build.output_dir))
  end
  return 0
end

function command.run(args, context)
  local path, read = options.read(args, context, "provision")
  if read.inplace and read.code_pipeline_package then
    local refuse = require("engine.cli.arguments").refuse
    refuse "--inplace changes the stack, --code-pipeline-package leaves it alone: say one of them"
  end
  if read.noop then
    return run_noop(path, read)
  end
  local opened <close> = require("engine.cli.target").open(context.globals, path)
  read.session = opened.session
  local progress <close> = require("engine.cli.progress").for_process(context.format)
  read.progress = progress
  local result = require("engine.provision").run(path, read)
  progress:finish()
  if context.format == "json" then
    show_json(result)
  else
    show_text(result)
  end
  passing.tell_outputs(opened, result.stack and result.stack.outputs or {})
  return 0
end

return command
