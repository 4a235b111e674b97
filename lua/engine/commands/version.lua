--- laconic version: which program this is.
local version = {
  summary = "Show the version",
  usage = "version",
  group = "start",
  most_words = 0,
  quiet_start = true,
}

function version.run(_, context)
  local number = require("host.scripts").version()
  if context.format == "json" then
    print(('{"lua":"%s","version":"%s"}'):format(_VERSION:match "[%d.]+", number))
  else
    print(("laconic %s (%s)"):format(number, _VERSION))
  end
  return 0
end

return version
