--- Read, evaluate, print: `return LINE` first, more lines while a chunk is unfinished.
local pretty = require "engine.cli.pretty"

local repl = {}

-- A line is a chunk of its own, and a local would be gone with it: `local x = 1`, copied from a service
-- file, is taken for `x = 1`. What has an attribute stays as it is.
local function kept(text)
  local bare = text:match "^%s*local%s+(function%f[^%w_].*)$"
  local names, rest = text:match "^%s*local%s+([%a_][%w_%s,]*)(.*)$"
  if bare then
    return bare
  elseif names and rest:match "^=[^=]" then
    return names .. rest
  end
  return text
end

--- Compiles what was typed: an expression if it is one, else a statement.
---@param text string
---@param environment table
---@return function? chunk  nil when it cannot be compiled
---@return string? problem
---@return boolean? unfinished  more lines may make it whole
function repl.compile(text, environment)
  local chunk, no_expression = load("return " .. text, "=repl", "t", environment)
  if chunk then
    return chunk
  end
  local problem
  chunk, problem = load(kept(text), "=repl", "t", environment)
  if chunk then
    return chunk
  end
  return nil, problem, (problem:match "<eof>$" or no_expression:match "<eof>$") ~= nil
end

--- The names that may follow what is typed, for completion: fields of the table before the last dot.
---@param line string
---@param environment table
---@return string[] candidates  whole lines
function repl.complete(line, environment)
  local head, path, word = line:match "^(.-)([%w_.:]*[.:])([%w_]*)$"
  if not head then
    head, word = line:match "^(.-)([%w_]*)$"
    path = ""
  end
  local holder = environment
  for name in path:gmatch "[%w_]+" do
    local ok, value = pcall(function()
      return holder[name]
    end)
    holder = ok and value or nil
    if type(holder) ~= "table" then
      return {}
    end
  end
  local found, meta = {}, getmetatable(holder)
  for _, source in ipairs { holder, type(meta) == "table" and meta.__index or nil } do
    for key in pairs(type(source) == "table" and source or {}) do
      if type(key) == "string" and key:sub(1, #word) == word and key:match "^[%a_][%w_]*$" then
        found[key] = true
      end
    end
  end
  local candidates = {}
  for key in pairs(found) do
    table.insert(candidates, head .. path .. key)
  end
  table.sort(candidates)
  return candidates
end

local function report(write, results)
  local parts = {}
  for i = 2, results.n do
    table.insert(parts, pretty.show(results[i]))
  end
  if #parts > 0 then
    write(table.concat(parts, "\n") .. "\n")
  end
end

local function explain(raised)
  if type(raised) == "table" then
    local ok, text = pcall(tostring, raised)
    return ok and text or "an error that cannot be shown: " .. tostring(text)
  end
  return (debug.traceback(tostring(raised), 2):gsub("\n%s*%[C%]: in function 'xpcall'.*$", ""))
end

-- The history is a file of lines: what holds a NUL is in none.
local function remember(editor, text)
  if not text:find "\0" then
    editor:add(text)
  end
end

--- Runs until the input ends or `:quit`. An error never ends the session; Ctrl-C drops the line.
---@param editor table          host.terminal's editor: read(prompt), add(line)
---@param environment table     where names live
---@param options? { write?: fun(text: string), commands?: table<string, fun(rest: string)> }
function repl.run(editor, environment, options)
  options = options or {}
  local write = options.write or function(text)
    io.stdout:write(text)
    io.stdout:flush()
  end
  local pending
  while true do
    local line, problem = editor:read(pending and ">> " or "> ")
    if not line then
      if not problem then
        return
      end
      pending = nil -- Ctrl-C: what was begun is dropped
    elseif not pending and line:match "^:" then
      local word, rest = line:match "^:(%S*)%s*(.*)$"
      if word == "quit" or word == "q" then
        return
      end
      local command = options.commands and options.commands[word]
      if command then
        local ok, raised = xpcall(command, explain, rest)
        if not ok then
          write(tostring(raised) .. "\n")
        end
      else
        write(("no such command: :%s (try :help)\n"):format(word))
      end
    elseif line:match "%S" or pending then
      local text = pending and pending .. "\n" .. line or line
      local chunk, wrong, unfinished = repl.compile(text, environment)
      if chunk then
        remember(editor, text)
        pending = nil
        local results = table.pack(xpcall(chunk, explain))
        if results[1] then
          environment._ = results[2]
          local shown, wrong_text = pcall(report, write, results)
          if not shown then
            write(tostring(wrong_text) .. "\n")
          end
        else
          write(tostring(results[2]) .. "\n")
        end
      elseif unfinished then
        pending = text
      else
        remember(editor, text)
        pending = nil
        write(wrong .. "\n")
      end
    end
  end
end

return repl
