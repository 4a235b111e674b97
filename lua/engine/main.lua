--- The command line: the first word leads to engine.commands.<word>.
return function(args)
  local word = args[1]
  local command = require("engine.commands." .. word)
  return command.run(table.pack(table.unpack(args, 2)))
end
