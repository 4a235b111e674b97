FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "large" }
for i = 1, 501 do
  service:resource { name = "Topic" .. i, type = "AWS::SNS::Topic" }
end
service:lambda { name = "a", handler = function() end }
return service

RUN laconic build
EXIT 4
STDOUT
STDERR
laconic: Resources: 504 of them, and a template takes 500
…

RUN ls .laconic/large
STDOUT
code.zip
template.json

RUN laconic provision --noop
EXIT 4

RUN laconic provision --local
EXIT 4
STDERR
laconic: Resources: 504 of them, and a template takes 500
…

FILE heavy.lua
local laconic = require "laconic"
local service = laconic.service { name = "heavy" }
service:include "zeros"
service:lambda { name = "a", handler = function() end }
return service

RUN truncate -s 250M zeros && laconic check heavy.lua
EXIT 4
STDERR
~laconic: the archive is too large for Lambda: .*
  include less: Lambda takes 250 MiB, unpacked
…
