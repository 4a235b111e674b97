local attach = require "engine.local.attach"
local file = require "host.file"
local http = require "host.http"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local folder

before_each(function()
  folder = assert(file.temporary_folder())
end)

after_each(function()
  assert(file.remove_tree(folder))
end)

local function is_healthy(url)
  local answer = http.request { url = url .. "/_laconic/health", proxy = "" }
  return answer ~= nil and answer.status == 200
end

describe("engine.local.attach", function()
  it("starts a cloud for as long as it is held", function()
    local url
    do
      local cloud <close> = attach.open(folder)
      url = cloud.endpoint_url
      assert.is_true(is_healthy(url))
      assert.equal("local", cloud.credentials.access_key_id)
      assert.equal("us-east-1", cloud.region)
    end
    assert.is_false(is_healthy(url))
  end)

  it("uses the one that runs there, and leaves it running", function()
    local running <close> = served_cloud.start(folder .. "/.laconic/local")
    local cloud = attach.open(folder)
    assert.equal(running.url, cloud.endpoint_url)
    cloud:close()
    assert.is_true(is_healthy(running.url))
  end)

  it("is not led astray by what a killed cloud left behind", function()
    local killed = served_cloud.start(folder .. "/.laconic/local")
    killed:kill()
    assert.is_true(file.exists(folder .. "/.laconic/local/endpoint.json"))
    local cloud <close> = attach.open(folder)
    assert.is_true(is_healthy(cloud.endpoint_url))
  end)

  it("says so when the cloud cannot start", function()
    assert(file.write(folder .. "/.laconic", "in the way"))
    assert.error_matches("ended before it was ready", function()
      attach.open(folder)
    end)
  end)
end)
