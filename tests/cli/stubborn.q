FILE stubborn.lua
-- Lua runs no hook while it runs a finalizer.
setmetatable({}, {
  __gc = function()
    io.stdout:write "begun\n"
    io.stdout:flush()
    while true do
    end
  end,
})
collectgarbage()

FILE stop.sh
laconic run stubborn.lua > begun &
until grep -qs begun begun; do :; done
kill -TERM $!
kill -TERM $!
test "$(cut -d ' ' -f 3 /proc/$!/stat)" = Z && echo "two signals that came together ended it"
until test "$(cut -d ' ' -f 3 /proc/$!/stat)" = Z; do kill -TERM $!; done
wait $!
echo "status $?"

RUN sh stop.sh 2>&1 | grep -v Terminated
EXIT 0
STDOUT
status 143
