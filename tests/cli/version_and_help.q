RUN laconic version
STDOUT
~laconic %d+%.%d+%.%d+ %(Lua 5%.4%)
STDERR

RUN laconic --version
STDOUT
~laconic %d+%.%d+%.%d+ %(Lua 5%.4%)

RUN laconic version --format json
STDOUT
~{"lua":"5%.4","version":"%d+%.%d+%.%d+"}

RUN laconic help
STDOUT
Laconic: one Lua file becomes a running AWS Lambda service.
…
~  provision    .+
…
Flags of every command
…

RUN laconic
STDOUT
Laconic: one Lua file becomes a running AWS Lambda service.
…

RUN laconic provision --help
STDOUT
~laconic provision .*
…

RUN laconic help nothing
EXIT 2
STDERR
laconic: there is no command 'nothing'
…

RUN laconic explain | head -n 2
STDOUT
E101  An unknown field
E102  A field is missing

RUN laconic explain e204
STDOUT
E204: The service file does not return a service
  The last line of a service file is `return service`, the value that `laconic.service` made.
