-- The same example, built in two folders, by two users, at two times, under two umasks and time
-- zones: the same archive and the same template, byte for byte.
local digest = require "host.digest"
local file = require "host.file"
local process = require "host.process"

local program = os.getenv "LACONIC" or file.program()

local function shell(line)
  local result = assert(process.run { "sh", "-c", line, timeout = 60 })
  assert.equal(0, result.status or -1, line .. "\n" .. result.output)
  return result.output
end

-- Builds a copy of the example as somebody else would.
local function build(example, folder, someone)
  shell(("mkdir -p '%s' && cp -R '%s/.' '%s'"):format(folder, example, folder))
  shell(("find '%s' -exec touch -d '%s' {} +"):format(folder, someone.touched))
  shell(("chown -R %s '%s' 2>/dev/null || true"):format(someone.user, folder))
  local as = ""
  if shell("id -u"):match "^0" then
    as = ("setpriv --reuid=%s --clear-groups "):format(someone.user)
  end
  shell(("cd '%s' && umask %s && TZ=%s HOME='%s' USER=%s %s'%s' build"):format(
    folder, someone.umask, someone.zone, folder, someone.name, as, program))
  local found = {}
  for _, path in ipairs(assert(file.walk(folder .. "/.laconic"))) do
    local name = path:match "[^/]*$"
    if name == "code.zip" or name == "template.json" then
      found[name] = assert(digest.sha256_file(folder .. "/.laconic/" .. path))
    end
  end
  assert.is_not_nil(found["code.zip"], "no code.zip")
  assert.is_not_nil(found["template.json"], "no template.json")
  return found
end

local ADA = { user = 0, name = "ada", umask = "022", zone = "UTC", touched = "2001-02-03 04:05" }
local BEN = {
  user = 65534,
  name = "ben",
  umask = "077",
  zone = "Asia/Tokyo",
  touched = "2026-10-11 12:13",
}

describe("the same example built by two", function()
  for _, name in ipairs(assert(file.list "examples")) do
    if file.exists("examples/" .. name .. "/service.lua") then
      it(name .. " gives the same bytes", function()
        local root = assert(file.temporary_folder())
        local cleanup <close> = setmetatable({}, {
          __close = function()
            assert(file.remove_tree(root))
          end,
        })
        assert(cleanup)
        shell(("chmod 755 '%s'"):format(root))
        local first = build("examples/" .. name, root .. "/here", ADA)
        local second = build("examples/" .. name, root .. "/quite/another/place", BEN)
        assert.same(first, second)
      end)
    end
  end
end)
