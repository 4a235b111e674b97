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
  local pipe = assert(io.popen(table.concat(words, " "), "r"))
  local port = assert(pipe:read "n", "the loopback fixture does not start: " .. program)
  pipe:read "l"
  return {
    port = port,
    url = ("http://127.0.0.1:%d"):format(port),
    --- What it was asked, once every answer has been given; ends it.
    requests = function()
      local requests = {}
      while true do
        local length = pipe:read "n"
        if not length then
          break
        end
        pipe:read "l"
        table.insert(requests, length > 0 and pipe:read(length) or "")
      end
      pipe:close()
      return requests
    end,
  }
end

return loopback
