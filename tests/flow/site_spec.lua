-- A website from its folder to a page that is asked for: the real program, the real runtime that
-- unpacks it, and the local cloud.
local file = require "host.file"
local json = require "host.json"
local poll = require "host.poll"
local process = require "host.process"

local program = dofile "tests/program.lua"

local SERVICE = [[
local laconic = require "laconic"
local service = laconic.service { name = "pages" }
service:site { folder = "site", user_data = { stage = "test" }, cache_control = %q }
return service
]]

local folder

local function laconic(words)
  local result = program.run(folder, words)
  assert.equal(0, result.status, result.error)
  return result.output
end

local function write(name, text)
  assert(file.make_folder((folder .. "/" .. name):match "^(.*)/"))
  assert(file.write(folder .. "/" .. name, text))
end

-- The cloud runs all the while, so that its address stays: one that `--local` starts ends with the
-- command.
local SCRIPT = [[
set -e
laconic provision --local >out.txt 2>&1
url=$(laconic outputs SiteUrl --local)
for path in / /app.css /none /MANIFEST.json; do
  curl -s -o page.txt -w '%{http_code} %{content_type} %header{cache-control}\n' "$url$path"
  cat page.txt; echo
done
rm site/app.css; echo b >site/b.svg
laconic provision --local >out.txt 2>&1
curl -s -o page.txt -w '%{http_code}\n' "$url/app.css"
curl -s -o page.txt -w '%{content_type}\n' "$url/b.svg"
laconic provision --local 2>&1 | grep '^No changes'
laconic delete --local 2>&1 | tail -1
]]

describe("a site", function()
  before_each(function()
    folder = assert(file.temporary_folder())
    write("service.lua", SERVICE:format "max-age=60")
    write("site/index.html", "<h1>Hello</h1>")
    write("site/app.css", "h1 {}")
    write("site/error.html", "lost")
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  it("is published, changed without leaving what is gone, and taken away", function()
    local cloud <close> = assert(process.spawn {
      program.path, "local", "--port", "0", "--quiet",
      cwd = folder, env = program.environment(folder), error = "inherit",
    })
    local ready = assert(poll.wait({ cloud:fd() }, 30))
    assert.matches("^ready ", #ready > 0 and cloud:read() or "")
    local result = assert(process.run {
      "sh", "-c", SCRIPT, cwd = folder, env = program.environment(folder), error = "output",
      timeout = 120,
    })
    assert.equal(0, result.status, result.output)
    local said = result.output
    assert.matches("^200 text/html; charset=utf%-8 max%-age=60\n<h1>Hello</h1>\n", said)
    assert.matches("\n200 text/css; charset=utf%-8 max%-age=60\nh1 {}\n", said)
    assert.matches("\n404 text/html; charset=utf%-8 max%-age=60\nlost\n", said)
    local manifest = said:match "\n200 application/json max%-age=60\n(%b{})"
    assert.same({ userdata = { stage = "test" } }, json.decode(manifest))
    assert.matches("\n404\nimage/svg%+xml\nNo changes", said)
    assert.matches("Deleted pages\n$", said)
  end)

  it("is not built from a folder that is not there", function()
    assert(file.remove_tree(folder .. "/site"))
    local result = program.run(folder, { "build" })
    assert.equal(4, result.status)
    assert.matches("service.lua:3: site 'site': the folder 'site' cannot be read", result.error)
    assert.matches("laconic explain E206", result.error .. laconic { "explain", "E206" })
  end)
end)
