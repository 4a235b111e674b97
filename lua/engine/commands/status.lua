--- laconic status [SERVICE.lua | STACK]: the stack as AWS has it.
local message = require "engine.cli.message"
local order = require "engine.order"
local subject = require "engine.cli.subject"

local command = {
  summary = "Show the stack as AWS has it",
  usage = "status [SERVICE.lua | STACK]",
  group = "deploy",
  most_words = 1,
  flags = {
    {
      name = "redact",
      short = "r",
      type = "boolean",
      summary = "Replace the account's number by asterisks",
    },
  },
}

local LEAST_WIDTH <const> = 28 -- of the first column

local function show_text(found, resources, write)
  write("Stack", found.name)
  write("Id", found.id)
  write("Status", found.reason and found.status .. ": " .. found.reason or found.status)
  write("Description", found.description)
  write("Created", found.created)
  write("Updated", found.updated)
  for _, name in ipairs(order.keys(found.parameters)) do
    write("Parameter " .. name, found.parameters[name])
  end
  for _, name in ipairs(order.keys(found.tags)) do
    write("Tag " .. name, found.tags[name])
  end
  for _, output in ipairs(found.outputs) do
    write("Output " .. output.key, output.value)
  end
  for _, resource in ipairs(resources) do
    write("Resource " .. resource.id, ("%s  %s  %s"):format(resource.status, resource.type,
      resource.physical_id))
  end
end

local function show_json(found, resources)
  local json = require "host.json"
  return assert(json.encode({
    name = found.name,
    id = found.id,
    status = found.status,
    reason = found.reason,
    description = found.description,
    created = found.created,
    updated = found.updated,
    parameters = json.object(found.parameters),
    tags = json.object(found.tags),
    outputs = json.array(found.outputs),
    resources = json.array(resources),
  }, { indent = 2 }))
end

function command.run(args, context)
  local about = subject.find(args[1], context.globals)
  local opened <close> = require("engine.cli.target").open(context.globals, about.path)
  local stack = require "engine.aws.stack"
  local found = stack.describe(opened.session, about.name)
  if not found then
    message.say(("There is no stack '%s' in %s."):format(about.name, opened.session:region()))
    if context.format == "json" then
      local json = require "host.json"
      print(assert(json.encode({ name = about.name, status = json.null }, { indent = 2 })))
    end
    return 0
  end
  local resources = stack.resources(opened.session, about.name)
  table.sort(resources, function(a, b)
    return a.id < b.id
  end)
  local account = args.redact and found.id:match "^arn:[^:]*:cloudformation:[^:]*:(%d+):"
  local function redacted(text)
    return account and text:gsub(account, ("*"):rep(#account)) or text
  end
  if context.format == "json" then
    print((redacted(show_json(found, resources))))
  else
    local rows, width = {}, LEAST_WIDTH
    show_text(found, resources, function(name, value)
      if value and value ~= "" then
        table.insert(rows, { name, value })
        width = math.max(width, #name)
      end
    end)
    for _, row in ipairs(rows) do
      print((redacted(row[1] .. (" "):rep(width - #row[1] + 1) .. row[2])))
    end
  end
  return 0
end

return command
