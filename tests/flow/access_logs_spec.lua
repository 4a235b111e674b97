-- Access logs from the service file to the command that shows them: provisioned on a local cloud that
-- runs beside, and asked over HTTP.
local file = require "host.file"
local http = require "host.http"
local json = require "host.json"
local poll = require "host.poll"
local websocket = require "host.websocket"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

-- What stands for all cases: the cloud is slow to make. Each case reads the log of one stage.
local folder, cloud

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return result.output
end

local function output(name)
  return (run("outputs", name, "--local"):gsub("\n$", ""))
end

local function begin()
  folder = assert(file.temporary_folder())
  assert(file.write(folder .. "/service.lua",
    assert(file.read "tests/flow/access_logged/served.lua")))
  cloud = served_cloud.start(folder .. "/.laconic/local")
  run("provision", "--local")
end

local function finish()
  cloud:close()
  assert(file.remove_tree(folder))
end

local function ask(url, headers)
  return assert(http.request { url = url, headers = headers, proxy = "" })
end

-- The messages that `laconic logs` shows of an API.
local function logged(name, ...)
  local list = {}
  for line in run("logs", name, "--local", "--format", "json", ...):gmatch "[^\n]+" do
    local event = assert(json.decode(line))
    assert.is_nil(event["function"])
    table.insert(list, event.message)
  end
  return list
end

describe("the access log of an API that was provisioned", function()
  it("begins", begin)

  it("tells of a REST API's requests by the lines that come with the word", function()
    local url = output "ShopUrl"
    local answer = ask(url .. "/cups/7")
    assert.equal(403, ask(url .. "/nowhere").status)
    assert.equal(502, ask(url .. "/cups/7?fail=1").status)

    local lines = logged "shop"
    assert.equal(3, #lines)
    local first, second, third =
      json.decode(lines[1]), json.decode(lines[2]), json.decode(lines[3])
    assert.equal(answer.headers["x-amzn-requestid"], first.requestId)
    assert.equal("127.0.0.1", first.ip)
    assert.equal("GET", first.method)
    assert.equal("/cups/{id}", first.resource)
    assert.equal("200", first.status)
    assert.equal("5", first.length)
    assert.matches("^%d+$", first.latency)
    assert.is_true(tonumber(first.integrationLatency) <= tonumber(first.latency))
    assert.matches("^%d%d/%a%a%a/%d%d%d%d:%d%d:%d%d:%d%d %+0000$", first.requestTime)
    assert.equal("403", second.status)
    assert.equal("-", second.resource)
    assert.equal("-", second.integrationLatency)
    assert.equal("502", third.status)
  end)

  it("tells of an HTTP API's, of each stage in a log of its own", function()
    local url = output "DeskUrl"
    assert.equal("hello", ask(url .. "/hello/ada").body)
    assert.equal(404, ask(url .. "/nowhere").status)
    assert.equal(500, ask(url .. "/hello/ada?fail=1").status)
    local tested = ask(url .. "/test/hello/b%22b", { { "User-Agent", 'a "kettle"' } })
    ask(url .. "/test/nowhere")

    local lines = logged "desk/default"
    local first, second, third =
      json.decode(lines[1]), json.decode(lines[2]), json.decode(lines[3])
    assert.equal(3, #lines)
    assert.equal("GET /hello/{name}", first.routeKey)
    assert.equal("200", first.status)
    assert.equal("-", first.error)
    assert.equal("-", second.routeKey)
    assert.equal("404", second.status)
    assert.equal("500", third.status)
    assert.equal("The Lambda function returned the following error: no tea. Check your Lambda "
      .. "function code and try again.", third.error)
    lines = logged "desk/test"
    assert.equal(2, #lines)
    assert.matches([[^127%.0%.0%.1 %[.-%] "GET /test/hello/b\"b HTTP/1%.1" 200 5 ]]
      .. tested.headers["apigw-requestid"]:gsub("%-", "%%-") .. [[ a \"kettle\" "%-"$]], lines[1])
    assert.matches('" 404 %d+ .* "Not Found"$', lines[2])
  end)

  it("tells of a WebSocket's beginning, messages and end", function()
    do
      local socket <close> = assert(websocket.connect { url = output "ChatUrl" })
      assert(socket:send '{"action":"say"}')
      assert(socket:send '{"action":"sing"}')
      local kind, data = socket:next()
      while not kind do
        assert(#assert(poll.wait({ socket:fd() }, 30)) > 0, "nothing is heard")
        kind, data = socket:next()
      end
      assert.equal("Forbidden", json.decode(data).message)
    end
    local seen, deadline = {}, os.time() + 30
    while not (seen.DISCONNECT and seen.say) and os.time() < deadline do
      for _, line in ipairs(logged "chat") do
        local event = assert(json.decode(line))
        seen[event.eventType == "MESSAGE" and event.routeKey or event.eventType] = event
      end
    end
    assert.equal("200", seen.CONNECT.status)
    assert.equal("$connect", seen.CONNECT.routeKey)
    assert.equal("200", seen.say.status)
    assert.equal("403", seen["-"].status)
    assert.equal("$disconnect", seen.DISCONNECT.routeKey)
    assert.equal(seen.CONNECT.connectionId, seen.DISCONNECT.connectionId)
    assert.equal("127.0.0.1", seen.say.ip)
  end)

  it("is shown with the others, and found by its name", function()
    local all = run("logs", "--access", "--local")
    for _, name in ipairs { "shop", "desk/default", "desk/test", "chat" } do
      assert.matches("Z  " .. name .. "  ", all)
    end
    assert.is_nil(all:find("START RequestId", 1, true))
    assert.is_nil(run("logs", "--local"):find("routeKey", 1, true))
    local unknown = program.run(folder, { "logs", "shoq", "--local" })
    assert.equal(1, unknown.status)
    assert.matches("unknown function or access log 'shoq' .-'shop'", unknown.error)
    local answer = ask(output "ShopUrl" .. "/cups/8")
    local found = logged("shop", "--filter", '"' .. answer.headers["x-amzn-requestid"] .. '"')
    assert.equal(1, #found)
  end)

  it("ends", finish)
end)
