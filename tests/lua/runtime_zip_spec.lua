local archive = require "host.archive"
local file = require "host.file"
local zip = require "engine.runtime.zip"

local FILES = { ["a.txt"] = ("hello "):rep(500), ["b/c.bin"] = "\0\1\255", ["empty"] = "" }

local function packed(options)
  local folder = assert(file.temporary_folder())
  local entries = {}
  for name, data in pairs(FILES) do
    table.insert(entries, { name = name, data = data })
  end
  assert(archive.write(folder .. "/a.zip", entries, options))
  local bytes = assert(file.read(folder .. "/a.zip"))
  assert(file.remove_tree(folder))
  return bytes
end

local function unpacked(bytes)
  local files = {}
  for _, entry in ipairs(zip.entries(bytes)) do
    files[entry.name] = zip.read(bytes, entry)
  end
  return files
end

describe("engine.runtime.zip", function()
  it("reads what host.archive writes, deflated and stored", function()
    assert.same(FILES, unpacked(packed()))
    assert.same(FILES, unpacked(packed { level = 0 }))
  end)

  it("finds the end behind a comment", function()
    local bytes = packed()
    assert.same(FILES, unpacked(bytes:sub(1, -3) .. "\4\0note"))
  end)

  it("refuses what is cut anywhere, or is none", function()
    local bytes = packed()
    for length = 0, #bytes - 1 do
      assert.error_matches("the archive is damaged", function()
        unpacked(bytes:sub(1, length))
      end)
    end
  end)

  it("never gives out what a damaged archive did not hold", function()
    local bytes = packed()
    for at = 1, #bytes do
      local other = string.char(bytes:byte(at) ~ 0x41)
      local ok, files = pcall(unpacked, bytes:sub(1, at - 1) .. other .. bytes:sub(at + 1))
      for _, data in pairs(ok and files or {}) do
        assert.truthy(data == FILES["a.txt"] or data == FILES["b/c.bin"] or data == "", at)
      end
      assert.truthy(ok or files.kind == "input", tostring(files))
    end
  end)
end)
