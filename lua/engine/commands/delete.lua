--- laconic delete [SERVICE.lua | STACK]: takes the stack away.
local message = require "engine.cli.message"
local subject = require "engine.cli.subject"

local command = {
  summary = "Take the stack away",
  usage = "delete [SERVICE.lua | STACK]",
  group = "deploy",
  most_words = 1,
  help = "A stack that is not there is a success. What was uploaded stays, unless --artifacts.",
  flags = {
    { name = "artifacts", type = "boolean", summary = "Delete what was uploaded for it, too" },
    { name = "bucket", short = "s", value = "NAME", summary = "The S3 bucket of the artifacts" },
  },
}

-- The answer, for programs; the sentence, for people.
local function report(context, name, done, sentence)
  if context.format == "json" then
    print(assert(require("host.json").encode({
      stack = name,
      operation = done.existed and "delete" or "none",
      artifacts = done.artifacts,
    }, { indent = 2 })))
  else
    message.say(sentence:format(name))
  end
end

function command.run(args, context)
  local about = subject.find(args[1], context.globals)
  if context.globals.noop then
    report(context, about.name, { artifacts = 0 }, "Would delete the stack %s.")
    return 0
  end
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local progress <close> = require("engine.cli.progress").for_process(context.format)
  local done = require("engine.delete").run(opened.session, about.name, {
    artifacts = args.artifacts,
    bucket = args.bucket,
    watch = {
      on_event = function(event)
        progress:event(event)
      end,
      on_wait = function(found, seconds)
        progress:waiting(found, seconds)
      end,
    },
  })
  progress:finish()
  local text = done.existed and "Deleted %s" or "There was no stack %s"
  if args.artifacts then
    text = text .. (", and %d artifacts"):format(done.artifacts)
  end
  report(context, about.name, done, text)
  return 0
end

return command
