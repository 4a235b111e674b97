FILE table.lua
error { message = "too bad", kind = "invalid" }

RUN laconic check table.lua
EXIT 4
STDERR
laconic: table.lua: too bad
…

FILE empty.lua
error {}

RUN laconic check empty.lua
EXIT 4
STDERR
laconic: empty.lua: a table was raised as an error
…

FILE mute.lua
error(setmetatable({}, { __tostring = function() error "no text" end }))

RUN laconic check mute.lua
EXIT 4
STDERR
laconic: an error that cannot be shown: mute.lua:1: no text
…

FILE kind.lua
error { message = "no key", kind = "credentials" }

RUN laconic run kind.lua
EXIT 5
STDERR
laconic: no key

FILE status.lua
return 256

RUN laconic run status.lua
EXIT 255

FILE lines
error(setmetatable({}, { __tostring = function() error "no text" end }))
setmetatable({}, { __tostring = function() error "no text" end })
1 + 1

RUN { printf '"a\000b"\n\000\n'; cat lines; } | laconic repl
EXIT 0
STDOUT
"a\0b"
~repl:1: .*
an error that cannot be shown: repl:1: no text
repl:1: no text
2

RUN mkdir gone && cd gone && rmdir ../gone && laconic local --port 0
EXIT 1
STDERR
laconic: cannot tell the current folder: No such file or directory
