FILE good.json
{
  "swagger": "2.0",
  "info": { "title": "players", "version": "1" },
  "x-amazon-cloud-canvas-lambda-dispatch": { "enable_iam": false, "enable_cores": false },
  "paths": { "/player": { "get": { "responses": { "200": { "description": "ok" } } } } }
}

RUN laconic swagger good.json
STDOUT
{
    "definitions": {
        "Error": {
…
STDERR
warning: anyone may call GET /player

RUN laconic swagger good.json -o out.json && cat out.json | tail -n 2
STDOUT
    "swagger": "2.0"
}
STDERR
warning: anyone may call GET /player

RUN laconic service-api-process-swagger --input good.json --output same.json 2>/dev/null && cmp out.json same.json

RUN laconic service-api-process-swagger
EXIT 2
STDERR
laconic: one of --input and --resource-group is wanted
…

RUN laconic client good.json | tail -n 1
STDOUT
return client

FILE bad.json
{
  "swagger": "2.0",
  "info": { "title": "players", "version": "1" },
  "paths": {
    "/player/{id}": {
      "get": {
        "parameters": [
          { "name": "h", "in": "header", "type": "string" },
          { "name": "id", "in": "path", "required": true, "type": "text" }
        ],
        "responses": { "200": { "description": "ok" } }
      }
    }
  }
}

RUN laconic swagger bad.json -o never.json
EXIT 4
STDOUT
STDERR
laconic: bad.json: paths./player/{id}.get.parameters[1].type: is not one that is accepted; take one of string, number, boolean, integer, array
  (An API description is not valid: laconic explain E220)
NO never.json

RUN sed -i 's/"text"/"string"/' bad.json && laconic swagger bad.json -o never.json
EXIT 4
STDERR
laconic: bad.json: paths./player/{id}.get.parameters[0]: a header parameter does not reach a function; put it into the path, the query or the body
  (An operation cannot be dispatched: laconic explain E221)
NO never.json

RUN printf 'swagger: "2.0"\n' > yaml.json && laconic swagger yaml.json
EXIT 4
STDERR
laconic: yaml.json: the API description is not JSON: line 1, column 1 (byte 1): a value expected, got 's'
  it looks like YAML: end its name in .yaml
…

RUN laconic swagger nothing.json
EXIT 4
STDERR
laconic: nothing.json: the API description cannot be read: cannot read nothing.json: No such file or directory
…

FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "two" }
return service

RUN laconic swagger
EXIT 2
STDERR
laconic: service.lua has no service:api
…

FILE good.yaml
swagger: "2.0"
info: { title: players, version: "1" }
x-amazon-cloud-canvas-lambda-dispatch: { enable_iam: false, enable_cores: false }
paths:
  /player:
    get: { responses: { 200: { description: ok } } }

RUN laconic swagger good.yaml -o from-yaml.json && cmp out.json from-yaml.json
STDERR
warning: anyone may call GET /player

RUN laconic client good.yaml | tail -n 1
STDOUT
return client

RUN printf '  /player: {}\n' >> good.yaml && laconic swagger good.yaml
EXIT 4
STDERR
laconic: good.yaml:7: the API description is not YAML that can be taken: line 7, column 3: the name '/player' is here twice
  (An API description cannot be read: laconic explain E219)

RUN printf '{"paths":{},"paths":{}}' > twice.json && laconic swagger twice.json
EXIT 4
STDERR
laconic: twice.json: paths: is there twice; take one out
  (An API description cannot be read: laconic explain E219)

FILE players.lua
local laconic = require "laconic"
local service = laconic.service { name = "players" }
service:api { swagger = "good.json", name = "players" }
return service

RUN mkdir -p api && printf 'local a = require "laconic.service_api"\nreturn { get = a.api(function() end) }\n' > api/player.lua

RUN laconic check players.lua | cut -d , -f 1
STDOUT
players is valid: 1 function
STDERR
warning: good.json: anyone may call GET /player

RUN laconic check players.lua --format json | grep -A 1 '"warnings"'
STDOUT
  "warnings": [
    "good.json: anyone may call GET /player"
