--- The access log of an API's stage: for each request one line, in the author's words, in a log group of
--- this cloud.
---
---     local access = access_log.open(cloud, { arn = …, format = "$context.requestId …", stage = … },
---       VARIABLES)
---     access:write(facts)
---
--- The words are literal but for API Gateway's `$context` variables. What has no value is "-". Values
--- stand as they would in a JSON text, so that no client's quote or line break ends the author's line:
--- AWS says nothing of how it writes them.
local clock = require "host.clock"
local digest = require "host.digest"
local json = require "host.json"
local log = require "host.log"
local text = require "engine.local.http.text"

local access_log = {}
access_log.__index = access_log

local LONGEST <const> = 262118 -- of an event in CloudWatch Logs, without what AWS counts beside it

local MOST_FORMAT <const> = 3072 -- bytes

--- Where the values of a kind of API stand: readers by what follows "$context.", and one for the rest.
---@class engine.local.http.AccessVariables
---@field named table<string, fun(facts: table): any>
---@field other fun(facts: table, name: string): any

---@class engine.local.http.AccessLog
---@field pieces (string|fun(facts: table): string)[]
---@field writer engine.local.services.logs.Writer

-- A value as it stands in a line.
local function shown(value)
  if value == nil or type(value) == "table" or value == json.null then
    return "-"
  elseif type(value) ~= "string" then
    return tostring(value)
  elseif value:find '[%c"\\\128-\255]' then
    return assert(json.encode(text.of(value))):sub(2, -2)
  end
  return value == "" and "-" or value
end

local function reader_of(name, variables)
  local read = variables.named[name]
  if read then
    return function(facts)
      return shown(read(facts))
    end
  elseif name == "error.messageString" then -- the message in quotes
    local message = reader_of("error.message", variables)
    return function(facts)
      return '"' .. message(facts) .. '"'
    end
  end
  return function(facts)
    return shown(variables.other(facts, name))
  end
end

-- Text and readers in turn. A dot behind a name ends a sentence.
local function compile(format, variables)
  local pieces, from = {}, 1
  for first, name, last in format:gmatch "()%$context%.([%a][%w_.-]*)()" do
    local trimmed = name:gsub("[.-]+$", "")
    table.insert(pieces, format:sub(from, first - 1))
    table.insert(pieces, reader_of(trimmed, variables))
    from = last - (#name - #trimmed)
  end
  table.insert(pieces, format:sub(from))
  return pieces
end

--- What API Gateway would refuse of a stage's settings; nil when it is nothing.
---@param arn any
---@param format any
---@return string?
function access_log.problem(arn, format)
  if arn == nil and format == nil then
    return nil
  elseif type(arn) ~= "string" or not arn:find "^arn:[%w-]+:%l+:[%w-]+:%d*:." then
    return "Invalid access log destination: the ARN of a log group is wanted"
  elseif type(format) ~= "string" or #format > MOST_FORMAT then
    return "Invalid access log format: a text of at most 3 KB is wanted"
  elseif format:gsub("[\r\n]+$", ""):find "[\r\n]" then
    return "Access log format must be a single line: a line break may only end it"
  elseif not (format:find("$context.requestId", 1, true)
    or format:find("$context.extendedRequestId", 1, true)) then
    return "Access log format must include $context.requestId or $context.extendedRequestId"
  end
end

-- Said once for each stream: stages are worked out anew with every change of an API.
local function warn_once(cloud, arn, problem)
  local warned = cloud:memory "access_log"
  if not warned[arn] then
    warned[arn] = true
    log.warn("an API's access log is not written", { destination = arn, because = problem })
  end
end

--- Opens the log of a stage; nil when it has none, or one that this cloud does not act out.
---@param cloud engine.local.Cloud
---@param settings { arn?: string, format?: string, stage: string }  stage: its ARN
---@param variables engine.local.http.AccessVariables
---@return engine.local.http.AccessLog?
function access_log.open(cloud, settings, variables)
  local arn, format = settings.arn, settings.format
  if type(arn) ~= "string" or type(format) ~= "string" then
    return nil
  end
  local region, name = arn:match "^arn:[%w-]+:logs:([%w-]+):%d*:log%-group:([^:]+)"
  if not region then
    warn_once(cloud, arn, "laconic local acts out log groups, and no Firehose streams")
    return nil
  end
  -- API Gateway's streams are called by 32 hexadecimal digits; here a stage has one
  local stream = digest.sha256(settings.stage):sub(1, 32)
  return setmetatable({
    pieces = compile((format:gsub("[\r\n]+$", "")), variables),
    writer = cloud:service("logs").writer(cloud, region, name, stream),
  }, access_log)
end

--- Writes the line of a request. What comes for a group that is gone is dropped.
---@param facts table  what the variables are read from
function access_log:write(facts)
  local parts = {}
  for i, piece in ipairs(self.pieces) do
    parts[i] = type(piece) == "string" and piece or piece(facts)
  end
  local line = table.concat(parts)
  if #line > LONGEST then
    line = text.of(line:sub(1, LONGEST))
  end
  self.writer:append({ line }, { clock.now() * 1000 // 1 | 0 })
end

--- A time between two moments as logs tell it, in milliseconds; nil when there is none.
---@param from? number  of the monotonic clock
---@param to? number
---@return integer?
function access_log.milliseconds(from, to)
  return from and to and (to - from) * 1000 // 1 | 0 or nil
end

return access_log
