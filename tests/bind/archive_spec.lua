local archive = require "host.archive"
local digest = require "host.digest"
local file = require "host.file"

-- The bytes of `sample` for every host and every day. When it must change, templates and archives of
-- every deployed service change with it.
local GOLDEN = "e7c38d5b281d05af5cbedd02cd7f8f51a821d4136172cef176e9b8b700be9c4d"

local folder

local function at(name)
  return folder .. "/" .. name
end

local function shell(command)
  return os.execute(("cd '%s' && (%s) > /dev/null 2>&1"):format(folder, command))
end

local function sample()
  return {
    { name = "service.lua", data = ("return { name = 'hello' }\n"):rep(50) },
    { name = "bootstrap", data = "\x7FELF" .. ("\0\1\2\3"):rep(1000), executable = true },
    { name = "empty", data = "" },
    { name = "lib/money.lua", data = "x" },
    { name = "lib/ñandú.lua", data = "é" },
  }
end

local function refused(kind, pattern, value, err)
  assert.is_nil(value)
  assert.equal(kind, err.kind)
  assert.matches(pattern, err.message)
end

-- Writes an archive and changes its bytes; every `from` becomes `to`, in headers and directory.
local function forge(entries, from, to)
  assert(archive.write(at "forged.zip", entries, { level = 0 }))
  local pattern, replacement = from:gsub("%W", "%%%0"), to:gsub("%%", "%%%%")
  local bytes, count = file.read(at "forged.zip"):gsub(pattern, replacement)
  assert.is_true(count > 0)
  assert(file.write(at "forged.zip", bytes))
  return at "forged.zip"
end

local function u16(n)
  return string.pack("<I2", n)
end

local function u32(n)
  return string.pack("<I4", n)
end

