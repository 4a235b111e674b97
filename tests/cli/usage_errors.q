RUN laconic provison
EXIT 2
STDOUT
STDERR
laconic: there is no command 'provison' (did you mean 'provision'?), and no service.lua here that could bring it
Run 'laconic help' or 'laconic COMMAND --help' to see what can be said.

RUN laconic version --formt json
EXIT 2
STDERR
laconic: unknown flag --formt (did you mean --format?)
…

RUN laconic version --format yaml
EXIT 2
STDERR
laconic: --format: one of text, json is wanted, got 'yaml'
…

RUN laconic version --region
EXIT 2
STDERR
laconic: --region needs a value: REGION
…

RUN laconic status hello -n
EXIT 2
STDOUT
STDERR
laconic: --noop touches no network, and this cannot do without
…

RUN laconic delete one two --local
EXIT 2
STDERR
laconic: delete: 'two' is one word too many
…

RUN laconic version please
EXIT 2
STDOUT
STDERR
laconic: version: 'please' is one word too many
…
