--- The AWS services that Laconic calls: names, protocols, and the shape of each REST action. Data.
---
--- A `query` or `json` service needs no list of actions. A `rest` action names its method and path
--- ({Name} is filled from the parameters, {Key+} keeps its slashes), which parameters go to the
--- query or the headers, and what the body is: "json" (all that is left), or one parameter's name.
--- `answer` says how to read what comes back: "json" (default), "xml", or "raw" (headers and body).

---@class engine.AwsService: engine.EndpointNames
---@field title string       as people call it
---@field signing string     the name in the signature's scope
---@field protocol "query"|"json"|"rest"
---@field version? string    query
---@field target? string     json: the prefix of X-Amz-Target
---@field actions? table<string, engine.RestAction>

---@class engine.RestAction
---@field method string
---@field path string
---@field fixed_query? string
---@field query? table<string, string>
---@field headers? table<string, string>
---@field body? string
---@field answer? "json"|"xml"|"raw"

local FUNCTION = "/2015-03-31/functions/{FunctionName}"

---@type table<string, engine.AwsService>
return {
  cloudformation = {
    title = "CloudFormation",
    host = "cloudformation",
    id = "CLOUDFORMATION",
    signing = "cloudformation",
    protocol = "query",
    version = "2010-05-15",
  },
  iam = {
    title = "IAM",
    host = "iam",
    id = "IAM",
    signing = "iam",
    global = true,
    protocol = "query",
    version = "2010-05-08",
  },
  lambda = {
    title = "Lambda",
    host = "lambda",
    id = "LAMBDA",
    signing = "lambda",
    protocol = "rest",
    actions = {
      GetFunction = { method = "GET", path = FUNCTION, query = { Qualifier = "Qualifier" } },
      Invoke = {
        method = "POST",
        path = FUNCTION .. "/invocations",
        query = { Qualifier = "Qualifier" },
        headers = {
          ClientContext = "X-Amz-Client-Context",
          InvocationType = "X-Amz-Invocation-Type",
          LogType = "X-Amz-Log-Type",
        },
        body = "Payload",
        answer = "raw",
      },
      UpdateFunctionCode = { method = "PUT", path = FUNCTION .. "/code", body = "json" },
    },
  },
  logs = {
    title = "CloudWatch Logs",
    host = "logs",
    id = "CLOUDWATCH_LOGS",
    signing = "logs",
    protocol = "json",
    target = "Logs_20140328",
  },
  s3 = {
    title = "S3",
    host = "s3",
    id = "S3",
    signing = "s3",
    protocol = "rest",
    actions = {
      CreateBucket = { method = "PUT", path = "/", body = "Body", answer = "raw" },
      DeleteObject = {
        method = "DELETE",
        path = "/{Key+}",
        query = { VersionId = "versionId" },
        answer = "raw",
      },
      GetBucketVersioning = {
        method = "GET",
        path = "/",
        fixed_query = "versioning=",
        answer = "xml",
      },
      HeadBucket = {
        method = "HEAD",
        path = "/",
        headers = { ExpectedBucketOwner = "x-amz-expected-bucket-owner" },
        answer = "raw",
      },
      HeadObject = { method = "HEAD", path = "/{Key+}", answer = "raw" },
      PutObject = {
        method = "PUT",
        path = "/{Key+}",
        headers = { ContentType = "Content-Type" },
        body = "Body",
        answer = "raw",
      },
      PutPublicAccessBlock = {
        method = "PUT",
        path = "/",
        fixed_query = "publicAccessBlock=",
        headers = { ContentMD5 = "Content-MD5" },
        body = "Body",
        answer = "raw",
      },
    },
  },
  sts = {
    title = "STS",
    host = "sts",
    id = "STS",
    signing = "sts",
    protocol = "query",
    version = "2011-06-15",
  },
}
