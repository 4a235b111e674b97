--- laconic repl [SERVICE.lua]: Lua at a prompt, with the service at hand.
local file = require "host.file"
local repl = require "engine.cli.repl"
local terminal = require "host.terminal"

local command = {
  summary = "Try things at a prompt, with the service at hand",
  usage = "repl [SERVICE.lua]",
  group = "script",
  most_words = 1,
  help = "Names: service (when there is one), laconic, cfn, aws, json, host (host.file, …),\n"
    .. "template() and p(value). `_` is the last value; :help lists the commands.",
}

local function history_path()
  local home = os.getenv "HOME"
  local state = os.getenv "XDG_STATE_HOME"
  if (not state or state == "") and home then
    state = home .. "/.local/state"
  end
  if not state then
    return nil
  end
  local folder = state .. "/laconic"
  return file.make_folder(folder) and folder .. "/history" or nil
end

local function new_environment(service, path)
  local names = { service = service }

  function names.p(value)
    print(require("engine.cli.pretty").show(value))
  end

  --- The template of the service at hand, with what was typed.
  function names.template()
    local said = names.service
    if said and not said.path then
      require("engine.failure").raise("invalid",
        "the service was typed and is in no file: write it into service.lua, then :reload")
    end
    return require("engine.provision").build(path, { noop = true, service = said }).template
  end

  names.host = setmetatable({}, {
    __index = function(self, name)
      local module = require("host." .. name)
      rawset(self, name, module)
      return module
    end,
  })
  local lazy = {
    aws = "laconic.aws",
    cfn = "laconic.cfn",
    json = "host.json",
    laconic = "laconic",
  }
  return setmetatable(names, {
    __index = function(self, name)
      if lazy[name] then
        local module = require(lazy[name])
        rawset(self, name, module)
        return module
      end
      return _G[name]
    end,
  })
end

local function load_service(path, explicit)
  if not explicit and not file.exists(path) then
    require("engine.source.search_path").use "" -- modules of this folder, all the same
    return nil
  end
  return require("engine.definition").load(path, {})
end

function command.run(args)
  local path = args[1] or "service.lua"
  local service = load_service(path, args[1] ~= nil)
  local environment = new_environment(service, path)
  local commands = {}

  function commands.help()
    print [[
service, laconic, cfn, aws, json, host.NAME   what there is; `_` is the last value
template()                                    the template of the service, with what was typed
p(value)                                      shows a value, as the prompt does
:reload                                       read the service file again
:quit                                         leave (or Ctrl-D)
A local that is begun at the prompt stays for the lines that follow.]]
  end

  function commands.reload()
    environment.service = load_service(path, true)
  end

  local editor <close> = assert(terminal.editor {
    history = history_path(),
    complete = function(line)
      return repl.complete(line, environment)
    end,
  })
  if terminal.is_terminal "stdin" then
    print(("laconic %s. %s:help for help."):format(
      require("host.scripts").version(),
      service and ("Service '%s' is at hand as `service`. "):format(service.name) or ""
    ))
  end
  repl.run(editor, environment, { commands = commands })
  return 0
end

return command
