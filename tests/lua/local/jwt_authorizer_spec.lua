--- JSON web tokens: which let in, and how each of the others is refused. How an API answers is in
--- jwt_api_spec.lua.
local clock = require "host.clock"
local fetch = require "engine.local.http.fetch"
local in_cloud = dofile "tests/lua/local/in_cloud.lua"
local json = require "host.json"
local jwt_authorizer = require "engine.local.services.apigatewayv2.jwt_authorizer"
local log = require "host.log"
local loop = require "engine.local.loop"
local server = require "host.server"
local token_issuer = dofile "tests/lua/local/token_issuer.lua"

local NOW <const> = 1800000000
local SILENT <const> = { status = 200 } -- never sent
local DISCOVERY <const> = "/.well-known/openid-configuration"

local ours, theirs = token_issuer.new(), token_issuer.new()

-- A server of this task's loop, which answers by path, and counts how often each was asked.
local function serve()
  local site = { answers = {}, asked = {}, listening = assert(server.listen()) }
  site.url = "http://127.0.0.1:" .. site.listening:port()
  local function take()
    for request in function() return site.listening:next() end do
      site.asked[request.path] = (site.asked[request.path] or 0) + 1
      local answer = site.answers[request.path] or { status = 404 }
      if type(answer) == "string" then
        answer = { status = 200, body = answer }
      elseif not answer.status then
        answer = { status = 200, body = assert(json.encode(answer)) }
      end
      if answer ~= SILENT then
        site.listening:respond(request.id, answer)
      end
    end
  end
  loop.watch(site.listening:fd(), take)
  return setmetatable(site, { __close = function()
    loop.unwatch(site.listening:fd())
    site.listening:close()
  end })
end

-- Its two documents; changes of the first, and keys in the place of ours.
local function add_issuer(site, path, document, keys)
  site.answers[path .. DISCOVERY] = token_issuer.with({
    issuer = site.url .. path, jwks_uri = site.url .. path .. "/keys",
  }, document)
  site.answers[path .. "/keys"] = keys or { keys = { ours:key() } }
end

-- Calls `body(site, ask, base)`: `ask(token, more)` asks for the issuer at the site's "/id".
local function with_issuer(body)
  clock.set(NOW)
  local ok, problem = pcall(in_cloud, function(cloud)
    local site <close> = serve()
    add_issuer(site, "/id")
    local function ask(token, more)
      more = more or {}
      local authorizer = jwt_authorizer.compile {
        JwtConfiguration = {
          Issuer = more.issuer or site.url .. (more.path or "/id"), Audience = { "app", "web" },
        },
        IdentitySource = { more.source or "$request.header.Authorization" },
      }
      return jwt_authorizer.ask(authorizer, {
        cloud = cloud,
        headers = { authorization = token and "Bearer " .. token, plain = token },
        query = { token = token },
        scopes = more.scopes,
      })
    end
    body(site, ask, {
      header = { alg = "RS256", kid = "key-1" },
      claims = { iss = site.url .. "/id", aud = "app", exp = NOW + 60, sub = "ada" },
    })
  end)
  clock.set(nil)
  if not ok then
    error(problem, 0)
  end
end

-- What is logged while `body` runs: messages, and all of it as one text.
local function logged(body)
  local write, messages, all = log.warn, {}, {}
  log.warn = function(message, fields)
    table.insert(messages, { message = message, fields = fields })
    table.insert(all, message .. assert(json.encode(fields)))
  end
  local ok, problem = pcall(body)
  log.warn = write
  assert(ok, problem)
  return messages, table.concat(all, "\n")
end

local function challenge(problem)
  return ('Bearer scope="" error="invalid_token" error_description="%s"'):format(problem)
end

