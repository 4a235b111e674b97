FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
local table_ = service:resource { name = "Table", type = "AWS::SNS::Topic" }
service:interceptor { before_dispatch = function(context) context.greeting = "Hi" end }
service:lambda {
  name = "greet",
  memory = 256,
  environment = { WHO = "Ada", TABLE = table_.ref },
  handler = function(event, context)
    local function fail() error "broken" end
    if event.fail then
      fail()
    elseif event.env then
      return { laconic.env, os.getenv "LACONIC_ENV" }
    elseif event.stream then
      context:stream():write "streamed"
      return
    end
    return { context.greeting, os.getenv "WHO", os.getenv "TABLE", context.function_name,
      context.memory_limit_mb, context:remaining_time() > 0 }
  end,
}
return service

RUN laconic invoke greet --in-process
STDOUT
["Hi","Ada","{\"Ref\":\"Table\"}","shop_greet",256,true]
STDERR

RUN laconic invoke greet '{"env":true}' --in-process --env live
STDOUT
["live","live"]

RUN laconic invoke greet '{"stream":true}' --in-process
STDOUT
streamed

RUN laconic invoke greet '{"fail":true}' --in-process
EXIT 1
STDOUT
~{"errorMessage":"service.lua:10: broken","errorType":"LuaError","stackTrace":%["service.lua:10.*%]}
STDERR
~%[ERROR%] .* service.lua:10: broken errorType=LuaError stackTrace=.*
LuaError: service.lua:10: broken
…
~	service.lua:12: in local 'handler'
…

RUN laconic invoke greet --in-process --async
EXIT 2

RUN laconic invoke nobody --in-process
EXIT 2
STDERR
laconic: the service has no function 'nobody'
…
