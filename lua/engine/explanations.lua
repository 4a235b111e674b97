--- What `laconic explain` tells of a code besides its title: how it comes about, and what to do.
---@type table<string, string>
local explanations = {
  E101 = [[
Tables in a service file hold the fields that are known, and no others: what is mistyped would be
silence otherwise. The message has the nearest known name. docs/stdlib lists every field.]],
  E102 = [[
The message names the field. Its word's page in docs/stdlib says what else is wanted: a field
without a question mark has to be there.]],
  E103 = [[
The message says what is expected and what came. What only the stack knows (`table.ref`,
`api.url`) is no text while the service is loaded; it fits where a field takes an intrinsic.]],
  E104 = [[
The value has the right type, but AWS, or Laconic, does not take it: a number outside of its
limits, a word that is none of those in the list, two fields that exclude each other.]],
  E105 = [[
Names keep to the rules of what they name in AWS. The message says which characters may stand
where, and how many.]],
  E106 = [[
Resources, parameters and outputs share their names with what Laconic makes of functions and
APIs: the function 'hello' makes HelloFunction, HelloRole and HelloLogs, its URL and an API 'hello'
the output HelloUrl. Rename one of the two; outputs of APIs and URLs by `output = "…"`.]],
  E107 = [[
A handle, what a word returns, has the fields of its kind: `.ref` and `:att "Name"` of a resource,
`.url` of an API. The message has the nearest known name, or says what is lacking for the field.]],
  E108 = [[
A service file has no globals: what is assigned to one by mistake would be gone in Lambda, where
each instance loads the file anew. Say `local`.]],
  E109 = [[
Lambda takes 4 KB of names and values for one function. What is larger travels as a file
(`service:include`), or is kept in SSM (`service:secret`) or in a bucket.]],
  E110 = [[
Lambda sets AWS_REGION, AWS_LAMBDA_FUNCTION_NAME and others itself, and refuses a function that
says them. Choose another name.]],
  E111 = [[
What a hook or a decorator raised is told at its own line. A `validate` hook raises to refuse the
service. `--level debug` shows the traceback.]],
  E112 = [[
A handle by name alone, `service:lambda "mail"`, speaks of what is said elsewhere in the file, and
nothing is (of a resource E301 says so, where the template has it). In a handler: the function was
not given what the message names; `discovers`, or a route, gives it.]],
  E113 = [[
Secrets are read by functions, while they run; in a service file they could end up in a template.
Ask for them inside the handler.]],
  E201 = [[
`laconic COMMAND` reads service.lua of the current folder. `laconic COMMAND PATH` reads another one,
`laconic new NAME` begins one.]],
  E202 = [[
Lua cannot compile the file; the message is Lua's own, at its line. Often an `end`, a comma or a
brace is missing somewhat before.]],
  E203 = [[
The file was run, and failed at that line. It is run for each command, and at each cold start in
Lambda: what it does at its top has to work in both. `--level debug` shows the traceback.]],
  E204 = [[
The last line of a service file is `return service`, the value that `laconic.service` made.]],
  E205 = [[
Modules are found beside the service file, under lua_modules (`luarocks install --tree lua_modules
NAME`), and where this machine has its own. `pcall(require, "name")` stands for one that may be
absent.]],
  E206 = [[
What `service:include`, a site or an API names is looked for from the service's folder.]],
  E207 = [[
A file that would travel to Lambda uses a name that nobody declared: most often a mistyped local.
Modules under lua_modules are not checked so.]],
  E208 = [[
Functions run in a runtime that lies beside the program, one for each architecture. `./dev build`
makes both, where Debian's cross compiler is installed.]],
  E209 = [[
Names in the archive come from places: the service's folder, lua_modules, what hooks add. Two of
them gave the same name to different files.]],
  E210 = [[
Lambda takes 250 MiB of files for a function, unpacked, layers included. Include less, or keep
large files in a bucket.]],
  E211 = [[
Handlers, and what the service file does whenever it is loaded, run in Lambda, with the modules
that the runtime carries: laconic.*, host.json, host.http and more, but not engine.provision or
host.process. Require those inside the command or the hook that needs them.]],
  E212 = [[
C modules travel as they are on this machine. For functions of another architecture, put modules
that are built for it under lua_modules/lib/lua/5.4.]],
  E213 = [[
The module uses functions that Lua 5.4 does not have, or brings a Lua along. Install it for Lua
5.4: `luarocks --lua-version 5.4 install --tree lua_modules NAME`.]],
  E214 = [[
The module wants a C library that is not GNU's, or a later version of it than this machine has.
Build it on this machine: its C library travels with it.]],
  E215 = [[
Every library that a module needs travels with it, and one of them is not on this machine, or
lacks what the module wants of it. Install the package that has it.]],
  E216 = [[
A file that is required as a C module is a shared object with a function luaopen_NAME. This one is
none, or cannot be read.]],
  E217 = [[
`require` finds Laconic's own modules (laconic.*, engine.*, host.*) before files of the same name,
so that this file would never be reached. Rename it.]],
  E218 = [[
Byte code is made for 64-bit little-endian machines, which Lambda's are. Leave out `bytecode`, or
build elsewhere: sources run everywhere.]],
  E219 = [[
The description is neither JSON nor YAML, says a name twice, is larger than 6 MiB, or is not there.
How a file is read, its name says: .json, .yaml or .yml. YAML is that of version 1.2, one document,
with JSON's values alone: no tags such as !Sub. Paths begin at the service's folder.]],
  E220 = [[
The file breaks a rule of Swagger 2.0 or OpenAPI 3, or asks for what a service API does not do.
Each problem has its place in the document, the rule, and the remedy. docs/service-api.md.]],
  E221 = [[
For an operation no module and function can be made of its path and its dispatch objects. The
message has its place in the document, and the remedy. docs/service-api.md, "Dispatch objects".]],
  E222 = [[
A path says that it implements an interface whose definition is not there, or does not fit.
docs/service-api.md, "Interfaces".]],
  E223 = [[
GET /player/{id} is answered by the function `get` of api/player.lua, and that file is not there.
Write it, or name another module by a dispatch object. docs/service-api.md.]],
  E224 = [[
API Gateway imports 6 MB at most. A description of more than 256 KiB is uploaded beside the code,
which cannot be when it holds what only the stack knows. docs/service-api.md,
"Large descriptions".]],
  E301 = [[
A Ref, a GetAtt, a `${Name}` or a DependsOn names what the template does not have. The message has
the nearest name, and `laconic template` shows them all.]],
  E302 = [[
CloudFormation takes 500 resources, 200 parameters, 200 outputs and 1 MB of template. Make two
services of it: one exports (`service:output { export = … }`), the other imports.]],
  E303 = [[
CloudFormation could not say what to make first. The message shows the circle. Often two functions
are told each other's names: let one of them find the other by `discovers`, or at run time.]],
  E304 = [[
A resource, most often one of `service:resource` or of a decorator, is not as CloudFormation wants
it; or CloudFormation itself refused the template, in its own words.]],
  E305 = [[
Decorators write into templates of their own, which are merged: a name that is there already is
never overwritten. To change what is there, use `build.template`.]],
  E306 = [[
Templates are JSON: functions, NaN, tables with both a list and fields, and circles cannot be
written. The message has the place.]],
  E401 = [[
Requests to AWS are signed. Keys come from the environment, a profile of ~/.aws, a web identity or
the machine's role: docs/command-line.md, "Where AWS is". To go without an account, say --local.]],
  E403 = [[
The keys are good, but what was asked is not allowed to them. Whoever runs the account can allow
the action that the message names. The local cloud allows everything.]],
  E404 = [[
The bucket that --bucket names holds the code. Without --bucket Laconic makes one of the account's
own, laconic-artifacts-ACCOUNT-REGION.]],
  E405 = [[
Lambda takes code from buckets of its own region. Name another bucket or another region.]],
  E406 = [[
`role = "name"` stands for a role that is there already. Make it, or say `laconic.iam.role { … }`,
or leave it out: then each function gets one of its own.]],
  E407 = [[
Say --region, or set AWS_REGION, or `region` of the profile in ~/.aws/config.]],
  E408 = [[
No answer came: is the network there, is a proxy wanted (https_proxy), does --endpoint-url lead
where it should? Requests were tried again before this was said.]],
  E501 = [[
A resource could not be made or changed, and CloudFormation took everything back. The message has
the resource's own line in your file, with AWS's reason; all events are in the file that it
names.]],
  E502 = [[
The stack stands in a state from which it does not change by itself. `laconic status` shows the
resources, `laconic delete` takes a stack away whose creation failed; one whose rollback failed is
continued in AWS's console.]],
  E503 = [[
Laconic stopped looking; the stack goes on by itself. The same command again follows it to its
end.]],
  E504 = [[
A stack belongs to a region and an account, and the local cloud of a folder is a place of its own,
too: is it --local, --region or --profile that is missing, or was it never provisioned?]],
  E505 = [[
Two runs of `laconic` write into one output folder. The other one ends by itself.]],
  E506 = [[
--inplace gives functions new code and nothing else. The message says what would change besides;
provision without --inplace.]],
  E703 = [[
`laconic COMMAND --help` says what is expected.]],
}

return explanations
