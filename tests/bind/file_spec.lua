local file = require "host.file"

local folder

local function at(name)
  return folder .. "/" .. name
end

local function put(name, bytes, options)
  assert(file.write(at(name), bytes or "", options))
end

-- What only a shell can make: links, modes.
local function shell(command)
  assert(os.execute(("cd '%s' && %s"):format(folder, command)))
end

local function refused(code, value, err)
  assert.is_nil(value)
  assert.equal("system", err.kind)
  assert.equal(code, err.code)
end

describe("host.file", function()
  before_each(function()
    folder = assert(file.temporary_folder())
  end)

  after_each(function()
    assert(file.remove_tree(folder))
    assert.is_false(file.exists(folder))
  end)

  it("reads back what was written, NULs and all", function()
    local bytes = ("a\0b\r\n\xFF"):rep(20000)
    put("x", bytes)
    assert.equal(bytes, assert(file.read(at "x")))
    put("x", "")
    assert.equal("", assert(file.read(at "x")))
  end)

  it("reads what has no size", function()
    assert.matches("laconic", assert(file.read "/proc/self/comm"))
  end)

  it("bounds what it reads", function()
    put("x", ("x"):rep(1000))
    assert.equal(1000, #assert(file.read(at "x", { max_bytes = 1000 })))
    local bytes, err = file.read(at "x", { max_bytes = 999 })
    assert.is_nil(bytes)
    assert.equal("limit", err.kind)
    bytes, err = file.read("/dev/zero", { max_bytes = 100000 })
    assert.is_nil(bytes)
    assert.equal("limit", err.kind)
  end)

  it("leaves nothing but the file", function()
    put "x"
    put("x", "second", { sync = true })
    assert.same({ "x" }, assert(file.list(folder)))
  end)

  it("leaves nothing at all when it cannot write", function()
    assert(file.make_folder(at "taken/inner"))
    refused("EISDIR", file.write(at "taken", "x"))
    refused("ENOENT", file.write(at "absent/x", "x"))
    refused("ENOTDIR", file.write("/dev/null/x", "x"))
    assert.same({ "taken" }, assert(file.list(folder)))
  end)

  it("sets modes", function()
    put "plain"
    put("run", "", { executable = true })
    put("secret", "", { private = true })
    shell "test $(stat -c %a secret) = 600 && test -x run && test ! -x plain"
    assert.is_true(file.stat(at "run").executable)
    assert.is_false(file.stat(at "plain").executable)
  end)

  it("replaces a link, and not what it leads to", function()
    put("target", "old")
    shell "ln -s target link"
    put("link", "new")
    assert.equal("old", file.read(at "target"))
    assert.equal("file", file.stat(at "link").kind)
  end)

  it("appends", function()
    assert(file.append(at "x", "one"))
    assert(file.append(at "x", "two"))
    assert.equal("onetwo", file.read(at "x"))
    refused("EISDIR", file.append(folder, "x"))
  end)

  it("gathers what is to be appended", function()
    local gathered = file.appender(at "log")
    assert.equal(0, gathered:waiting())
    assert.equal(3, gathered:add "one")
    assert.equal(8, gathered:add "\0two\n")
    assert.is_nil(file.stat(at "log"))
    assert(gathered:write())
    assert.equal(0, gathered:waiting())
    assert(gathered:write())
    assert.equal(5, gathered:add "three")
    assert(gathered:write())
    assert.equal("one\0two\nthree", file.read(at "log"))
    gathered:add "four"
    gathered:drop()
    assert(gathered:write())
    assert.equal(13, #file.read(at "log"))

    local nowhere = file.appender(folder)
    nowhere:add "x"
    refused("EISDIR", nowhere:write())
    assert.equal(0, nowhere:waiting())
  end)

  it("shortens", function()
    put("long", "0123456789")
    assert(file.shorten(at "long", 4))
    assert.equal("0123", file.read(at "long"))
    assert(file.shorten(at "long", 100))
    assert.equal("0123", file.read(at "long"))
    assert(file.shorten(at "long", 0))
    assert.equal("", file.read(at "long"))
    refused("ENOENT", file.shorten(at "absent", 0))
    refused("EISDIR", file.shorten(folder, 0))
    assert.error_matches("not a size", function()
      file.shorten(at "long", -1)
    end)
  end)

  it("tells what a path is", function()
    put("x", "12345")
    shell "ln -s x link && ln -s nowhere dangling && mkfifo pipe"
    local facts = file.stat(at "x")
    assert.equal(5, facts.size)
    assert.equal("file", facts.kind)
    assert.is_true(facts.modified > 1600000000)
    assert.equal("folder", file.stat(folder).kind)
    assert.equal("link", file.stat(at "link").kind)
    assert.equal("other", file.stat(at "pipe").kind)
    refused("ENOENT", file.stat(at "absent"))
    assert.is_true(file.exists(at "link"))
    assert.is_false(file.exists(at "dangling"))
  end)

  it("lists in byte order", function()
    put "b"
    put "a"
    put "B"
    put ".hidden"
    assert(file.make_folder(at "c"))
    assert.same({ ".hidden", "B", "a", "b", "c" }, file.list(folder))
    refused("ENOENT", file.list(at "absent"))
    refused("ENOTDIR", file.list(at "a"))
  end)

  it("walks a tree without following links", function()
    assert(file.make_folder(at "b/inner"))
    assert(file.make_folder(at "empty"))
    put "b/inner/x"
    put "b/y"
    put "a"
    put "b-c"
    shell "ln -s .. b/up && ln -s /etc etc"
    assert.same({ "a", "b-c", "b/inner/x", "b/up", "b/y", "etc" }, file.walk(folder))
    assert.equal(6, #file.walk(folder, { max_entries = 6 }))
    local paths, err = file.walk(folder, { max_entries = 5 })
    assert.is_nil(paths)
    assert.equal("limit", err.kind)
    refused("ENOENT", file.walk(at "absent"))
  end)

  it("makes folders", function()
    assert(file.make_folder(at "a/b/c/"))
    assert(file.make_folder(at "a/b/c"))
    assert(file.make_folder(at "a//b/./d"))
    assert.equal("folder", file.stat(at "a/b/d").kind)
    put "x"
    refused("EEXIST", file.make_folder(at "x"))
    refused("EEXIST", file.make_folder(at "x/y"))
  end)

  it("removes files, and counts an absent one as removed", function()
    put "x"
    assert(file.remove(at "x"))
    assert(file.remove(at "x"))
    assert.is_nil((file.remove(folder)))
  end)

  it("removes trees without leaving them by a link", function()
    assert(file.make_folder(at "outside"))
    put "outside/precious"
    assert(file.make_folder(at "tree/a/b"))
    put "tree/a/b/x"
    shell "ln -s ../../outside tree/a/out && ln -s nowhere tree/dangling && ln -s outside link"
    assert(file.remove_tree(at "tree"))
    assert(file.remove_tree(at "link"))
    assert(file.remove_tree(at "absent"))
    assert.same({ "outside" }, file.list(folder))
    assert.same({ "precious" }, file.list(at "outside"))
    assert(file.remove_tree(at "outside/precious"))
    assert.same({}, file.list(at "outside"))
  end)

  it("seals a tree, and removes it nonetheless", function()
    assert(file.make_folder(at "tree/deep"))
    put("tree/deep/run", "x", { executable = true })
    assert(file.seal_tree(at "tree"))
    local modes = assert(io.popen(("cd '%s' && stat -c %%a tree tree/deep tree/deep/run"):format(
      folder)))
    assert.equal("555\n555\n555\n", modes:read "a")
    modes:close()
    assert(file.remove_tree(at "tree"))
    refused("ENOENT", file.seal_tree(at "tree"))
  end)

  it("renames and copies", function()
    put("x", "bytes", { executable = true })
    assert(file.rename(at "x", at "y"))
    assert(file.copy(at "y", at "z"))
    assert.equal("bytes", file.read(at "z"))
    assert.is_true(file.stat(at "z").executable)
    assert.same({ "y", "z" }, file.list(folder))
    refused("ENOENT", file.rename(at "x", at "y"))
    refused("ENOENT", file.copy(at "x", at "y"))
    refused("EISDIR", file.copy(folder, at "w"))
    assert.same({ "y", "z" }, file.list(folder))
  end)

  it("makes temporary folders that are the user's alone", function()
    local one, two = assert(file.temporary_folder(folder)), assert(file.temporary_folder(folder))
    assert.not_equal(one, two)
    assert.equal(folder, one:match "^(.*)/")
    shell(("test $(stat -c %%a '%s') = 700"):format(one))
    refused("ENOENT", file.temporary_folder(at "absent"))
  end)

  it("knows where it is", function()
    put "x"
    shell "ln -s x link"
    local real = assert(file.real_path(folder))
    assert.equal(real .. "/x", file.real_path(folder .. "/../" .. folder:match "[^/]+$" .. "/link"))
    refused("ENOENT", file.real_path(at "absent"))
    assert.equal("/", file.current_folder():sub(1, 1))
    assert.equal(file.real_path ".", file.current_folder())
    assert.is_true(file.stat(file.program()).executable)
  end)

  it("locks once, until closed", function()
    local lock = assert(file.lock(at "lock"))
    assert.equal("lock", tostring(lock))
    refused("EAGAIN", file.lock(at "lock"))
    lock:close()
    lock:close()
    assert.equal("lock (closed)", tostring(lock))
    do
      local scoped <close> = assert(file.lock(at "lock"))
      refused("EAGAIN", file.lock(at "lock"))
      assert.truthy(scoped)
    end
    assert(file.lock(at "lock")):close()
    refused("ENOENT", file.lock(at "absent/lock"))
  end)

  it("shares a lock with those that share it too", function()
    local one = assert(file.lock(at "lock", { shared = true }))
    local two = assert(file.lock(at "lock", { shared = true }))
    refused("EAGAIN", file.lock(at "lock"))
    one:close()
    refused("EAGAIN", file.lock(at "lock", { shared = false }))
    two:close()
    local alone <close> = assert(file.lock(at "lock"))
    refused("EAGAIN", file.lock(at "lock", { shared = true }))
    assert.truthy(alone)
  end)

  it("loses its lock with the process that held it", function()
    local program = assert(file.program())
    put("child.lua", ([[
      local lock = assert(require "host.file".lock(%q))
      io.stdout:write "held\n"
      io.stdout:flush()
      io.read()
      os.exit(0, false, lock)
    ]]):format(at "lock"))
    local child = assert(io.popen(("'%s' run '%s' > '%s'"):format(program, at "child.lua",
      at "said"), "w"))
    while file.exists(at "said") == false or file.read(at "said") ~= "held\n" do
      assert(file.exists(folder))
    end
    refused("EAGAIN", file.lock(at "lock"))
    child:write "\n"
    child:close()
    assert(file.lock(at "lock")):close()
  end)

  it("raises for misuse", function()
    assert.error_matches("#1 to 'read' %(string expected, got nil%)", function()
      file.read(nil)
    end)
    assert.error_matches("#1 to 'remove_tree'", function()
      file.remove_tree "a\0b"
    end)
    assert.error_matches("#1 to 'seal_tree'", function()
      file.seal_tree "a\0b"
    end)
    assert.error_matches("field 'shared': boolean expected, got number", function()
      file.lock(at "lock", { shared = 1 })
    end)
    assert.error_matches("unknown field 'mode'", function()
      file.write(at "x", "", { mode = 1 })
    end)
    assert.error_matches("field 'private': boolean expected, got number", function()
      file.write(at "x", "", { private = 1 })
    end)
    assert.error_matches("field 'max_bytes': %-1 is not between", function()
      file.read(at "x", { max_bytes = -1 })
    end)
    assert.error_matches("#2 to 'append' %(string expected, got number%)", function()
      file.append(at "x", 1)
    end)
  end)
end)