describe("an authorizer of JSON web tokens", function()
  it("lets in who brings a token of its issuer, and tells what that claims", function()
    with_issuer(function(_, ask, base)
      local bearer = assert(ask(ours:sign(base.header, token_issuer.with(base.claims, {
        nbf = NOW, iat = NOW, admin = true, share = 0.5, note = json.null, big = 9007199254740993,
        ["cognito:groups"] = { "cooks", "guests" }, none = json.array {},
        address = { city = "Paris", lines = { 1, "b" } }, mixed = { "a", 2, true, { b = "c" } },
      }))))
      assert.same({
        iss = base.claims.iss, aud = "app", exp = "1800000060", nbf = "1800000000",
        iat = "1800000000", sub = "ada", admin = "true", share = "0.5", big = "9007199254740993",
        ["cognito:groups"] = "[cooks guests]", none = "[]",
        address = '{"city":"Paris","lines":[1,"b"]}', mixed = '[a 2 true {"b":"c"}]',
      }, bearer.claims)
      assert.equal(json.null, bearer.scopes)
    end)
  end)

  it("takes what API Gateway takes", function()
    with_issuer(function(site, ask, base)
      add_issuer(site, "/any", nil, { keys = { ours:key { alg = false, use = false } } })
      local function takes(header, claims, more, algorithm)
        local path = more and more.path or "/id"
        return assert(ask(ours:sign(
          token_issuer.with(base.header, header),
          token_issuer.with(base.claims, token_issuer.with({ iss = site.url .. path }, claims)),
          algorithm
        ), more))
      end
      takes({}, { aud = { "x", "web" } })
      takes({}, { aud = false, client_id = "web" })
      takes({}, { aud = "app", client_id = "x" })
      takes({}, { exp = NOW + 0.5, nbf = NOW - 0.5 })
      takes({ typ = "at+jwt", jku = "http://127.0.0.1:1/keys" }, {})
      takes({ alg = "RS384" }, {}, { path = "/any" }, "RS384")
      takes({ alg = "RS512" }, {}, { path = "/any" }, "RS512")
      takes({}, {}, { source = "$request.header.Plain" })
      takes({}, {}, { source = "$request.querystring.token" })
      local scopes = { scopes = { "tea.read", "tea.write" } }
      assert.same({ "openid", "tea.read" },
        takes({}, { scope = "openid tea.read" }, scopes).scopes)
      assert.same({ "tea.write" }, takes({}, { scp = { "tea.write", 1 } }, scopes).scopes)
      assert.same({ "a", "tea.read" }, takes({}, { scope = "a", scp = "tea.read" }, scopes).scopes)
    end)
  end)

  -- Each: changes of the header, of the claims, and what the client is told.
  local REFUSED <const> = {
    { { alg = "none" }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = "HS256" }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = "ES256" }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = "PS256" }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = "rs256" }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = false }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = { "RS256" } }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = json.null }, {}, "the token is not signed by RS256, RS384 or RS512" },
    { { alg = "RS384" }, {}, "the token's key is for another algorithm" },
    { { kid = false }, {}, "the token does not name its key" },
    { { kid = 1 }, {}, "the token does not name its key" },
    { { kid = json.null }, {}, "the token does not name its key" },
    { { kid = "key-2" }, {}, "the token's key is not known" },
    { { kid = "" }, {}, "the token's key is not known" },
    { { crit = { "exp" } }, {}, "the token has an extension that is not known" },
    { {}, { iss = "https://evil.example" }, "the token does not have a valid issuer" },
    { {}, { iss = false }, "the token does not have a valid issuer" },
    { {}, { iss = 1 }, "the token does not have a valid issuer" },
    { {}, { aud = "x" }, "the token does not have a valid audience" },
    { {}, { aud = "x", client_id = "app" }, "the token does not have a valid audience" },
    { {}, { aud = false }, "the token does not have a valid audience" },
    { {}, { aud = false, client_id = "x" }, "the token does not have a valid audience" },
    { {}, { aud = false, client_id = { "app" } }, "the token does not have a valid audience" },
    { {}, { aud = json.null, client_id = "app" }, "the token does not have a valid audience" },
    { {}, { aud = { "x", 1 } }, "the token does not have a valid audience" },
    { {}, { aud = json.array {}, client_id = "app" }, "the token does not have a valid audience" },
    { {}, { aud = { app = "app" } }, "the token does not have a valid audience" },
    { {}, { exp = false }, "the token does not say when it expires" },
    { {}, { exp = "1800000060" }, "the token does not say when it expires" },
    { {}, { exp = json.null }, "the token does not say when it expires" },
    { {}, { exp = NOW }, "the token has expired" },
    { {}, { exp = NOW - 0.5 }, "the token has expired" },
    { {}, { exp = -1e300 }, "the token has expired" },
    { {}, { nbf = NOW + 1 }, "the token is not valid yet" },
    { {}, { nbf = "1" }, "the token is not valid yet" },
    { {}, { nbf = json.null }, "the token is not valid yet" },
    { {}, { iat = NOW + 1 }, "the token was issued in the future" },
    { {}, { iat = { 1 } }, "the token was issued in the future" },
  }

  it("refuses every other token, and says why", function()
    with_issuer(function(_, ask, base)
      for _, row in ipairs(REFUSED) do
        local bearer, refusal = ask(ours:sign(
          token_issuer.with(base.header, row[1]), token_issuer.with(base.claims, row[2])))
        assert.is_nil(bearer)
        assert.same({
          status = 401, message = "Unauthorized", challenge = challenge(row[3]),
        }, refusal)
      end
    end)
  end)

  it("refuses what the issuer has not signed", function()
    with_issuer(function(_, ask, base)
      local signed = ours:sign(base.header, base.claims)
      local header, claims, signature = signed:match "^(.-)%.(.-)%.(.-)$"
      local more = token_issuer.part(token_issuer.with(base.claims, { sub = "eve" }))
      for _, token in ipairs {
        header .. "." .. more .. "." .. signature,
        header .. "." .. claims .. ".",
        header .. "." .. claims .. "." .. signature:sub(5),
        header .. "." .. claims .. "." .. signature .. "AAAA",
        header .. "." .. claims .. "." .. ("A"):rep(#signature),
        theirs:sign(base.header, base.claims),
        ours:sign(base.header, base.claims, "RS512"),
      } do
        local _, refusal = ask(token)
        assert.equal(challenge "the token's signature is invalid", refusal.challenge)
      end
    end)
  end)

  it("refuses what is no token", function()
    with_issuer(function(site, ask, base)
      local part = token_issuer.part
      local deep = part(("["):rep(40) .. ("]"):rep(40))
      for token, problem in pairs {
        ["x"] = "token contains an invalid number of segments",
        ["x.y"] = "token contains an invalid number of segments",
        ["x.y.z.a"] = "token contains an invalid number of segments",
        ["Bearer"] = "token contains an invalid number of segments",
        ["Basic YTpi"] = "token contains an invalid number of segments",
        [".."] = "the token is malformed",
        ["x.y.z"] = "the token is malformed",
        ["\0.\255.\n"] = "the token is malformed",
        [part "{}" .. ".e30=.AAAA"] = "the token is malformed",
        [part "[]" .. "." .. part "{}" .. ".AAAA"] = "the token is malformed",
        [part "{}" .. "." .. part "[]" .. ".AAAA"] = "the token is malformed",
        [part "{}" .. "." .. part "1" .. ".AAAA"] = "the token is malformed",
        [part "{}" .. "." .. part "null" .. ".AAAA"] = "the token is malformed",
        [part '{"a":}' .. "." .. part "{}" .. ".AAAA"] = "the token is malformed",
        [part '{"a":"\xff"}' .. "." .. part "{}" .. ".AAAA"] = "the token is malformed",
        [part('{"a":' .. deep .. "}") .. "." .. part "{}" .. ".AAAA"] = "the token is malformed",
        [part "{}" .. "." .. part "{}" .. ".+"] = "the token is malformed",
        [("x"):rep(16 * 1024 + 1)] = "the token is too long",
      } do
        local _, refusal = ask(token)
        assert.equal(401, refusal.status)
        assert.equal(challenge(problem), refusal.challenge)
      end
      assert.same({}, site.asked) -- nothing of that is worth a question
      local bare = { status = 401, message = "Unauthorized", challenge = "Bearer" }
      local _, refusal = ask(nil)
      assert.same(bare, refusal)
      _, refusal = ask("")
      assert.same(bare, refusal)
      _, refusal = ask(ours:sign(base.header, base.claims), { source = "$context.identity.token" })
      assert.same(bare, refusal)
    end)
  end)

  it("wants one of a route's scopes", function()
    with_issuer(function(_, ask, base)
      for _, claims in ipairs {
        {}, { scope = "tea" }, { scope = "tea.reads tea.rea" }, { scope = 1 }, { scp = json.null },
        { scope = { "tea" } }, { scp = { { "tea.read" } } }, { scopes = "tea.read" },
      } do
        local token = ours:sign(base.header, token_issuer.with(base.claims, claims))
        local _, refusal = ask(token, { scopes = { "tea.read" } })
        assert.same({ status = 403, message = "Forbidden" }, refusal)
      end
    end)
  end)
end)

