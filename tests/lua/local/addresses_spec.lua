local addresses = require "engine.local.addresses"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local store = require "engine.local.services.apigateway.store"

local HOST = "abc123.execute-api.eu-west-1.amazonaws.com"

-- A service that has one API, and tells how it was asked.
local one_api = {
  find = function(_, id)
    return id == "abc123" and { id = id } or nil
  end,
  answer = function(api, _, _, stage, path)
    return { status = 200, body = json.encode { id = api.id, stage = stage, path = path } }
  end,
}

describe("addresses", function()
  it("read AWS's hosts, and no other's", function()
    local cases = {
      { HOST, "apis", "abc123/dev/x" },
      { HOST:upper(), "apis", "abc123/dev/x" },
      { HOST .. ":443", "apis", "abc123/dev/x" },
      { "u1.lambda-url.us-east-1.on.aws", "urls", "u1/dev/x" },
      { "my.photos.s3-website-us-east-1.amazonaws.com", "sites", "my.photos/dev/x" },
      { "photos.s3-website.eu-central-1.amazonaws.com", "sites", "photos/dev/x" },
      { "front-1234.us-east-1.elb.amazonaws.com", "balancers", "front-1234/dev/x" },
      { "photos.s3.us-east-1.amazonaws.com", nil },
      { "abc123.execute-api.eu-west-1.amazonaws.com.evil.org", nil },
      { "API.example.org:80", "domains", "api.example.org/dev/x" },
      { "example.org", nil },
      { "127.0.0.1:4566", nil },
      { "", nil },
    }
    in_cloud(function(cloud)
      store.keep(cloud, "domains", { id = "api.example.org", mappings = {} })
      for _, case in ipairs(cases) do
        local front, rest = addresses.incoming(cloud, case[1], "/dev/x")
        assert.equal(case[2], front, case[1])
        assert.equal(case[3], rest, case[1])
      end
    end)
  end)

  it("turn URLs of what the cloud has into those that reach it", function()
    in_cloud(function(cloud)
      cloud.services.apigateway = one_api
      local port = cloud.url:match "%d+$"
      local cases = {
        ["https://" .. HOST .. "/dev/hello?a=1"] =
          "http://127.0.0.1:" .. port .. "/_apis/abc123/dev/hello?a=1",
        ["wss://" .. HOST .. "/live"] = "ws://127.0.0.1:" .. port .. "/_apis/abc123/live",
        ["https://" .. HOST] = "http://127.0.0.1:" .. port .. "/_apis/abc123",
        ["see https://" .. HOST .. "/a and https://" .. HOST .. "/b."] =
          ("see http://127.0.0.1:%s/_apis/abc123/a and http://127.0.0.1:%s/_apis/abc123/b."):format(
            port, port),
        ["https://other1.execute-api.eu-west-1.amazonaws.com/dev"] =
          "https://other1.execute-api.eu-west-1.amazonaws.com/dev",
        ["https://example.org/"] = "https://example.org/",
        ["ftp://" .. HOST .. "/x"] = "ftp://" .. HOST .. "/x",
        [HOST] = HOST,
      }
      for text, wanted in pairs(cases) do
        assert.equal(wanted, addresses.reachable(cloud, text))
      end
      assert.equal(7, addresses.reachable(cloud, 7))
    end)
  end)
end)