describe("host.archive", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
  end)

  describe("write", function()
    it("gives the same bytes whatever the order and the time", function()
      local facts = assert(archive.write(at "a.zip", sample()))
      local entries = sample()
      table.sort(entries, function(a, b)
        return a.name > b.name
      end)
      assert(archive.write(at "b.zip", entries))
      assert.equal(file.read(at "a.zip"), file.read(at "b.zip"))
      assert.equal(5, facts.entries)
      assert.equal(file.stat(at "a.zip").size, facts.bytes)
      assert.equal(digest.sha256(file.read(at "a.zip")), facts.sha256)
      assert.equal(GOLDEN, facts.sha256)
    end)

    it("sorts, sets modes, and leaves alone what deflate cannot make smaller", function()
      assert(archive.write(at "a.zip", sample()))
      local names, executable = {}, {}
      for i, entry in ipairs(assert(archive.list(at "a.zip"))) do
        names[i], executable[i] = entry.name, entry.executable
        assert.is_true(entry.packed_size <= entry.size)
        assert.is_false(entry.folder)
      end
      assert.same({ "bootstrap", "empty", "lib/money.lua", "lib/ñandú.lua", "service.lua" }, names)
      assert.same({ true, false, false, false, false }, executable)
    end)

    it("takes bytes from files, compressed before or now, to the same end", function()
      local bytes = ("some text, "):rep(5000)
      assert(file.write(at "x", bytes))
      local facts = assert(archive.pack(at "x", at "x.packed"))
      assert.equal(#bytes, facts.bytes)
      assert.is_true(facts.packed_bytes < 1000)
      assert.equal(32 + facts.packed_bytes, file.stat(at "x.packed").size)
      local one = assert(archive.write(at "a.zip", { { name = "x", data = bytes } }))
      local two = assert(archive.write(at "b.zip", { { name = "x", path = at "x" } }))
      local three = assert(archive.write(at "c.zip", { { name = "x", packed = at "x.packed" } }))
      assert.equal(one.sha256, two.sha256)
      assert.equal(one.sha256, three.sha256)
      assert.equal(bytes, archive.read(at "c.zip", "x"))
      assert.equal(bytes, archive.unpack(at "x.packed"))
    end)

    it("compresses as hard as it is told", function()
      local words = {}
      for i = 1, 20000 do
        words[i] = ("%x"):format(i * i % 9973)
      end
      local entries = { { name = "x", data = table.concat(words, " ") } }
      local stored = assert(archive.write(at "a.zip", entries, { level = 0 }))
      local quick = assert(archive.write(at "b.zip", entries, { level = 1 }))
      local hard = assert(archive.write(at "c.zip", entries, { level = 12 }))
      assert.is_true(stored.bytes > quick.bytes and quick.bytes > hard.bytes)
    end)

    it("satisfies other programs", function()
      assert(archive.write(at "a.zip", sample()))
      if shell "command -v unzip" then
        assert(shell "unzip -t a.zip")
      end
      if shell "command -v python3" then
        assert(shell [[python3 -c 'import zipfile; assert not zipfile.ZipFile("a.zip").testzip()']])
      end
    end)

    it("refuses names that leave the archive's folder, or come twice", function()
      for _, name in ipairs {
        "", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", ".", "./a", "a/.", "a//b", "a/",
        "a\\b", "a\nb", "a\x7F", "a\xFF", ("a"):rep(1025),
      } do
        refused("input", "is not a safe name",
          archive.write(at "a.zip", { { name = name, data = "" } }))
      end
      refused("input", "two entries are named 'a'",
        archive.write(at "a.zip", { { name = "a", data = "1" }, { name = "a", data = "2" } }))
      refused("input", "an archive needs an entry", archive.write(at "a.zip", {}))
      assert.same({}, file.list(folder))
    end)

    it("leaves nothing when it fails half-way, and the old archive as it was", function()
      assert(archive.write(at "a.zip", { { name = "x", data = "old" } }))
      local _, err = archive.write(at "a.zip", {
        { name = "x", data = ("new"):rep(100000) },
        { name = "y", path = at "absent" },
      })
      assert.equal("system", err.kind)
      assert.equal("ENOENT", err.code)
      assert.equal("old", archive.read(at "a.zip", "x"))
      assert.same({ "a.zip" }, file.list(folder))
      _, err = archive.write(at "absent/a.zip", sample())
      assert.equal("ENOENT", err.code)
    end)

    it("refuses a packed file that is none, or is cut", function()
      assert(file.write(at "x", ("x"):rep(1000)))
      assert(archive.pack(at "x", at "x.packed"))
      local bytes = file.read(at "x.packed")
      for _, damaged in ipairs { "", "LACPACK1", bytes:sub(1, -2), bytes .. "x", "X" .. bytes } do
        assert(file.write(at "damaged", damaged))
        refused("input", "is not a whole packed file",
          archive.write(at "a.zip", { { name = "x", packed = at "damaged" } }))
        refused("input", "is not a whole packed file", archive.unpack(at "damaged"))
      end
      assert.is_false(file.exists(at "a.zip"))
    end)

    it("raises for misuse", function()
      assert.error_matches("unknown field 'nam'", function()
        archive.write(at "a.zip", { { nam = "x", data = "" } })
      end)
      assert.error_matches("entry 'x': one of 'data', 'path' and 'packed' expected", function()
        archive.write(at "a.zip", { { name = "x" } })
      end)
      assert.error_matches("entry 'x': one of 'data', 'path' and 'packed' expected", function()
        archive.write(at "a.zip", { { name = "x", data = "", path = "y" } })
      end)
      assert.error_matches("field 'name': string expected, got nil", function()
        archive.write(at "a.zip", { { data = "" } })
      end)
      assert.error_matches("entry 1: table expected", function()
        archive.write(at "a.zip", { "x" })
      end)
      assert.error_matches("field 'level': 13 is not between 0 and 12", function()
        archive.write(at "a.zip", sample(), { level = 13 })
      end)
      assert.error_matches("unknown field 'levle'", function()
        archive.pack("a", "b", { levle = 1 })
      end)
    end)
  end)

  describe("read", function()
    it("gives back what was written", function()
      assert(archive.write(at "a.zip", sample()))
      for _, entry in ipairs(sample()) do
        assert.equal(entry.data, assert(archive.read(at "a.zip", entry.name)))
      end
    end)

    it("refuses an entry that is not there, and a file that is no archive", function()
      assert(archive.write(at "a.zip", sample()))
      local bytes, err = archive.read(at "a.zip", "absent")
      assert.is_nil(bytes)
      assert.equal("ENOENT", err.code)
      assert(file.write(at "b.zip", "no archive"))
      refused("input", "is not a whole zip archive", archive.list(at "b.zip"))
      assert(file.write(at "b.zip", file.read(at "a.zip"):sub(1, -30)))
      refused("input", "is not a whole zip archive", archive.list(at "b.zip"))
      refused("system", "No such file", archive.list(at "absent.zip"))
      assert.is_nil((archive.list(folder)))
    end)

    it("bounds entries and bytes before it unpacks", function()
      assert(archive.write(at "a.zip", sample()))
      assert(archive.list(at "a.zip", { max_entries = 5 }))
      refused("limit", "more than 4 entries", archive.list(at "a.zip", { max_entries = 4 }))
      refused("limit", "and what stands before it unpack to more than 5000 bytes",
        archive.read(at "a.zip", "empty", { max_bytes = 5000 }))
      refused("limit", "'bootstrap' unpacks to more than 3000 bytes",
        archive.extract(at "a.zip", at "out", { max_entry_bytes = 3000 }))
      assert(archive.write(at "bomb.zip", { { name = "x", data = ("\0"):rep(3000000) } }))
      refused("limit", "'x' unpacks", archive.read(at "bomb.zip", "x", { max_bytes = 2999999 }))
      assert.is_false(file.exists(at "out"))
    end)

    it("does not believe declared sizes", function()
      local data = ("\0"):rep(100000)
      assert(archive.write(at "a.zip", { { name = "x", data = data } }))
      local bytes = file.read(at "a.zip"):gsub(u32(#data):gsub("%W", "%%%0"), (u32(50)))
      assert(file.write(at "a.zip", bytes))
      refused("input", "'x': the compressed bytes are damaged", archive.read(at "a.zip", "x"))
      bytes = bytes:gsub(u32(50):gsub("%W", "%%%0"), (u32(200000):gsub("%%", "%%%%")))
      assert(file.write(at "a.zip", bytes))
      refused("input", "'x': the compressed bytes are damaged", archive.read(at "a.zip", "x"))
    end)

    it("verifies CRC-32", function()
      local path = forge({ { name = "x", data = "right bytes" } }, "right bytes", "wrong bytes")
      refused("input", "'x': the bytes do not match their CRC%-32", archive.read(path, "x"))
      refused("input", "CRC%-32", archive.extract(path, at "out"))
      assert.is_false(file.exists(at "out"))
      assert.same({ "forged.zip" }, file.list(folder))
    end)

    it("refuses names that would leave the folder", function()
      for _, name in ipairs {
        "/b/c", "../bc", "a/../c", "a//bc", "a\\bcd", "a\nbcd", "a\xFFbcd",
      } do
        local given = ("N"):rep(#name)
        refused("input", "is not a safe name",
          archive.extract(forge({ { name = given, data = "" } }, given, name), at "out"))
      end
      assert.is_false(file.exists(at "out"))
    end)

    it("is not fooled by a NUL in a name: libzip reads it as a space", function()
      local path = forge({ { name = "abcdef", data = "" } }, "abcdef", "abc\0ef")
      assert.equal("abc ef", assert(archive.list(path))[1].name)
    end)

    it("refuses names that come twice", function()
      local entries = { { name = "aaaa", data = "1" }, { name = "bbbb", data = "2" } }
      local path = forge(entries, "bbbb", "aaaa")
      refused("input", "two entries are named 'aaaa'", archive.list(path))
    end)

    it("refuses links, devices, encryption and unknown compression", function()
      local regular = u16(0) .. u16(0x81A4)
      for _, mode in ipairs { 0xA1FF, 0x21A4, 0x61A4, 0x11A4, 0xC1A4 } do
        local path = forge({ { name = "x", data = "target" } }, regular, u16(0) .. u16(mode))
        refused("input", "'x' is a link or a device", archive.extract(path, at "out"))
      end
      assert(archive.write(at "a.zip", { { name = "x", data = "x" } }, { level = 0 }))
      local bytes = file.read(at "a.zip")
      local entry = bytes:find("PK\1\2", 1, true)
      assert(file.write(at "b.zip", bytes:sub(1, entry + 9) .. u16(12) .. bytes:sub(entry + 12)))
      refused("input", "encrypted, or not deflated", archive.read(at "b.zip", "x"))
    end)
  end)

  describe("extract", function()
    it("restores bytes, folders and the right to execute", function()
      assert(archive.write(at "a.zip", sample()))
      local facts = assert(archive.extract(at "a.zip", at "deep/out"))
      assert.equal(5, facts.entries)
      assert.same({ "bootstrap", "empty", "lib/money.lua", "lib/ñandú.lua", "service.lua" },
        file.walk(at "deep/out"))
      for _, entry in ipairs(sample()) do
        assert.equal(entry.data, file.read(at("deep/out/" .. entry.name)))
        assert.equal(entry.executable == true, file.stat(at("deep/out/" .. entry.name)).executable)
      end
      assert.same({ "out" }, file.list(at "deep"))
    end)

    it("unpacks into an empty folder, and not into another", function()
      assert(archive.write(at "a.zip", sample()))
      assert(file.make_folder(at "out"))
      assert(archive.extract(at "a.zip", at "out/"))
      local facts, err = archive.extract(at "a.zip", at "out")
      assert.is_nil(facts)
      assert.equal("ENOTEMPTY", err.code)
      assert.equal(5, #file.walk(at "out"))
      assert.same({ "a.zip", "out" }, file.list(folder))
    end)

    it("unpacks what other programs made", function()
      if not shell "command -v python3" then
        return
      end
      assert(shell [[python3 -c '
import zipfile
with zipfile.ZipFile("p.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("folder/", "")
    z.writestr("folder/x.txt", "text " * 1000)
    z.writestr("stored", "s", zipfile.ZIP_STORED)
']])
      assert(archive.extract(at "p.zip", at "out"))
      assert.equal(("text "):rep(1000), file.read(at "out/folder/x.txt"))
      assert.equal("s", file.read(at "out/stored"))
    end)

    it("leaves nothing when a file is also a folder", function()
      local entries = { { name = "aa", data = "" }, { name = "aa-b", data = "" } }
      local path = forge(entries, "aa-b", "aa/b")
      local facts, err = archive.extract(path, at "out")
      assert.is_nil(facts)
      assert.equal("system", err.kind)
      assert.same({ "forged.zip" }, file.list(folder))
    end)

    it("raises for misuse", function()
      assert.error_matches("unknown field 'max'", function()
        archive.extract(at "a.zip", at "out", { max = 1 })
      end)
      assert.error_matches("field 'max_bytes': 0 is not between", function()
        archive.list(at "a.zip", { max_bytes = 0 })
      end)
      assert.error_matches("#2 to 'extract'", function()
        archive.extract(at "a.zip")
      end)
    end)
  end)
end)
