RUN laconic new hello
STDOUT
…

RUN cd hello && laconic provision --local
STDOUT
STDERR
…
~  CREATE_COMPLETE .*
…
~  total +%d+%.%d+ s
Created hello (CREATE_COMPLETE)

RUN cd hello && laconic invoke hello '{"name":"Ada"}' --local
STDOUT
{"message":"Hello, Ada"}
STDERR

RUN cd hello && laconic logs hello --local
STDOUT
…
~.*greeting.*Ada.*
…

RUN cd hello && laconic provision --local
STDOUT
STDERR
…
No changes: hello (CREATE_COMPLETE)

RUN cd hello && sed -i 's/^return service/service:output { name = "Place", value = "here" }\n&/' service.lua

RUN cd hello && sed -i 's/Hello, /Good day, /' service.lua && laconic provision --local
STDERR
…
Updated hello (UPDATE_COMPLETE)

RUN cd hello && echo '{"name":"Ben"}' | laconic invoke hello - --local
STDOUT
{"message":"Good day, Ben"}

RUN cd hello && laconic invoke hullo --local
EXIT 1
STDERR
laconic: unknown function 'hullo' (did you mean 'hello'?) in the stack 'hello'
…

RUN cd hello && laconic invoke hello '{broken' --local
EXIT 2
STDERR
~laconic: the event is not JSON: .*
…

RUN cd hello && laconic status --local --format json --redact
STDOUT
{
…
~  "id": "arn:aws:cloudformation:us%-east%-1:%*+:stack/hello/.*",
…
}

RUN cd hello && laconic outputs Place --local
STDOUT
here

RUN cd hello && laconic outputs Place service.lua --local --format json
STDOUT
"here"

RUN laconic outputs Place hello/service.lua --local
STDOUT
here

RUN cd hello && laconic outputs --stack hello --local
STDOUT
Place  here

RUN cd hello && laconic outputs Plaec --local
EXIT 1
STDERR
laconic: unknown output 'Plaec' (did you mean 'Place'?) of the stack 'hello'
…

RUN cd hello && laconic outputs service.lua Place --local
EXIT 2
STDERR
laconic: outputs: the name comes first: laconic outputs Place service.lua
…

RUN cd hello && laconic delete --local
STDERR
…
Deleted hello

RUN cd hello && laconic delete --local
STDERR
There was no stack hello

RUN cd hello && laconic status --local
STDERR
There is no stack 'hello' in us-east-1.

RUN cd hello && laconic outputs --local
EXIT 1
STDERR
laconic: there is no stack 'hello' in us-east-1
…

FILE hold.lua
local state = require "engine.local.state"
local held = state.open ".laconic/local"
local result = assert(require("host.process").run {
  require("host.file").program(), "local", "--quiet", error = "pipe",
})
print(result.status, result.output)
io.write((result.error:gsub("holds .*/%.laconic", "holds .laconic")))
held:close()

RUN laconic run hold.lua
STDOUT
~1	
laconic: another local cloud holds .laconic/local
  end it, or give this one a folder of its own with --state

FILE door.lua
local laconic = require "laconic"
local service = laconic.service { name = "door" }
service:lambda { name = "hello", url = true, handler = function() end }
service:output { name = "Plain", value = "text" }
return service

RUN laconic provision door.lua --local
STDOUT
~  HelloUrl  http://127.0.0.1:%d+/_urls/%w+/
  Plain     text
STDERR
…
Created door (CREATE_COMPLETE)
The local cloud ends with this command: such addresses answer while `laconic local` runs.

RUN laconic outputs HelloUrl door.lua --local
STDOUT
~http://127.0.0.1:%d+/_urls/%w+/
STDERR
The local cloud ends with this command: such addresses answer while `laconic local` runs.

RUN laconic outputs Plain door.lua --local
STDOUT
text
STDERR
