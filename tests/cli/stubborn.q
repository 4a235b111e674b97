FILE stubborn.lua
-- No safe point of Lua is reached while this pattern is looked for.
io.stdout:write "begun\n"
io.stdout:flush()
return ("x"):rep(200000):find ".-.-.-.-y"

FILE stop.sh
laconic run stubborn.lua > begun &
until grep -q begun begun; do :; done
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
