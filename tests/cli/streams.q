FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "mute" }
service:lambda { name = "a", handler = function() end }
return service

RUN laconic template > /dev/full
EXIT 1
STDERR
~laconic: cannot write to standard output.*

RUN laconic version > /dev/full
EXIT 1
STDERR
~laconic: cannot write to standard output.*

RUN laconic build >&-
EXIT 1
STDERR
~laconic: cannot write to standard output.*

RUN laconic check <&- 2>&-
EXIT 0
STDOUT
~mute is valid: .*

RUN head -c 1 .laconic/mute/template.json && echo
EXIT 0
STDOUT
{

FILE long.lua
io.write(("x"):rep(1000000))

RUN { laconic run long.lua; echo "status $?" >&2; } | head -c 1
EXIT 0
STDOUT
x
STDERR
status 0

RUN laconic run long.lua > /dev/full
EXIT 1
STDERR
~laconic: cannot write to standard output.*
