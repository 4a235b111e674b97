FILE role/service.lua
local laconic = require "laconic"
local service = laconic.service { name = "reports" }
service:lambda {
  name = "nightly",
  role = "reporter",
  handler = function() end,
}
return service

RUN cd role && laconic check
STDOUT
…

RUN cd role && laconic provision --local
EXIT 4
STDOUT
STDERR
…
~laconic: service.lua:%d: .*reporter.*
…

RUN cd role && laconic status --local
STDERR
There is no stack 'reports' in us-east-1.

FILE bucket.lua
local aws = require "engine.aws"
local opened <close> = require("engine.cli.target").open { ["local"] = true, region = "eu-west-1" }
aws.call(opened.session, "s3", "CreateBucket", {
  Bucket = "elsewhere",
  Body = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>",
})

FILE service.lua
local laconic = require "laconic"
local service = laconic.service { name = "far" }
service:lambda { name = "a", handler = function() end }
return service

RUN laconic run bucket.lua

RUN laconic provision --local --bucket elsewhere
EXIT 1
STDERR
…
~laconic: .*elsewhere.*eu%-west%-1.*us%-east%-1.*
…

RUN laconic provision --local --bucket nowhere-to-be-found
EXIT 1
STDERR
…
~laconic: the bucket 'nowhere%-to%-be%-found' does not exist
…

RUN laconic provision --region us-east-1
EXIT 5
STDERR
…
~laconic: .*credentials.*
…

RUN laconic status --local
STDERR
There is no stack 'far' in us-east-1.
