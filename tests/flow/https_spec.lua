-- A handler's own HTTPS: an authority that is private is believed when it is named, and nobody else.
-- Every form of the runtime does it, and in a file system that holds nothing but the archive.
local archive = require "host.archive"
local chrooted = dofile "tests/flow/chrooted.lua"
local compile = require "engine.compile"
local definition = require "engine.definition"
local file = require "host.file"
local json = require "host.json"
local model = require "engine.model"
local tls_server = dofile "tests/flow/tls_server.lua"

local SERVICE <const> = [[
local laconic = require "laconic"
local service = laconic.service { name = "s" }
service:lambda { name = "f", handler = function(request)
  local answer, err = require "host.http".request(request)
  return answer and { status = answer.status, body = answer.body }
    or { kind = err.kind, code = err.code, message = err.message }
end }
return service
]]

-- Sends one request from a handler.
local function ask(side, url, port, bundle)
  local event = { url = url:format(port), ca_bundle = bundle }
  return (json.decode(side:result(json.encode(event))))
end

local function refused(message, answer)
  assert.equal("network", answer.kind)
  assert.equal("tls", answer.code)
  assert.matches(message, answer.message)
end

local folder, authority

local function in_folder()
  before_each(function()
    folder = assert(file.temporary_folder())
    authority = tls_server.authority(folder)
  end)

  after_each(function()
    file.remove_tree(folder)
  end)
end

local function describe_form(form)
  describe("HTTPS in " .. form.name, function()
    in_folder()

    local function start(env)
      return form.start({ ["service.lua"] = SERVICE }, env)
    end

    for _, variable in ipairs { "AWS_CA_BUNDLE", "SSL_CERT_FILE" } do
      it("believes the authority that is named by " .. variable, function()
        local server <close> = authority:serve { "localhost" }
        local side = start { [variable] = authority.bundle }

        local answer = ask(side, "https://localhost:%d/", server.port)

        assert.equal(200, answer.status, answer.message)
        assert.matches("Cipher", answer.body)
        side:stop()
      end)
    end

    it("refuses an authority that nobody named", function()
      local server <close> = authority:serve { "localhost" }
      local other = folder .. "/other"
      assert(file.make_folder(other))
      local side = start { AWS_CA_BUNDLE = tls_server.authority(other).bundle }

      local answer = ask(side, "https://localhost:%d/", server.port)

      refused("^localhost:%d+: SSL certificate problem: unable to get local issuer certificate "
        .. "%(trusted are those in .*/other/authority%.pem%)$", answer)
      side:stop()
    end)

    it("refuses a certificate for another name, and one that has expired", function()
      local side = start { AWS_CA_BUNDLE = authority.bundle }

      do
        local server <close> = authority:serve { "elsewhere" }
        refused("no alternative certificate subject name matches target host name 'localhost'",
          ask(side, "https://localhost:%d/", server.port))
      end
      local server <close> = authority:serve({ "localhost" }, -1)
      refused("certificate has expired", ask(side, "https://localhost:%d/", server.port))
      side:stop()
    end)

    it("names a bundle that is not there, and who named it", function()
      local side = start { AWS_CA_BUNDLE = "/nowhere/ca.pem" }

      refused("named by AWS_CA_BUNDLE, cannot be read: /nowhere/ca.pem: No such file",
        ask(side, "https://localhost:1/"))
      side:stop()
    end)
  end)
end

for _, form in ipairs(dofile "tests/lua/runtime_forms.lua") do
  if form.carries "host.http" then
    describe_form(form)
  end
end

describe("HTTPS in an empty chroot", function()
  in_folder()

  -- Of the flavour that such a service travels with.
  local function start(files)
    local source, zip, task = folder .. "/service.lua", folder .. "/code.zip", folder .. "/task"
    assert(file.write(source, SERVICE))
    local travelling = compile.run(model.build(definition.load(source), {}), {})
    assert(archive.write(zip, table.move(travelling, 1, #travelling, #files + 1, files)))
    assert(archive.extract(zip, task))
    return chrooted.start(task)
  end

  it("finds a name in /etc/hosts", function()
    local server <close> = authority:serve { "private.test" }
    local side = start {
      { name = "etc/hosts", data = "127.0.0.1 private.test\n" },
      { name = "ca.pem", path = authority.bundle },
    }

    local answer = ask(side, "https://private.test:%d/", server.port, "/ca.pem")

    assert.equal(200, answer.status, answer.message)
    side:stop()
  end)

  it("finds certificates where Amazon Linux has them, and says where it looked", function()
    local server <close> = authority:serve { "localhost" }
    local side = start { { name = "etc/pki/tls/certs/ca-bundle.crt", path = authority.bundle } }
    assert.equal(200, ask(side, "https://localhost:%d/", server.port).status)
    side:stop()
    file.remove_tree(folder .. "/task")

    side = start {}
    local answer = ask(side, "https://localhost:%d/", server.port)

    refused("no /etc/pki/tls/certs/ca%-bundle%.crt, .*set AWS_CA_BUNDLE or SSL_CERT_FILE", answer)
    side:stop()
  end)

  it("says that nobody can be asked for a name", function()
    local side = start { { name = "ca.pem", path = authority.bundle } }

    local answer = ask(side, "https://private.test:1/", nil, "/ca.pem")

    assert.equal("resolve", answer.code)
    assert.matches("there is no /etc/resolv.conf", answer.message)
    side:stop()
  end)
end)
