--- Stage 3: files → code.zip. The same files give the same bytes, whoever builds and wherever. What
--- constructs bring, such as a site's files, goes into archives of their own.
local archive_writer = require "host.archive"
local constructs = require "engine.constructs"
local failure = require "engine.failure"
local file = require "host.file"

local archive = {}

-- What hooks are given: they may add to the archive, and see what is in it.
local Additions = {}
Additions.__index = Additions

--- Adds an entry: { name, data | path, executable? }.
---@param entry host.archive.Entry
function Additions:add(entry)
  local check = require "engine.check"
  check.fields("archive:add", entry, {
    name = { type = "string", required = true, least = 1 },
    data = { type = "string" },
    path = { type = "string" },
    executable = { type = "boolean" },
  })
  if (entry.data == nil) == (entry.path == nil) then
    check.fail("E102", "archive:add: one of 'data' and 'path' is needed")
  elseif self.places[entry.name] then
    local text = "archive:add: '%s' is in the archive already: %s"
    check.fail("E209", text:format(entry.name, self.places[entry.name]))
  end
  self.places[entry.name] = check.where() or "added by a hook"
  table.insert(self.entries, entry)
end

--- What hooks of the kind `archive` get as their second argument.
---@param files engine.Travelling[]
---@return { add: fun(self, entry: host.archive.Entry), entries: host.archive.Entry[] }
function archive.additions(files)
  local places = {}
  for _, entry in ipairs(files) do
    places[entry.name] = entry.path or entry.data and "byte code" or "the runtime"
  end
  return setmetatable({ entries = {}, places = places }, Additions)
end

local function write(path, entries)
  local facts, err = archive_writer.write(path, entries)
  if facts then
    return facts
  end
  if err.kind == "limit" then
    failure.raise("invalid", "the archive is too large", { code = "E210", cause = err })
  end
  error(failure.wrap(err, "the archive cannot be written"), 0)
end

-- Reading is held to what Lambda unpacks. The archive stays, to be looked at.
local function check_unpacked(path)
  local _, err = archive_writer.list(path)
  if err and err.kind == "limit" then
    failure.raise("invalid", "the archive is too large for Lambda", {
      code = "E210",
      cause = err,
      hint = "include less: Lambda takes 250 MiB, unpacked",
    })
  end
end

--- Writes `<output_dir>/code.zip`, and the archives of constructs, which stand in `build.archives`.
---@param model engine.Model
---@param build engine.Build
---@param files engine.Travelling[]
---@param added? host.archive.Entry[]  what archive hooks added
---@return engine.Artifact
function archive.write(model, build, files, added)
  local entries = table.move(files, 1, #files, 1, {})
  table.move(added or {}, 1, #(added or {}), #entries + 1, entries)
  assert(file.make_folder(build.output_dir))
  local path = build.output_dir .. "/code.zip"
  local facts = write(path, entries)
  check_unpacked(path)
  build.archives = constructs.archive(model, build)
  return {
    path = path,
    bytes = facts.bytes,
    sha256 = facts.sha256,
    key = ("%s/code-%s.zip"):format(model.name, facts.sha256:sub(1, 32)),
  }
end

return archive
