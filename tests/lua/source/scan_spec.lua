local lua_source = require "engine.source.scan"

local function required(text)
  local list = {}
  for _, item in ipairs(lua_source.requires(lua_source.tokens(text))) do
    table.insert(list, item.name .. ":" .. item.line .. (item.optional and "?" or ""))
  end
  return table.concat(list, " ")
end

local function undeclared(text)
  assert(load(text))
  local list = {}
  for _, item in ipairs(lua_source.undeclared(lua_source.tokens(text))) do
    table.insert(list, item.name .. ":" .. item.line)
  end
  return table.concat(list, " ")
end

describe("engine.source.scan", function()
  it("finds every way to require by a literal name", function()
    assert.equal("a:1 b.c:2 d:3 e:4", required [==[
local a = require "a"
local b = require('b.c')
local d = require [[d]]
local e = require [=[e]=].field]==])
  end)

  it("tells how deep a require stands", function()
    local list = {}
    for _, item in ipairs(lua_source.requires(lua_source.tokens [[
require "a"
for _ = 1, 2 do require "b" end
while x do if y then require "c" elseif z then require "d" else
  f(function() require "e" end) end end
repeat local until_ = require "f" until require "g"
local t = { ["end"] = 1, f = function() return require "h" end }
goto done ::done:: require "i"]])) do
      table.insert(list, item.name .. item.depth)
    end
    assert.equal("a0 b1 c2 d2 e3 f1 g0 h1 i0", table.concat(list, " "))
  end)

  it("takes a minus for a minus", function()
    assert.equal("a:1 b:1", required [[local x = 1 - require "a" -require "b" -- require "c"]])
    assert.equal("", undeclared "return { a = 2 * -1,\n b = 3 }")
  end)

  it("is not misled by comments, strings, other people's require", function()
    assert.equal("real:7", required [==[
-- require "one"
--[[ require "two"
require "three" ]]
local text = "require 'four'" .. 'require "five"'
loader.require "six"
loader:require "seven"
local x = require --[[ a comment ]] "real"
require(name)
require("seven." .. name)]==])
  end)

  it("tells an optional module", function()
    assert.equal("cjson:1?", required 'local ok, cjson = pcall(require, "cjson")')
  end)

  it("counts lines through long strings and comments", function()
    assert.equal("m:6", required 'local a = [[\n\n]]\n--[==[\n]==]\nlocal m = require "m"')
  end)

  it("skips a first line that is for the shell", function()
    assert.equal("m:2", required '#!/usr/bin/env laconic\nrequire "m"')
  end)

  it("finds globals that are read, called and assigned", function()
    assert.equal("prnt:1 total:2 greet:3", undeclared [[
local x = 1; prnt(x)
total = x
function greet() end]])
  end)

  it("knows locals, parameters, loops, methods, attributes", function()
    assert.equal("", undeclared [[
local a, b <const>, c <close> = 1, 2, nil
local function f(x, y, ...) return x + y + a + b, c, ... end
for i = 1, 3 do f(i) end
for key, value in pairs {} do f(key, value) end
local t = {}
function t.g(z) return z end
function t:h(w) return self, w end
return function(last) return last, t end]])
  end)

  it("knows fields, keys and labels", function()
    assert.equal("", undeclared [[
local t = { name = 1, [2] = 3; other = function() return 1 end, last = { deep = 1 } }
t.field = t.another; t:method()
do goto continue end
::continue::
return t]])
    assert.equal("loose:1", undeclared "return { f = function() loose = 1 end, a = 2 }")
  end)

  it("keeps out of a file that has its own environment", function()
    assert.equal("", undeclared "local _ENV = {}; x = 1")
  end)
end)
