RUN laconic new hello
STDOUT
Made hello/service.lua. Next:

  cd hello
  laconic provision --local
  laconic invoke hello '{"name":"Ada"}' --local
STDERR

RUN laconic new hello
EXIT 1
STDERR
laconic: 'hello' exists already: nothing was written

RUN laconic new 9lives
EXIT 2
STDERR
laconic: '9lives' cannot be a service's name: letters, digits and hyphens, a letter first, 128 at most
…
NO 9lives

RUN laconic new
EXIT 2
STDERR
laconic: new needs a name: laconic new hello
…

RUN cd hello && laconic check
STDOUT
…
