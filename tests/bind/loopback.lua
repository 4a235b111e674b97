--- Starts the loopback fixture for a spec: a server that answers by a script, in another process.
local loopback = {}

local program = os.getenv "LACONIC_LOOPBACK" or "build/asan/tests/loopback"

local function quote(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- An answer's text: status line, Content-Length, further header lines, body.
function loopback.answer(status, body, headers)
  local lines = { ("HTTP/1.1 %d Text"):format(status), "Content-Length: " .. #(body or "") }
  for _, line in ipairs(headers or {}) do
    table.insert(lines, line)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

local function start(command)
  local pipe = assert(io.popen(command, "r"))
  local port = assert(pipe:read "n", "the loopback fixture does not start: " .. program)
  pipe:read "l"
  return pipe, port
end

-- Texts, each behind its length and a line end, to the end of the program.
local function read_all(pipe)
  local list = {}
  while true do
    local length = pipe:read "n"
    if not length then
      break
    end
    pipe:read "l"
    table.insert(list, length > 0 and pipe:read(length) or "")
  end
  pipe:close()
  return list
end

--- Serves the answers, one each request, in order. An answer is a text, or { text, next }, where
--- next is "keep" (default), "close", "reset" or "stall".
function loopback.serve(answers)
  local words = { quote(program) }
  for _, answer in ipairs(answers) do
    local text, after = answer, "keep"
    if type(answer) == "table" then
      text, after = answer[1], answer[2]
    end
    table.insert(words, quote(after .. ":" .. text))
  end
  local pipe, port = start(table.concat(words, " "))
  return {
    port = port,
    url = ("http://127.0.0.1:%d"):format(port),
    --- What it was asked, once every answer has been given; ends it.
    requests = function()
      return read_all(pipe)
    end,
  }
end

--- Takes in the first `count` datagrams that come to its address.
function loopback.datagrams(count)
  local pipe, port = start(("%s datagrams:%d"):format(quote(program), count))
  return {
    address = ("127.0.0.1:%d"):format(port),
    --- What came, once all have come; ends it.
    received = function()
      return read_all(pipe)
    end,
  }
end

return loopback
