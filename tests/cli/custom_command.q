FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "shop" }
service:lambda { name = "a", handler = function() end }
service:command {
  name = "seed",
  summary = "Loads sample data",
  flags = {
    { name = "count", type = "integer", default = 10, summary = "How many rows" },
    { name = "table", required = true, summary = "Where to" },
  },
  run = function(args, host)
    print(("%d rows into %s of %s"):format(args.count, args.table, host.service.name))
    return args.count > 100 and 3 or 0
  end,
}
return service

RUN laconic seed --table visits --count 3
STDOUT
3 rows into visits of shop
STDERR

RUN laconic seed --table visits --count 300
EXIT 3

RUN laconic seed
EXIT 2
STDERR
laconic: --table is required: Where to
…

RUN laconic seed --table x --cont 3
EXIT 2
STDERR
laconic: unknown flag --cont (did you mean --count?)
…

RUN laconic sed
EXIT 2
STDERR
laconic: there is no command 'sed' (did you mean 'seed'?)
…

RUN laconic help
STDOUT
…
This service's own
  seed         Loads sample data

RUN laconic help seed
STDOUT
…
~.*%-%-count VALUE.*%(default 10%).*
…
