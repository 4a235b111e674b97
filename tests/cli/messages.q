RUN laconic new hello
STDOUT
…

RUN cd hello && laconic provision --local --level warn
STDOUT
STDERR

RUN cd hello && laconic -z provision --local
STDERR
~%d+-%d+-%d+T%d+:%d+:%d+%.%d+Z    load .*
…
~%d+-%d+-%d+T%d+:%d+:%d+%.%d+Z  No changes: hello .*

RUN cd hello && laconic delete --local -z -n
STDERR
~%d+-%d+-%d+T%d+:%d+:%d+%.%d+Z  Would delete the stack hello%.

RUN cd hello && laconic --level=error delete --local
STDERR

RUN cd hello && laconic provision --inplace --code-pipeline-package x
EXIT 2
STDERR
laconic: --inplace changes the stack, --code-pipeline-package leaves it alone: say one of them
…

RUN cd hello && laconic invoke hello --noop
STDOUT
STDERR
Would call the function 'hello' of the stack 'hello'.

RUN cd hello && laconic --bucket photos provision
EXIT 2
STDERR
laconic: unknown flag --bucket: before the command only flags of every command can stand
…

RUN cd hello && laconic -l loud provision
EXIT 2
STDERR
~laconic: %-%-level: one of .* is wanted, got 'loud'
…
