FILE command.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:command { name = "provision", summary = "Mine", run = function() end }
return service

RUN laconic check command.lua
EXIT 4
STDOUT
STDERR
laconic: command.lua:4: command: 'provision' is a command of laconic itself
  choose another name
…

FILE own.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:command {
  name = "seed",
  summary = "Mine",
  flags = { { name = "table", short = "n", summary = "Where to" } },
  run = function() end,
}
return service

RUN laconic seed own.lua
EXIT 4
STDERR
~laconic: own.lua:%d: command.flags%[1%]: %-n is %-%-noop of every command already
…

FILE flag.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:flag { command = "provision", name = "bucket", summary = "Mine" }
return service

RUN laconic check flag.lua
EXIT 4
STDERR
laconic: flag.lua:4: flag: --bucket is a flag of laconic provision already
…

FILE typo.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:flag { command = "provison", name = "owner", summary = "Mine" }
return service

RUN laconic check typo.lua
EXIT 4
STDERR
laconic: typo.lua:4: flag.command: unknown command 'provison' (did you mean 'provision'?)
  those that do: build, check, provision, template
…

FILE none.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:flag { command = "logs", name = "owner", summary = "Mine" }
return service

RUN laconic check none.lua
EXIT 4
STDERR
laconic: none.lua:4: flag.command: 'logs' takes no flags of a service
…

FILE good.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:flag { command = "check", name = "owner", default = "nobody", summary = "Whose it is" }
service:hook("pre_build", function(build)
  io.stderr:write("owner: ", build.options.owner, "\n")
end)
return service

RUN laconic check good.lua --owner ada
STDERR
owner: ada

RUN laconic check --owner=ada good.lua
STDERR
owner: ada

RUN laconic check good.lua
STDERR
owner: nobody
