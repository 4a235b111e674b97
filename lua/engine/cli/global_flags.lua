--- The flags of every command. They may stand before its word or after it.
---@type engine.Flag[]
return {
  {
    name = "noop",
    short = "n",
    type = "boolean",
    summary = "Do everything that touches no network",
  },
  {
    name = "level",
    short = "l",
    choices = { "trace", "debug", "info", "warn", "error", "fatal", "off" },
    summary = "How much to say",
  },
  {
    name = "format",
    short = "f",
    choices = { "text", "json" },
    summary = "Form of the answer and of the messages",
  },
  { name = "no-color", type = "boolean", summary = "No colours" },
  { name = "timestamps", short = "z", type = "boolean", summary = "Begin messages with the time" },
  { name = "profile", value = "NAME", summary = "A profile of ~/.aws/config" },
  { name = "region", value = "REGION", summary = "The AWS region" },
  { name = "endpoint-url", value = "URL", summary = "Send AWS's requests there" },
  { name = "local", type = "boolean", summary = "Use the local cloud of this folder" },
  { name = "env", value = "NAME", summary = "The environment, seen by the service as laconic.env" },
  { name = "help", short = "h", type = "boolean", summary = "Show help" },
}
