-- laconic run compile.lua ROOT OUT SCRIPT…: the byte code of each script, under the same path in OUT.
-- Files and lines stay in it: a traceback says where. The names of locals and upvalues do not: they
-- are half of all strings that a start would have to make, for messages that have a line anyway.
-- OUT/sums, their SHA-256, is written only when one has changed: what is made of them hangs on it.
local digest = require "host.digest"
local file = require "host.file"

local HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8 + 1 -- of Lua 5.4, and the count of the chunk's upvalues
local INSTRUCTION = 4
local UPVALUE = 3
local INTEGER, FLOAT, SHORT, LONG = 0x03, 0x13, 0x04, 0x14

-- A walk over what string.dump gives, which copies what is not left out.
local Walk = {}
Walk.__index = Walk

function Walk:bytes(count)
  local bytes = self.dump:sub(self.at, self.at + count - 1)
  assert(#bytes == count, "this is no byte code of Lua 5.4")
  self.at = self.at + count
  if not self.skipping then
    table.insert(self.kept, bytes)
  end
  return bytes
end

-- Seven bits in a byte, the last of which is marked.
function Walk:size()
  local size, byte = 0, 0
  while byte < 0x80 do
    byte = self:bytes(1):byte()
    size = size << 7 | byte & 0x7F
  end
  return size
end

function Walk:string()
  local size = self:size()
  self:bytes(math.max(size - 1, 0)) -- 0: none
end

function Walk:constant()
  local kind = self:bytes(1):byte()
  if kind == INTEGER or kind == FLOAT then
    self:bytes(8)
  elseif kind == SHORT or kind == LONG then
    self:string()
  end
end

function Walk:skip_names()
  self.skipping = true
  for _ = 1, self:size() do -- locals: name, and the instructions between which it is one
    self:string()
    self:size()
    self:size()
  end
  for _ = 1, self:size() do -- upvalues
    self:string()
  end
  self.skipping = false
  table.insert(self.kept, "\x80\x80") -- none of either
end

function Walk:fn()
  self:string() -- the source
  self:size() -- the lines where it begins and ends
  self:size()
  self:bytes(3) -- parameters, whether they vary, registers
  self:bytes(self:size() * INSTRUCTION)
  for _ = 1, self:size() do
    self:constant()
  end
  self:bytes(self:size() * UPVALUE)
  for _ = 1, self:size() do
    self:fn()
  end
  self:bytes(self:size()) -- lines, as differences
  for _ = 1, self:size() do -- and as they are, now and then
    self:size()
    self:size()
  end
  self:skip_names()
end

local function without_names(dump)
  local walk = setmetatable({ dump = dump, at = 1, kept = {} }, Walk)
  walk:bytes(HEADER)
  walk:fn()
  assert(walk.at == #dump + 1, "this is no byte code of Lua 5.4")
  return table.concat(walk.kept)
end

local root, out = arg[1], arg[2]
local sums = {}
for i = 3, #arg do
  local bytes = assert(file.read(root .. "/" .. arg[i]))
  local chunk = assert(load(bytes, "@" .. arg[i], "t"))
  local code = without_names(string.dump(chunk))
  assert(load(code, "=" .. arg[i], "b"))
  assert(file.make_folder((out .. "/" .. arg[i]):match "^(.*)/"))
  assert(file.write(out .. "/" .. arg[i], code))
  table.insert(sums, ("%s  %s\n"):format(digest.sha256(code), arg[i]))
end
local text = table.concat(sums)
if not file.exists(out .. "/sums") or assert(file.read(out .. "/sums")) ~= text then
  assert(file.write(out .. "/sums", text))
end
