-- APIs before somebody else's server, from the service file to the answer: provisioned on a local cloud
-- that runs beside, and asked while the server answers in this very process.
local file = require "host.file"
local http_transfers = require "host.http_transfers"
local json = require "host.json"
local poll = require "host.poll"
local server = require "host.server"

local program = dofile "tests/program.lua"
local served_cloud = dofile "tests/lua/local/served_cloud.lua"

local PATIENCE <const> = 30

-- What stands for all cases: the cloud is slow to make, and no case changes it.
local folder, cloud, outputs, shop, transfers

local function run(...)
  local result = program.run(folder, { ... })
  assert.equal(0, result.status, result.error)
  return result.output
end

local function begin()
  folder = assert(file.temporary_folder())
  shop, transfers = assert(server.listen()), assert(http_transfers.open())
  local address = ("http://127.0.0.1:%d"):format(shop:port())
  local text = assert(file.read "tests/flow/proxying/served.lua")
  assert(file.write(folder .. "/service.lua", (text:gsub("http://shop%.example", address))))
  cloud = served_cloud.start(folder .. "/.laconic/local")
  run("provision", "--local")
  outputs = assert(json.decode(run("outputs", "--local", "--format", "json")))
end

local function finish()
  transfers:close()
  shop:close()
  cloud:close()
  assert(file.remove_tree(folder))
end

-- What the shop is asked, by header; the last of several.
local function header(request, name)
  local value
  for _, pair in ipairs(request.headers) do
    value = pair[1]:lower() == name and pair[2] or value
  end
  return value
end

local pending = {} -- id of a request under way → what to do with its answer

local function send(request, done)
  request.timeout = PATIENCE
  pending[assert(transfers:start(request))] = done
end

-- Goes on until every request is answered; what the shop is asked goes to `answer`.
local function settle(answer)
  while next(pending) do
    for request in shop.next, shop do
      answer(request)
    end
    local id, response, err = transfers:next()
    if id then
      local done = pending[id]
      pending[id] = nil
      done(assert(response, err))
    else
      assert(#assert(poll.wait({ transfers:fd(), shop:fd() }, PATIENCE)) > 0, "nothing happens")
    end
  end
end

local function ask(request, answer)
  local answered
  send(request, function(response)
    answered = response
  end)
  settle(answer)
  return answered
end

-- Tells what it was asked.
local function echo(request)
  shop:respond(request.id, {
    status = 201,
    headers = { { "Content-Type", "application/json" }, { "Set-Cookie", "a=1" },
      { "Set-Cookie", "b=2" } },
    body = assert(json.encode {
      method = request.method, target = request.target, body = request.body,
      stage = header(request, "x-stage"), tea = header(request, "x-tea"),
    }),
  })
end

local function cookies_of(response)
  local list = {}
  for _, pair in ipairs(response.headers) do
    table.insert(list, pair[1]:lower() == "set-cookie" and pair[2] or nil)
  end
  return list
end

describe("an API before a server", function()
  it("begins", begin)

  it("passes on what comes to a route with a url, and what it answers", function()
    local response = ask({
      method = "PUT", url = outputs.FrontUrl .. "/shop/cups/7?size=l",
      headers = { { "X-Tea", "green" } }, body = "full",
    }, echo)

    assert.equal(201, response.status)
    assert.same({ "a=1", "b=2" }, cookies_of(response))
    assert.same({
      method = "PUT", target = "/v1/cups/7?size=l", body = "full", stage = "$default",
      tea = "green",
    }, json.decode(response.body))
  end)

  it("sends the whole path behind $default", function()
    local response = ask({ url = outputs.FrontUrl .. "/anything/else" }, echo)
    assert.equal("/anything/else", json.decode(response.body).target)
  end)

  it("does the same for a method of a REST API with an integration of its own", function()
    local response = ask({
      method = "PATCH", url = outputs.BackUrl .. "/shop/cups/7?size=l",
      headers = { { "X-Tea", "black" } }, body = "half",
    }, echo)

    assert.equal(201, response.status)
    assert.same({ "a=1", "b=2" }, cookies_of(response))
    local asked = json.decode(response.body)
    assert.equal("PATCH", asked.method)
    assert.equal("/v2/cups/7?size=l", asked.target)
    assert.equal("half", asked.body)
    assert.equal("black", asked.tea)
  end)

  it("serves functions while fifty wait for the server", function()
    local bodies, waiting = {}, {}
    for i = 1, 50 do
      local url = i % 2 == 0 and outputs.FrontUrl or outputs.BackUrl
      send({ url = ("%s/shop/%d"):format(url, i) }, function(response)
        bodies[i] = response.body
      end)
    end

    settle(function(request)
      table.insert(waiting, request)
      if #waiting < 50 then
        return
      end
      send({ url = outputs.FrontUrl .. "/hello" }, function(response)
        assert.equal("Hello", json.decode(response.body).message)
        assert.equal(0, #bodies)
        for _, one in ipairs(waiting) do
          shop:respond(one.id, { status = 200, body = one.path })
        end
      end)
    end)

    for i = 1, 50 do
      assert.equal(("/v%d/%d"):format(i % 2 == 0 and 1 or 2, i), bodies[i])
    end
  end)

  it("ends", finish)
end)
