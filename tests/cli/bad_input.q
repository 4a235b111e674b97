RUN laconic check
EXIT 4
STDOUT
STDERR
laconic: the service file cannot be read: cannot read service.lua: No such file or directory
  name another, or begin one: laconic new NAME
…

RUN laconic check nothing.lua
EXIT 4
STDERR
laconic: the service file cannot be read: cannot read nothing.lua: No such file or directory
…
NO .laconic

FILE syntax.lua
local laconic = require "laconic"
local x = = 3

RUN laconic provision syntax.lua --noop
EXIT 4
STDERR
laconic: syntax.lua:2: unexpected symbol near '='
…

FILE field.lua
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:lambda { name = "a", memmory = 3, handler = function() end }
return service

RUN laconic check field.lua
EXIT 4
STDERR
laconic: field.lua:3: lambda: unknown field 'memmory' (did you mean 'memory'?)
…

FILE range.lua
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:lambda {
  name = "a",
  memory = 64,
  handler = function() end,
}
return service

RUN laconic check range.lua
EXIT 4
STDERR
~laconic: range.lua:%d: lambda.memory: must be from 128 to 10240 MB, got 64
…

FILE twice.lua
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:lambda { name = "a", handler = function() end }
service:lambda { name = "a", handler = function() end }
return service

RUN laconic check twice.lua
EXIT 4
STDERR
laconic: twice.lua:4: lambda: the name 'a' is taken: twice.lua:3
…

FILE nowhere.lua
local cfn = require "laconic.cfn"
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:lambda {
  name = "a",
  environment = { TABLE = cfn.ref "Visits" },
  handler = function() end,
}
return service

RUN laconic check nowhere.lua
EXIT 4
STDERR
laconic: nowhere.lua:4: Resources.AFunction.Properties.Environment.Variables.TABLE.Ref: no resource or parameter 'Visits'
…

FILE include.lua
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:include "words.txt"
service:lambda { name = "a", handler = function() end }
return service

RUN laconic check include.lua
EXIT 4
STDERR
laconic: include.lua:3: the included 'words.txt' cannot be read: cannot look at words.txt: No such file or directory
…

FILE module.lua
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:lambda {
  name = "a",
  handler = function()
    return require("not_there").run()
  end,
}
return service

RUN laconic check module.lua
EXIT 4
STDERR
~laconic: module.lua:6: .*not_there.*
…

FILE global.lua
local laconic = require "laconic"
local service = laconic.service { name = "bad" }
service:lambda {
  name = "a",
  handler = function()
    retrun(1)
  end,
}
return service

RUN laconic check global.lua
EXIT 4
STDERR
laconic: global.lua:6: unknown global 'retrun'
…

FILE nothing.lua
local laconic = require "laconic"
laconic.service { name = "bad" }

RUN laconic check nothing.lua
EXIT 4
STDERR
laconic: nothing.lua: the file returns nothing instead of its service
…
NO .laconic/bad/code.zip.part
