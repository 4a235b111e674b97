--- laconic local: serves the local cloud until Ctrl-C; with --watch, with a service in it that follows
--- its files.
local arguments = require "engine.cli.arguments"
local process = require "host.process"

local command = {
  summary = "Serve the local cloud until Ctrl-C",
  usage = "local [--watch [SERVICE.lua]] [--port N] [--state DIR] [--quiet] [--attended]",
  group = "run",
  most_words = 1,
  flags = {
    {
      name = "port",
      type = "integer",
      value = "N",
      summary = "The port on 127.0.0.1; 0: any free one (default 4566, or a free one)",
    },
    {
      name = "state",
      value = "DIR",
      summary = "Where its state is kept (default .laconic/local)",
    },
    {
      name = "watch",
      type = "boolean",
      summary = "Provision the service, and again whenever a file of its folder changes",
    },
    { name = "quiet", type = "boolean", summary = "Say one line, 'ready URL', and warnings" },
    { name = "attended", type = "boolean", summary = "End when no command uses it any more" },
  },
}

local PORT = 4566

-- What is thrown away is looked for when this much more is in use than before, and all of it when so much
-- more is in use than after the last time: often and little, so that nobody waits long for it.
local YOUNG_PERCENT <const>, OLD_PERCENT <const> = 5, 400

-- Everybody waits for the cloud: its turns of a processor are short, so that it gets the next one soon.
local TURN_SECONDS <const> = 0.0001

local GREETING = [[
The local cloud is ready: %s

  export AWS_ENDPOINT_URL=%s AWS_REGION=%s AWS_DEFAULT_REGION=%s
  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s

  aws s3 ls
  python3 -c 'import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])'

Account %s, state in %s. Ctrl-C ends it; the state stays.
]]

local function open(cloud, args, region)
  local options = { folder = args.state or cloud.folder_of(), port = args.port, region = region }
  if args.port then
    return cloud.open(options)
  end
  options.port = PORT
  local ok, opened = pcall(cloud.open, options)
  if ok then
    return opened
  elseif type(opened) ~= "table" or opened.code ~= "EADDRINUSE" then
    error(opened, 0)
  end
  options.port = 0
  return cloud.open(options)
end

local function greet(opened, args)
  local credentials = require "engine.local.credentials"
  if args.quiet then
    print("ready " .. opened.url)
  else
    local text = GREETING:format(opened.url, opened.url, opened.region, opened.region,
      credentials.ACCESS_KEY_ID, credentials.SECRET_ACCESS_KEY, opened.account, opened.state.root)
    io.stdout:write(text)
  end
  io.stdout:flush()
end

local function told(names)
  local more = #names > 1 and (" and %d more"):format(#names - 1) or ""
  io.stderr:write(("%s%s changed\n"):format(names[1], more))
end

-- Serves for ever, or until nobody is there: then the lock that says so is held to the end.
local function serve(opened, args)
  if not args.attended then
    return opened:serve()
  end
  return require("engine.local.attendance").serve(opened.state.root, function()
    opened:serve()
  end)
end

-- The service file to follow; nil: none.
local function watched_service(args)
  local path = args[1] or "service.lua"
  if args[1] and not args.watch then
    arguments.refuse("local takes a service file with --watch alone")
  elseif args.watch and not require("host.file").exists(path) then
    arguments.refuse("--watch: there is no '%s'", path)
  end
  return args.watch and path or nil
end

function command.run(args, context)
  if args.port and (args.port < 0 or args.port > 65535) then
    arguments.refuse("--port: 0 to 65535 is wanted, got %d", args.port)
  end
  local cloud = require "engine.local.cloud"
  local loop = require "engine.local.loop"
  local held = require("engine.local.state").HELD
  local globals = context.globals
  if args.quiet and not globals.level then
    require("host.log").configure { level = "warn" }
  end
  collectgarbage("generational", YOUNG_PERCENT, OLD_PERCENT)
  process.slice(TURN_SECONDS) -- where that is refused, it serves somewhat later
  local service = watched_service(args)
  local ok, opened = pcall(open, cloud, args, globals.region)
  if not ok then
    if args.attended and type(opened) == "table" and opened.code == held then
      print "held" -- for engine.local.attach, which uses that one; a person is told
      return 1
    end
    error(opened, 0)
  end
  local served, problem = pcall(loop.run, function()
    greet(opened, args)
    if service then
      loop.spawn(require("engine.local.reload").run, opened, service, told)
    end
    return serve(opened, args)
  end)
  opened:close()
  if not served and not (type(problem) == "table" and problem.kind == "interrupt") then
    error(problem, 0)
  end
  return 0
end

return command
