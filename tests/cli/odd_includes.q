FILE pipe.lua
local laconic = require "laconic"
local service = laconic.service { name = "odd" }
service:include "pipe"
service:lambda { name = "a", handler = function() end }
return service

RUN mkfifo pipe && laconic check pipe.lua
EXIT 4
STDERR
laconic: pipe.lua:3: the included 'pipe' is no plain file
…

FILE circle.lua
local laconic = require "laconic"
local service = laconic.service { name = "odd" }
service:include "data"
service:lambda { name = "a", handler = function() end }
return service

FILE data/words.txt
hello

RUN ln -s . data/itself && laconic check circle.lua
EXIT 4
STDERR
laconic: circle.lua:3: the included 'data/itself' is no plain file
…

RUN ln -sfn words.txt data/itself && laconic check circle.lua
EXIT 0
STDOUT
~odd is valid: .*

FILE nul.lua
local laconic = require "laconic"
local service = laconic.service { name = "odd" }
service:include "data\0"
service:lambda { name = "a", handler = function() end }
return service

RUN laconic check nul.lua
EXIT 4
STDERR
laconic: nul.lua:3: the included name holds a NUL
…

FILE outside.lua
local laconic = require "laconic"
local service = laconic.service { name = "odd" }
service:include "data/../../secret"
service:lambda { name = "a", handler = function() end }
return service

RUN laconic check outside.lua
EXIT 4
STDERR
laconic: outside.lua:3: 'data/../../secret' leaves the service's folder
…
NO .laconic/odd/code.zip.part
