FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "typed" }
service:lambda { name = "one", handler = function() end }
return service

FILE lines
local two = service:lambda { name = "two", handler = function() end }
local api = service:http_api { name = "door" }
api:route { key = "GET /", lambda = two }
local resources = template().Resources
resources.TwoFunction.Type, resources.DoorApi.Type, resources.OneFunction.Type
template().Resources.TwoFunction.Type
:reload
template().Resources.TwoFunction
local service = laconic.service { name = "nowhere" }
template()

RUN laconic repl < lines
STDOUT
"AWS::Lambda::Function"
"AWS::ApiGatewayV2::Api"
"AWS::Lambda::Function"
"AWS::Lambda::Function"
nil
the service was typed and is in no file: write it into service.lua, then :reload
STDERR
