--- laconic explain [CODE]: what an error's code stands for, and what to do.
local arguments = require "engine.cli.arguments"
local codes = require "engine.codes"
local order = require "engine.order"

local command = {
  summary = "Say what an error's code stands for, and what to do",
  usage = "explain [CODE]",
  group = "start",
  most_words = 1,
  help = "CODE is what an error message names: E106, or AWS's own (ExpiredToken).\n"
    .. "Without CODE: all of Laconic's.",
}

local function print_json(value)
  print(assert(require("host.json").encode(value, { indent = 2 })))
end

local function print_list(format)
  local list = {}
  for i, code in ipairs(order.keys(codes.titles)) do
    list[i] = { code = code, title = codes.titles[code] }
  end
  if format == "json" then
    print_json(list)
    return
  end
  for _, entry in ipairs(list) do
    print(entry.code .. "  " .. entry.title)
  end
end

function command.run(args, context)
  if not args[1] then
    print_list(context.format)
    return 0
  end
  local code = codes.titles[args[1]:upper()] and args[1]:upper() or args[1]
  local known = codes.find { kind = "", code = code }
  if not known.title and not known.hint then
    arguments.refuse("there is no code '%s': laconic explain lists them", code)
  end
  local text = require("engine.explanations")[code]
  if context.format == "json" then
    text = text and text:gsub("\n", " ") or nil
    print_json { code = code, title = known.title, hint = known.hint, text = text }
    return 0
  end
  print(code .. (known.title and ": " .. known.title or ""))
  if known.hint then
    print("  " .. known.hint)
  end
  for line in ((text or ""):gsub("([^\n])$", "%1\n")):gmatch "(.-)\n" do
    print("  " .. line)
  end
  return 0
end

return command
