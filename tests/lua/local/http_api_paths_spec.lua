local paths = require "engine.local.services.apigatewayv2.paths"

local function tree_of(keys)
  local tree = paths.new()
  for _, key in ipairs(keys) do
    local method, path = key:match "^(%u+) (.*)$"
    paths.add(tree, method, path, key)
  end
  return tree
end

describe("the routes of an HTTP API", function()
  it("are taken from the most specific on", function()
    local tree = tree_of {
      "GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}",
    }
    local function find(method, path)
      local route, parameters = paths.find(tree, method, path)
      return { route, parameters }
    end
    assert.same({ "GET /pets/dog/1" }, find("GET", "/pets/dog/1"))
    assert.same({ "GET /pets/dog/{id}", { id = "3" } }, find("GET", "/pets/dog/3"))
    assert.same({ "GET /pets/{proxy+}", { proxy = "cat/1" } }, find("GET", "/pets/cat/1"))
    assert.same({ "ANY /{proxy+}", { proxy = "test/5" } }, find("POST", "/test/5"))
    assert.same({ "ANY /{proxy+}", { proxy = "pets/dog/1" } }, find("POST", "/pets/dog/1"))
  end)

  it("fall back to a wider path where the narrow one lacks the method", function()
    local tree = tree_of { "GET /a/b", "POST /a/{x}", "ANY /a/{y+}" }
    assert.equal("POST /a/{x}", (paths.find(tree, "POST", "/a/b")))
    assert.equal("ANY /a/{y+}", (paths.find(tree, "PUT", "/a/b")))
  end)

  it("tell variables of different names apart", function()
    local tree = tree_of { "GET /{a}/x", "GET /{b}/y" }
    assert.same({ "GET /{a}/x", { a = "1" } }, { paths.find(tree, "GET", "/1/x") })
    assert.same({ "GET /{b}/y", { b = "1" } }, { paths.find(tree, "GET", "/1/y") })
  end)

  it("decode what variables hold", function()
    local tree = tree_of { "GET /a/{x}", "GET /b/{y+}" }
    assert.same({ x = "ä /" }, select(2, paths.find(tree, "GET", "/a/%C3%A4%20%2F")))
    assert.same({ y = "1/2 3" }, select(2, paths.find(tree, "GET", "/b/1/2%203")))
    assert.same({ x = "%zz" }, select(2, paths.find(tree, "GET", "/a/%zz")))
  end)

  it("are strict with slashes, and a variable is never empty", function()
    local tree = tree_of { "GET /", "GET /a", "GET /b/{x}", "GET /c/" }
    assert.equal("GET /", (paths.find(tree, "GET", "/")))
    assert.is_nil((paths.find(tree, "GET", "/a/")))
    assert.is_nil((paths.find(tree, "GET", "/b/")))
    assert.equal("GET /c/", (paths.find(tree, "GET", "/c/")))
    assert.is_nil((paths.find(tree, "GET", "/c")))
    assert.is_nil((paths.find(tree, "GET", "//a")))
  end)

  it("have bounds", function()
    local tree = tree_of { "ANY /{x+}" }
    assert.is_nil((paths.find(tree, "GET", ("/a"):rep(201))))
    assert.equal("ANY /{x+}", (paths.find(tree, "GET", ("/a"):rep(200))))
  end)
end)
