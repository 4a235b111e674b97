local file = require "host.file"
local http = require "host.http"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local folder, cloud

local WEBSITE = [[<WebsiteConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<IndexDocument><Suffix>index.html</Suffix></IndexDocument>
<ErrorDocument><Key>oh.html</Key></ErrorDocument></WebsiteConfiguration>]]

local POLICY = [[{"Statement":[
  {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::pages/*"},
  {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:Get*",
   "Resource":["arn:aws:s3:::pages/private/*"]}]}]]

local function put(path, query, body, kind)
  local answer = cloud:send {
    method = "PUT", path = path, query = query, body = body,
    headers = kind and { { "Content-Type", kind } } or nil,
  }
  assert.truthy(answer.status < 300, answer.body)
end

local function ask(path, more)
  local request = { url = cloud.url .. path, proxy = "" }
  for name, value in pairs(more or {}) do
    request[name] = value
  end
  return assert(http.request(request))
end

before_each(function()
  folder = assert(file.temporary_folder())
  cloud = served_cloud.start(folder .. "/state")
  put("/pages")
  for key, body in pairs {
    ["index.html"] = "home", ["docs/index.html"] = "docs", ["a b+c.txt"] = "plus",
    ["oh.html"] = "oh", ["private/x.html"] = "secret",
  } do
    put("/pages/" .. key:gsub("[ +]", { [" "] = "%20", ["+"] = "%2B" }), "", body,
      key:match "html$" and "text/html" or "text/plain")
  end
  put("/pages", "website=", WEBSITE)
  put("/pages", "policy=", POLICY)
end)

after_each(function()
  cloud:close()
  assert(file.remove_tree(folder))
end)

describe("a bucket that is a website", function()
  it("shows its pages to anybody, by path and by host", function()
    local home = ask "/_sites/pages/"
    assert.equal("home", home.body)
    assert.equal("text/html", home.headers["content-type"])
    assert.equal("docs", ask("/_sites/pages/docs/").body)
    assert.equal("plus", ask("/_sites/pages/a%20b+c.txt").body)
    for _, host in ipairs {
      "pages.s3-website.localhost:4566", "pages.s3-website-us-east-1.amazonaws.com",
      "pages.s3-website.eu-central-1.amazonaws.com",
    } do
      assert.equal("docs", ask("/docs/", { headers = { Host = host } }).body)
    end
  end)

  it("sends who forgets the slash of a folder to it", function()
    local answer = ask "/_sites/pages/docs"
    assert.equal(302, answer.status)
    assert.equal("/_sites/pages/docs/", answer.headers.location)
    answer = ask("/docs", { headers = { Host = "pages.s3-website.localhost" } })
    assert.equal("/docs/", answer.headers.location)
  end)

  it("shows its error document for what is not there, with the status", function()
    local answer = ask "/_sites/pages/nothing"
    assert.equal(404, answer.status)
    assert.equal("oh", answer.body)
  end)

  it("keeps from anybody what its policy denies, or does not allow", function()
    assert.equal(403, ask("/_sites/pages/private/x.html").status)
    put("/pages", "policy=", [[{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},
      "Action":"*","Resource":"*"}}]])
    local answer = ask "/_sites/pages/"
    assert.equal(403, answer.status)
    assert.matches("AccessDenied", answer.body)
    put("/pages", "policy=", [[{"Statement":{"Effect":"Allow","Principal":"*",
      "Action":[5,"s3:G?tObject"],"Resource":[null,"arn:aws:s3:::pages/d*"]}}]])
    assert.equal("docs", ask("/_sites/pages/docs/").body)
    assert.equal(403, ask("/_sites/pages/").status)
  end)

  it("answers HEAD, ranges and what is not modified; nothing but reading", function()
    local head = ask("/_sites/pages/index.html", { method = "HEAD" })
    assert.equal("4", head.headers["content-length"])
    local part = ask("/_sites/pages/index.html", { headers = { Range = "bytes=1-2" } })
    assert.equal(206, part.status)
    assert.equal("om", part.body)
    assert.equal(304, ask("/_sites/pages/index.html",
      { headers = { ["If-None-Match"] = head.headers.etag } }).status)
    assert.equal(304, ask("/_sites/pages/index.html",
      { headers = { ["If-Modified-Since"] = head.headers["last-modified"] } }).status)
    for status, headers in pairs {
      [412] = { ["If-Match"] = '"other"' }, [416] = { Range = "bytes=4-" },
    } do
      local refused = ask("/_sites/pages/index.html", { headers = headers })
      assert.equal(status, refused.status)
      assert.matches("^text/html", refused.headers["content-type"])
      assert.equal(status == 416 and "bytes */4" or nil, refused.headers["content-range"])
    end
    assert.equal(405, ask("/_sites/pages/index.html", { method = "POST", body = "x" }).status)
    assert.equal(400, ask("/_sites/pages/%zz").status)
  end)

  it("is none without a configuration, and none without a bucket", function()
    put("/plain")
    local answer = ask "/_sites/plain/"
    assert.equal(404, answer.status)
    assert.matches("NoSuchWebsiteConfiguration", answer.body)
    assert.matches("NoSuchBucket", ask("/_sites/absent/").body)
  end)
end)
