RUN laconic new hello
STDOUT
…

RUN cd hello && laconic -f json check
STDOUT
{
…
  "service": "hello",
…
}
STDERR

RUN cd hello && laconic -f json provision --noop
STDOUT
{
  "artifacts": {
    "code": ".laconic/hello/code.zip",
    "template": ".laconic/hello/template.json"
  },
…
}
STDERR

RUN cd hello && laconic explain E106 -f json
STDOUT
{
  "code": "E106",
~  "text": "Resources, .+",
  "title": "A name is used twice"
}
STDERR

RUN cd hello && laconic status --local -f json
STDOUT
{
  "name": "hello",
  "status": null
}
STDERR
~{.*"message":"There is no stack 'hello' in us%-east%-1%.".*}

RUN cd hello && laconic invoke hello --local -f json
EXIT 1
STDOUT
STDERR
~{"code":"E504","hint":"make it with .*","kind":"failed","level":"error","message":"there is no stack 'hello' in us%-east%-1","status":1}

RUN cd hello && laconic provision --local --format json >provisioned.json && cat provisioned.json
STDOUT
{
  "operation": "create",
  "outputs": {},
…
}

RUN cd hello && laconic invoke hello --async --local -f json
STDOUT
{"queued":true}
STDERR
~{.*"message":"Queued%.".*}
…

RUN cd hello && laconic delete --local -f json
STDOUT
{
  "artifacts": 0,
  "operation": "delete",
  "stack": "hello"
}

RUN cd hello && laconic delete --local -f json
STDOUT
{
  "artifacts": 0,
  "operation": "none",
  "stack": "hello"
}
STDERR

RUN cd hello && laconic -f json check nothing.lua
EXIT 4
STDOUT
STDERR
~{"cause":"cannot read nothing.lua: .*","code":"E201",.*"kind":"invalid","level":"error",.*"status":4}

RUN laconic new other -f json
STDOUT
{
  "files": [
    "service.lua",
    ".gitignore"
  ],
  "folder": "other"
}
STDERR

RUN laconic help version -f json
STDOUT
{
  "flags": [],
  "global_flags": [
…
  ],
  "name": "version",
  "summary": "Show the version",
  "usage": "laconic version"
}
STDERR

RUN laconic help -f json
STDOUT
{
  "commands": [
    {
      "group": "start",
      "name": "explain",
…
  ],
  "flags": [
…
  ]
}
STDERR
