local endpoint = require "engine.aws.endpoint"
local services = require "engine.aws.services"

local function resolve(service, region, variables, flag, profile, sections)
  return endpoint.resolve(services.find(service), region, {
    flag = flag,
    getenv = function(name)
      return (variables or {})[name]
    end,
    profile = function()
      return profile, sections
    end,
  })
end

describe("engine.aws.endpoint", function()
  it("knows AWS's partitions", function()
    assert.equal("https://sts.us-east-1.amazonaws.com", resolve("sts", "us-east-1").url)
    assert.equal("https://logs.cn-north-1.amazonaws.com.cn", resolve("logs", "cn-north-1").url)
    assert.equal("https://sts.us-gov-west-1.amazonaws.com", resolve("sts", "us-gov-west-1").url)
  end)

  it("signs for IAM in its partition's own region", function()
    assert.same({
      url = "https://iam.amazonaws.com",
      signing_region = "us-east-1",
      custom = false,
      name = "aws",
    }, resolve("iam", "eu-west-1"))
    assert.equal("https://iam.cn-north-1.amazonaws.com.cn", resolve("iam", "cn-northwest-1").url)
    assert.equal("us-gov-west-1", resolve("iam", "us-gov-east-1").signing_region)
  end)

  it("takes the strongest of what the user set", function()
    local profile = { endpoint_url = "http://profile" }
    local sections = { s3 = { endpoint_url = "http://section" } }
    local all = { AWS_ENDPOINT_URL_S3 = "http://own", AWS_ENDPOINT_URL = "http://all" }

    assert.equal("http://flag", resolve("s3", "x", all, "http://flag/", profile).url)
    assert.equal("http://own", resolve("s3", "x", all, nil, profile).url)
    assert.equal("http://all", resolve("sts", "x", all, nil, profile).url)
    assert.equal("http://section", resolve("s3", "x", {}, nil, profile, sections).url)
    assert.equal("http://profile", resolve("sts", "x", {}, nil, profile, sections).url)
    assert.equal("http://profile", resolve("s3", "x", { AWS_ENDPOINT_URL = "" }, nil, profile).url)
  end)

  it("can be told to ignore all but the flag", function()
    local variables = {
      AWS_ENDPOINT_URL = "http://all",
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = "true",
    }

    assert.equal("https://sts.us-east-1.amazonaws.com", resolve("sts", "us-east-1", variables).url)
    assert.equal("http://flag", resolve("sts", "us-east-1", variables, "http://flag").url)
  end)

  it("finds AWS's address of an API on the local cloud, in its functions", function()
    local stage = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/prod"
    local cloud = { LACONIC_LOCAL_URL = "http://127.0.0.1:4566" }
    local function url_of(variables, flag)
      return resolve("apigatewaymanagementapi", "eu-west-1", variables, flag).url
    end

    assert.equal("http://127.0.0.1:4566/_apis/a1b2c3/prod", url_of(cloud, stage))
    assert.equal(stage, url_of(nil, stage))
    assert.equal("https://own.example/prod", url_of(cloud, "https://own.example/prod"))
  end)

  it("names another back end by its host, whatever its port", function()
    assert.equal("localhost", resolve("s3", "x", nil, "http://localhost:4566").name)
  end)

  it("takes the variants of AWS's endpoints from the environment or the profile", function()
    local function url_of(service, region, variables, profile)
      return resolve(service, region, variables, nil, profile).url
    end
    local fips = { AWS_USE_FIPS_ENDPOINT = "true" }
    local dual = { AWS_USE_DUALSTACK_ENDPOINT = "TRUE" }

    assert.equal("https://sqs-fips.us-east-1.amazonaws.com", url_of("sqs", "us-east-1", fips))
    assert.equal("https://sqs.us-gov-west-1.amazonaws.com", url_of("sqs", "us-gov-west-1", fips))
    assert.equal("https://iam-fips.amazonaws.com", url_of("iam", "us-east-1", fips))
    assert.equal("https://sqs.cn-north-1.api.amazonwebservices.com.cn",
      url_of("sqs", "cn-north-1", dual))
    assert.equal("https://s3.dualstack.eu-west-1.amazonaws.com", url_of("s3", "eu-west-1", dual))
    assert.equal("https://ecr.eu-west-1.api.aws", url_of("ecr", "eu-west-1", dual))
    assert.equal("https://sqs-fips.eu-west-1.amazonaws.com",
      url_of("sqs", "eu-west-1", {}, { use_fips_endpoint = "true" }))
    assert.equal("https://sqs.eusc-de-east-1.amazonaws.eu", url_of("sqs", "eusc-de-east-1", {}))
  end)

  it("refuses what is no URL", function()
    local raised = assert.has_error(function()
      resolve("s3", "x", nil, "localhost:4566")
    end)

    assert.equal("usage", raised.kind)
    assert.equal("the endpoint 'localhost:4566' is not a URL", tostring(raised))
  end)
end)