describe("an issuer's keys", function()
  local function token_of(site, base, path, key, id)
    return (key or ours):sign({ alg = "RS256", kid = id or "key-1" },
      token_issuer.with(base.claims, { iss = site.url .. path }))
  end

  it("are asked for once, by all who wait together", function()
    with_issuer(function(site, ask, base)
      local token, tasks = token_of(site, base, "/id"), {}
      for i = 1, 5 do
        tasks[i] = loop.spawn(ask, token)
      end
      for _, task in ipairs(tasks) do
        task:wait()
        assert.equal("ada", task.result.claims.sub)
      end
      assert(ask(token))
      assert.same({ ["/id" .. DISCOVERY] = 1, ["/id/keys"] = 1 }, site.asked)
    end)
  end)

  it("are kept for two hours, and asked for anew once a minute at most", function()
    with_issuer(function(site, ask, base)
      base.claims.exp = NOW + 1e6
      local known, new = token_of(site, base, "/id"), token_of(site, base, "/id", theirs, "key-2")
      local function asked_after(seconds, token)
        clock.set(NOW + seconds)
        local bearer = ask(token)
        return bearer and "in" or "out", site.asked["/id/keys"]
      end
      assert.same({ "in", 1 }, { asked_after(0, known) })
      add_issuer(site, "/id", nil, { keys = { theirs:key { kid = "key-2" } } })
      assert.same({ "out", 1 }, { asked_after(59, new) })
      assert.same({ "in", 1 }, { asked_after(59, known) })
      assert.same({ "in", 2 }, { asked_after(60, new) })
      assert.same({ "out", 2 }, { asked_after(119, known) })
      assert.same({ "out", 3 }, { asked_after(120, known) })
      assert.same({ "in", 3 }, { asked_after(120 + 7199, new) })
      assert.same({ "in", 4 }, { asked_after(120 + 7200, new) })
      site.answers["/id/keys"] = { status = 500 }
      logged(function()
        assert.same({ "out", 5 }, { asked_after(8000, known) })
        assert.same({ "in", 5 }, { asked_after(8000, new) }) -- still those that were had
        assert.same({ "out", 6 }, { asked_after(7320 + 7200, new) })
      end)
    end)
  end)

  it("that are known let in while the issuer is asked for another", function()
    with_issuer(function(site, ask, base)
      base.claims.exp = NOW + 1e6
      local known = token_of(site, base, "/id")
      assert(ask(known))
      site.answers["/id" .. DISCOVERY] = SILENT
      clock.set(NOW + 60)
      local waiting = loop.spawn(ask, token_of(site, base, "/id", ours, "key-2"))
      loop.sleep(0)
      assert(ask(known))
      assert.is_false(waiting.done)
    end)
  end)

  it("that cannot be had are the cloud's failure, and the log tells why", function()
    with_issuer(function(site, ask, base)
      local problems <const> = {
        none = "it answers with status 404",
        elsewhere = "it answers with status 302",
        text = "what it answers is no JSON object",
        list = "what it answers is no JSON object",
        large = "limit", -- of 64 KiB
        other = "its document is another issuer's",
        nowhere = "its document has no jwks_uri",
        number = "its document has no jwks_uri",
        plain = "its keys: it does not begin with https://, and is not on this machine",
        file = "its keys: it does not begin with https://",
        gone = "its keys: it answers with status 404",
      }
      add_issuer(site, "/elsewhere")
      site.answers["/elsewhere" .. DISCOVERY] = {
        status = 302, headers = { Location = site.url .. "/id" .. DISCOVERY },
      }
      site.answers["/text" .. DISCOVERY] = "tea"
      site.answers["/list" .. DISCOVERY] = "[]"
      add_issuer(site, "/large", { more = ("x"):rep(64 * 1024) })
      add_issuer(site, "/other", { issuer = site.url .. "/id" })
      add_issuer(site, "/nowhere", { jwks_uri = false })
      add_issuer(site, "/number", { jwks_uri = 1 })
      add_issuer(site, "/plain", { jwks_uri = "http://tea.example/keys" })
      add_issuer(site, "/file", { jwks_uri = "file:///etc/passwd" })
      add_issuer(site, "/gone", { jwks_uri = site.url .. "/none" })
      for name, problem in pairs(problems) do
        local token = token_of(site, base, "/" .. name)
        local messages, text = logged(function()
          for _ = 1, 2 do -- the second is not asked for anew
            local _, refusal = ask(token, { path = "/" .. name })
            assert.same({ status = 500, message = "Internal Server Error" }, refusal)
          end
        end)
        assert.equal(1, #messages)
        assert.equal(site.url .. "/" .. name, messages[1].fields.issuer)
        if problem == "limit" then
          assert.matches("65536", messages[1].fields.because)
        else
          assert.equal(problem, messages[1].fields.because)
        end
        assert.matches("mend JwtConfiguration.Issuer", messages[1].message, 1, true)
        assert.is_nil(text:find(token:match "[^.]+$", 1, true))
      end
    end)
  end)

  it("are not looked for on this machine when the issuer is elsewhere", function()
    with_issuer(function(site, ask, base)
      local get, urls = fetch.get, {}
      function fetch.get(url)
        table.insert(urls, url)
        return assert(json.encode {
          issuer = "https://id.example/", jwks_uri = site.url .. "/id/keys",
        })
      end
      local _, refusal
      local messages = logged(function()
        _, refusal = ask(token_of(site, base, "/id"), { issuer = "https://id.example/" })
      end)
      fetch.get = get
      assert.equal(500, refusal.status)
      assert.same({ "https://id.example" .. DISCOVERY }, urls)
      assert.equal("its document says that its keys are on this machine",
        messages[1].fields.because)
    end)
  end)

  it("are asked for again when the issuer was down", function()
    with_issuer(function(site, ask, base)
      local token = token_of(site, base, "/late")
      logged(function()
        assert.equal(500, select(2, ask(token, { path = "/late" })).status)
        add_issuer(site, "/late")
        clock.set(NOW + 4)
        assert.equal(500, select(2, ask(token, { path = "/late" })).status)
      end)
      clock.set(NOW + 5)
      assert(ask(token, { path = "/late" }))
    end)
  end)

  it("are those of RSA that sign, and no others", function()
    with_issuer(function(site, ask, base)
      local short <close> = token_issuer.new("short", 1024)
      add_issuer(site, "/keys", nil, { keys = {
        1, "x", json.null, {}, json.array {},
        ours:key { kid = "enc", use = "enc" },
        ours:key { kid = "ec", kty = "EC" },
        ours:key { kid = "padded", n = "AA==" },
        ours:key { kid = "numbers", n = 1, e = 2 },
        ours:key { kid = 7 },
        ours:key { kid = "even", e = "AAAA" },
        ours:key { kid = "typed", alg = 1 },
        short:key(),
        theirs:key { kid = "twice" },
        ours:key { kid = "twice" },
        ours:key(),
      } })
      local function problem_of(id, key)
        local bearer, refusal = ask(token_of(site, base, "/keys", key, id), { path = "/keys" })
        return not bearer and refusal.challenge:match 'description="(.*)"$' or nil
      end
      assert.is_nil(problem_of("key-1"))
      assert.is_nil(problem_of("twice", theirs))
      for _, id in ipairs { "enc", "ec", "padded", "numbers", "7" } do
        assert.equal("the token's key is not known", problem_of(id))
      end
      assert.equal("the token's key is for another algorithm", problem_of "typed")
      local messages = logged(function()
        assert.equal("the token's key cannot be used", problem_of "even")
        assert.equal("the token's key cannot be used", problem_of("short", short))
      end)
      assert.equal("a key of RSA has 2048 to 8192 bits, and not 1024", messages[2].fields.because)
      for path, keys in pairs {
        ["/no-list"] = { keys = { a = ours:key() } }, ["/no-keys"] = { keys = json.null },
        ["/empty"] = "{}",
      } do
        add_issuer(site, path, nil, keys)
        local _, refusal = ask(token_of(site, base, path), { path = path })
        assert.equal(challenge "the token's key is not known", refusal.challenge)
      end
    end)
  end)

  it("are gone with the test", function()
    ours:close()
    theirs:close()
  end)
end)
