--- What a person sees while something takes its time, on standard error.
---
--- On a terminal one line lives: the stage, how long it has taken, how many resources are done, and
--- the one that takes longest. Elsewhere there is a line for each resource that is done or has
--- failed, and now and then one that says what is waited for. With --format json every event is a
--- JSON line.
local clock = require "host.clock"

---@class engine.Progress
local progress = {}
progress.__index = progress

---@class engine.ProgressOptions
---@field write? fun(text: string)     default: standard error
---@field terminal? boolean            whether a line may be rewritten
---@field columns? integer             its width
---@field format? "text"|"json"
---@field stamped? fun(text: string): string  puts the time before a line
---@field quiet? boolean               says nothing

local QUIET_SECONDS = 0.3 -- a stage that is faster than this shows no live line
local LINE_SECONDS = 30 -- between two lines that say what is waited for, without a terminal

---@param options? engine.ProgressOptions
---@return engine.Progress
function progress.new(options)
  options = options or {}
  return setmetatable({
    write = options.write or function(text)
      io.stderr:write(text)
    end,
    terminal = options.terminal and options.format ~= "json",
    columns = options.columns or 80,
    json = options.format == "json",
    stamped = options.stamped,
    quiet = options.quiet,
    moving = {}, -- logical id → when it began
    order = {}, -- the ids, as they began
    done = 0,
    began = clock.monotonic(),
    live = false,
    next_line = LINE_SECONDS, -- seconds into the stage
  }, progress)
end

--- The one for this process: a terminal's when standard error is one.
---@param format "text"|"json"
---@return engine.Progress
function progress.for_process(format)
  local terminal = require "host.terminal"
  local is_terminal = terminal.is_terminal "stderr" and os.getenv "TERM" ~= "dumb"
  local message = require "engine.cli.message"
  return progress.new {
    stamped = message.stamped,
    quiet = not message.wanted(),
    terminal = is_terminal,
    columns = is_terminal and (terminal.size()) or 80,
    format = format,
  }
end

-- Control characters in what AWS says must not reach a terminal.
local function plain(text)
  return (text:gsub("%c", " "))
end

local function cut(text, columns)
  local length = utf8.len(text)
  if not length or length < columns then
    return text
  end
  return text:sub(1, utf8.offset(text, columns - 1) - 1) .. "…"
end

function progress:clear()
  if self.live then
    self.write "\r\27[K"
    self.live = false
  end
end

local function show_live(self, text)
  if self.terminal and not self.quiet then
    self.write("\r\27[K" .. cut(text, self.columns))
    self.live = true
  end
end

local function write_line(self, text)
  if not self.quiet then
    self:clear()
    self.write((self.stamped and not self.json and self.stamped(text) or text) .. "\n")
  end
end

--- A stage begins.
---@param name string
function progress:stage(name)
  self.name, self.began = name, clock.monotonic()
  self.moving, self.order, self.done = {}, {}, 0
  self.next_line = LINE_SECONDS
  if self.json or not self.terminal then
    return
  end
  show_live(self, name .. " …")
end

local function track(self, id, status)
  if status:find "_IN_PROGRESS$" then
    if not self.moving[id] then
      self.moving[id] = clock.monotonic()
      table.insert(self.order, id)
    end
  elseif self.moving[id] then
    self.moving[id] = nil
    self.done = self.done + 1
  end
end

-- What has been moving for longest.
local function slowest(self)
  for _, id in ipairs(self.order) do
    if self.moving[id] then
      return id, clock.monotonic() - self.moving[id]
    end
  end
end

--- CloudFormation tells of a resource.
---@param event table  as AWS has it
function progress:event(event)
  local id, status = event.LogicalResourceId or "", event.ResourceStatus or ""
  local of_stack = event.PhysicalResourceId == event.StackId
  if not of_stack then
    track(self, id, status)
  end
  if self.json then
    local json = require "host.json"
    write_line(self, assert(json.encode {
      id = id,
      type = event.ResourceType,
      status = status,
      reason = event.ResourceStatusReason,
      time = event.Timestamp,
    }))
  elseif not status:find "_IN_PROGRESS$" then
    local reason = event.ResourceStatusReason -- why it failed; that the local cloud only records it
    local line = ("  %-20s %s"):format(status, id)
    write_line(self, plain(reason and line .. ": " .. reason or line))
  end
end

--- Nothing new; the stack is still moving.
---@param found engine.Stack
---@param seconds number
function progress:waiting(found, seconds)
  if seconds < QUIET_SECONDS then
    return
  end
  local id, age = slowest(self)
  local text = ("%s  %d s  %d done"):format(found.status, seconds // 1, self.done)
  if id then
    text = ("%s  %s %d s"):format(text, id, age // 1)
  end
  if self.terminal then
    show_live(self, plain(text))
  elseif not self.json and seconds >= self.next_line then
    self.next_line = seconds + LINE_SECONDS
    write_line(self, plain("  " .. text))
  end
end

--- Bytes go up.
---@param key string
---@param sent integer
---@param total integer
function progress:bytes(key, sent, total)
  if total > 0 then
    local name = key:match "[^/]*$"
    local text = "upload  %s  %.1f of %.1f MB"
    show_live(self, plain(text:format(name, sent / 1e6, total / 1e6)))
  end
end

--- Nothing more will come: takes the live line away. A to-be-closed variable does so by itself.
function progress:finish()
  self:clear()
end

progress.__close = progress.finish

-- Rows → aligned lines; the first column is padded.
local function align(rows)
  local width, lines = 0, {}
  for _, row in ipairs(rows) do
    width = math.max(width, utf8.len(row[1]) or #row[1])
  end
  for i, row in ipairs(rows) do
    local padding = (" "):rep(width - (utf8.len(row[1]) or #row[1]))
    lines[i] = ("  %s%s  %s"):format(row[1], padding, row[2])
  end
  return table.concat(lines, "\n")
end

--- How long each stage took, and all of them.
---@param stages { name: string, seconds: number }[]
---@return string
function progress.stage_table(stages)
  local rows, total = {}, 0
  for _, stage in ipairs(stages) do
    table.insert(rows, { stage.name, ("%8.3f s"):format(stage.seconds) })
    total = total + stage.seconds
  end
  table.insert(rows, { "total", ("%8.3f s"):format(total) })
  return align(rows)
end

--- A stack's outputs; "" when it has none.
---@param outputs { key: string, value: string }[]
---@return string
function progress.output_table(outputs)
  local rows = {}
  for i, output in ipairs(outputs) do
    rows[i] = { plain(output.key), plain(output.value) }
  end
  return align(rows)
end

return progress
