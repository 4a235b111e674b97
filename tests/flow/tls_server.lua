--- A private authority and an HTTPS server on this machine, by the `openssl` command.
---
---     local authority = tls_server.authority(folder)       -- authority.bundle: what a client trusts
---     local server <close> = authority:serve { "localhost" }   -- answers every GET; server.port
local poll = require "host.poll"
local process = require "host.process"

local tls_server = {}

local Authority = {}
Authority.__index = Authority

local function openssl(words)
  local result = assert(process.run { "openssl", timeout = 30, table.unpack(words) })
  if result.status ~= 0 then
    error("openssl " .. table.concat(words, " ") .. ": " .. result.output)
  end
end

local NEW_KEY <const> = { "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes" }

local function new_key(words)
  return openssl(table.move(NEW_KEY, 1, #NEW_KEY, #words + 1, words))
end

--- Makes an authority whose files lie in `folder`.
function tls_server.authority(folder)
  local self = setmetatable({ folder = folder, bundle = folder .. "/authority.pem" }, Authority)
  new_key {
    "req", "-x509", "-subj", "/CN=Laconic's tests", "-days", "2",
    "-keyout", folder .. "/authority.key", "-out", self.bundle,
  }
  return self
end

-- The first port that the server says it listens on.
local function port_of(child)
  local said = ""
  while not said:match "ACCEPT [%d.]+:%d+\n" do
    local ready = assert(poll.wait({ child:fd() }, 30))
    local more = #ready > 0 and child:read()
    if not more then
      error("openssl s_server does not start: " .. said)
    end
    said = said .. more
  end
  return math.tointeger(said:match "ACCEPT [%d.]+:(%d+)\n")
end

--- Serves with a certificate for these names, which ends after `days` (default 2; it may be over).
function Authority:serve(names, days)
  local path = self.folder .. "/server"
  new_key { "req", "-subj", "/CN=server", "-keyout", path .. ".key", "-out", path .. ".csr" }
  local extensions = assert(io.open(path .. ".ext", "w"))
  extensions:write("subjectAltName=DNS:", table.concat(names, ",DNS:"), "\n")
  extensions:close()
  openssl {
    "x509", "-req", "-in", path .. ".csr", "-out", path .. ".pem", "-extfile", path .. ".ext",
    "-CA", self.bundle, "-CAkey", self.folder .. "/authority.key", "-days", tostring(days or 2),
  }
  local child = assert(process.spawn {
    "openssl", "s_server", "-accept", "127.0.0.1:0", "-www",
    "-cert", path .. ".pem", "-key", path .. ".key",
  })
  return setmetatable({ port = port_of(child) }, {
    __close = function()
      child:close()
    end,
  })
end

return tls_server
