--- Templates by chance: pieces of every kind that the dialect has, put together by a seed. What is
--- known to differ between Apache's engine and API Gateway (macros, #evaluate, reflection, arrays
--- printed, numbers beyond 64 bits) is left out.
local templates = {}

local random = math.random

local function pick(list)
  return list[random(#list)]
end

local function chance(percent)
  return random(100) <= percent
end

local expression, block, reference -- they call each other

local STRINGS = {
  "", "a", "abc", "a,b,,c", "Hello World", " trim me ", "x=1&y=2", "it''s", "h\u{e9}llo \u{20ac}",
  "1", "true", "a.b", "line\nbreak", "back\\slash", "tab\there", "<b>&</b>", "{k=v}", "\u{1F600}!",
}
local NUMBERS = {
  "0", "1", "2", "3", "7", "-1", "10", "42", "-5", "100", "2147483647", "1.5", "2.0", "0.25",
  "-0.5", "1e3", "12345678.5", "0.0001", ".5", "3.",
}
local VARIABLES = {
  number = { "n", "i", "d", "z" },
  string = { "s", "e", "t", "u-v" },
  boolean = { "yes", "no" },
  list = { "l", "words", "empty", "mixed" },
  map = { "m", "deep" },
}
local KINDS = { "number", "string", "boolean", "list", "map" }
local PATHS = {
  "$", "$.a", "$.list", "$.list[0]", "$.list[-1]", "$.list[1:]", "$.list[:2]", "$.list[-2:]",
  "$.list[*]", "$.list[0,2]", "$.list[9]", "$.objs", "$.objs[1]", "$.objs[0].tag", "$.objs[*].id",
  "$..id", "$..tag", "$.m", "$.m.k", "$['m']['a-b']", "$.m.a-b", "$.m.*", "$.m.in.deep[1]",
  "$.nope", "$.nope.x", "$.nope[*]", "$.objs[*].nope", "$.objs[?(@.id > 1)]",
  "$.objs[?(@.tag == 'a')].id", "$.objs[?(@.id >= 1 && @.tag != 'b')]", "$.objs[?(@.nope)]",
  "$.objs[?(!@.nope)].tag", "$.objs[?(@.tag =~ /[a-b]/)].id",
  "$.objs[?(@.id < 2 || @.tag == 'c')].tag", "a", "m.k", "list[1]", "$.list.length()", "$.float",
  "$.null", "$.text", "$.yes", "$.text.x", "$.list.x", "$['a','text']", "$..deep[0]",
  "$.list.max()", "$.float.x", "$.empty", "$.none", "$.uni",
}

templates.BODY = '{"a":1,"list":[1,2,3,"x",null,2.50],'
  .. '"objs":[{"id":1,"tag":"a"},{"id":2,"tag":"b"},{"id":3,"tag":"c"}],'
  .. '"m":{"k":"v","size":9,"a-b":"dash","in":{"deep":[10,20]}},'
  .. '"big":12345678901234567890,"float":1e3,"null":null,"text":"say \\"hi\\" it\'s /x\\n",'
  .. '"yes":true,"empty":[],"none":{},"uni":"\u{e9}\u{2028}\\u0001\u{1F600}"}'

local function quoted(text)
  if chance(50) then
    return "'" .. text:gsub("''", "'"):gsub("'", "''") .. "'"
  end
  return '"' .. text:gsub("''", "'"):gsub('"', '""') .. '"'
end

local function a_string(depth)
  local roll = random(10)
  if depth <= 0 or roll <= 5 then
    return quoted(pick(STRINGS))
  elseif roll <= 8 then
    return '"' .. pick { "", "v=", "$", "a ", "\\" } .. "$"
      .. pick { "s", "n", "{t}", "!nope", "m.a", "d" }
      .. pick { "", " b", ".", "$n", "#if($yes)Y#end" } .. '"'
  end
  return '"'
    .. pick { "#set($q = 1)$q", "#if($no)a#{else}b#end", "x#foreach($k in [1..2])$k#end",
    "${s}${n}" } .. '"'
end

local function a_number(depth)
  if depth > 0 and chance(40) then
    return expression("number", depth - 1) .. " " .. pick { "+", "-", "*", "/", "%" } .. " "
      .. expression("number", depth - 1)
  end
  return pick(NUMBERS)
end

local function a_boolean(depth)
  local roll = random(8)
  if depth <= 0 or roll <= 2 then
    return pick { "true", "false" }
  elseif roll <= 5 then
    local kind = pick(KINDS)
    return expression(kind, depth - 1)
      .. pick { " == ", "!=", " < ", " >= ", " gt ", " le ", " eq ", " ne ", ">", " lt " }
      .. expression(chance(70) and kind or pick(KINDS), depth - 1)
  elseif roll == 6 then
    return pick { "!", "! ", "not " } .. expression("boolean", depth - 1)
  elseif roll == 7 then
    return "(" .. expression("boolean", depth - 1) .. ")"
  end
  return expression("boolean", depth - 1) .. pick { " && ", " || ", "&&", " and ", " or " }
    .. expression("boolean", depth - 1)
end

-- What may stand in a list, a map and among arguments: no operators.
local function operand(kind, depth)
  if chance(45) then
    return reference(kind, depth)
  elseif kind == "number" then
    return pick(NUMBERS)
  elseif kind == "boolean" then
    return pick { "true", "false" }
  elseif kind == "string" then
    return a_string(depth)
  end
  return expression(kind, depth)
end

local function a_list(depth)
  if chance(20) then
    return ("[%d%s..%s%d]"):format(random(-2, 3), pick { "", " " }, pick { "", " " }, random(0, 4))
  end
  local items = {}
  for i = 1, random(0, 3) do
    items[i] = operand(pick(KINDS), depth - 2)
  end
  return "[" .. table.concat(items, pick { ",", ", ", " , " }) .. "]"
end

local function a_map(depth)
  local items = {}
  for i = 1, random(0, 3) do
    items[i] = quoted(pick { "a", "b", "k", "x y", "size" }) .. pick { ":", " : ", ": " }
      .. operand(pick(KINDS), depth - 2)
  end
  return "{" .. table.concat(items, ", ") .. "}"
end

local MAKERS = { number = a_number, string = a_string, boolean = a_boolean, list = a_list,
  map = a_map }

function expression(kind, depth)
  if depth <= 0 or chance(35) then
    return reference(kind, depth)
  end
  return MAKERS[kind](depth)
end

local METHODS = {
  string = {
    "length()", "isEmpty()", "toUpperCase()", "toLowerCase()", "trim()", "toString()",
    "substring(1)", "substring(0, 1)", 'indexOf("b")', 'lastIndexOf("l")', 'contains("a")',
    'startsWith("a")', 'endsWith("c")', 'replace("a", "b")', 'replace("l", "")',
    'replaceAll("[a-c]", "<$0>")', "replaceAll(\"(.)b\", '$1-')", 'replaceFirst("l+", "L")',
    'split(",").size()', 'split(",")[0]', 'matches("[a-z]*")', 'concat("z")', 'equals("abc")',
    'equalsIgnoreCase("ABC")', 'compareTo("b")', "charAt(0)", 'split("").size()',
    'indexOf("l", 3)', "nope()", 'equals(1)', "substring(99)", "contains(1)",
    'split("[aeiou]", 2).size()', "empty",
  },
  list = {
    "size()", "isEmpty()", "contains(1)", 'contains("a")', "get(0)", "get(1)", 'indexOf("a")',
    "add(5)", 'add("x")', "remove(0)", 'remove("a")', "set(0, 9)", "addAll([7, 8])",
    "subList(0, 1)", "add(0, 3)", "nope()", "[0]", "[-1]", "[1]", "empty", "get(77)",
    "equals([1])", "lastIndexOf(1)", "toString()",
  },
  map = {
    "size()", "isEmpty()", 'containsKey("a")', 'get("a")', 'put("k", 3)', 'remove("b")',
    'getOrDefault("zz", 1)', "a", "b", "size", '["a"]', '["zz"]', "nope", "b.c", "keySet().size()",
    'containsValue(1)', 'putIfAbsent("a", 9)', "toString()", "a.b.c", 'equals({"a": 1})',
  },
  number = {
    "toString()", "intValue()", "equals(1)", "toString().length()", "nope", "nope()",
    "compareTo(1)",
  },
  boolean = { "toString()", "equals(true)", "nope()" },
}

local function tail(kind)
  local method = pick(METHODS[kind])
  return (method:sub(1, 1) == "[" and "" or ".") .. method
end

local INPUTS = {
  function() return "$input.path(" .. quoted(pick(PATHS):gsub("'", "''")) .. ")" end,
  function() return '$input.json("' .. pick(PATHS) .. '")' end,
  function() return '$input.path("' .. pick(PATHS) .. '")' end,
  function() return '$input.params("' .. pick { "id", "q", "X-H", "nope", "dup" } .. '")' end,
  function()
    return "$input.params()."
      .. pick { "path", "querystring.q", 'header.get("X-H")', "header", "nope" }
  end,
  function() return "$util.urlEncode(" .. a_string(1) .. ")" end,
  function() return "$util.escapeJavaScript(" .. a_string(1) .. ")" end,
  function() return "$util.base64Encode(" .. a_string(0) .. ")" end,
  function() return "$util.urlDecode(" .. quoted(pick { "a+b", "%41%c3%a9", "%", "x" }) .. ")" end,
  function()
    return "$util.base64Decode(" .. quoted(pick { "aGk=", "aGVsbG8", "", "w6k=" }) .. ")"
  end,
  function()
    return "$util.parseJson('"
      .. pick { '{"a":[1,{"b":"/"}],"n":null}', "[1,2.50,true]", '"x"', "7" } .. "')"
      .. pick { "", "", ".a", ".size()", "[1]" }
  end,
  function()
    return "$context." .. pick { "stage", "identity.sourceIp", "nope", "requestId.length()" }
  end,
  function() return "$stageVariables." .. pick { "env", "nope", 'get("env")' } end,
}

function reference(kind, depth)
  local roll = random(20)
  if roll == 1 then
    return "$nope" .. pick { "", ".x", ".y()", '["k"]' }
  elseif roll <= 3 and depth >= 0 then
    return pick(INPUTS)()
  end
  local name = pick(VARIABLES[kind])
  local tails = chance(25) and tail(kind) or ""
  if chance(25) then
    return pick { "${", "$!{" } .. name .. tails .. "}"
  end
  return pick { "$", "$", "$", "$!" } .. name .. tails
end

local TEXTS = {
  "a", " ", "  ", "\n", "\n  ", " b ", ",", ": ", '"', "'", ".", "..", "!", "}", "/", "\u{e9}",
  "\t", "x y", "%", "=", "<p>", "\r\n", "-", "@", ";\n", "\n\n", "&",
}
local NOISE = {
  "$ ", "$5.00", "$1", "$- ", "# ", "#13ff", "#(x)", "#foo", "#ifx ", "\\", "\\\\", "\\ ", "\\n",
  " $.x", "#foo(1)", '#bar("a" $s)', "#endx", "\\# x", "${5}",
}

-- A property that stands right before a $ or a # leaves Velocity's lexer in an odd state.
local function printed(depth)
  local text = reference(pick(KINDS), depth)
  return text:find "%.[%w-]+$" and text .. pick { ";", ",", "|" } or text
end

-- #define, #if and all others end in a form that text cannot run into.
local function ending()
  return pick { "#end", "#end", "#{end}", "#end\n", "#end  \n" }
end

local function bracket_end()
  return pick { ")", ")", ")\n", ")  \n", ") " }
end

local STATEMENTS = {
  function() return pick(TEXTS) end,
  function() return pick(TEXTS) end,
  function() return pick(NOISE) end,
  function(depth) return printed(depth) end,
  function(depth) return printed(depth) end,
  function(depth) return printed(depth) end,
  function() return "$m." .. pick { "keySet()", "values()", "entrySet()" } end,
  function()
    return pick { '$input.path("$.big")', '$input.json("$.big")', "$input.body" } .. ","
  end,
  function(depth) return pick { "\\", "\\\\", "\\\\\\", "$" } .. printed(depth) end,
  function(depth) return "#" .. reference(pick(KINDS), depth) .. "," end,
  function()
    return pick { "\\", "\\\\\\" } .. pick { "#if", "#set", "#end", "#foo", "#{else}", "#foreach" }
      .. " "
  end,
  function(depth)
    local kind = pick(KINDS)
    return pick { "", "", "  ", "\n  ", "\\\\" } .. pick { "#set(", "#set( ", "#{set}(", "#set (" }
      .. "$" .. pick(VARIABLES[kind])
      .. pick { " = ", "=" } .. expression(kind, depth) .. bracket_end()
  end,
  function(depth)
    return "#set("
      .. pick { "$m.k", '$m["x"]', "$l[0]", "$deep.b.d", "$nope.x", "$m.a.b", "$words[1]" } .. " = "
      .. expression(pick(KINDS), depth) .. bracket_end()
  end,
  function(depth)
    local text = pick { "#if(", "#if (", "#{if}(" }
      .. expression(chance(70) and "boolean" or pick(KINDS), depth)
      .. bracket_end() .. block(depth - 1)
    if chance(30) then
      text = text .. "#elseif(" .. expression("boolean", depth) .. bracket_end() .. block(depth - 1)
    end
    if chance(50) then
      text = text .. pick { "#else\n", "#{else}", "#else ", "#{else}  \n" } .. block(depth - 1)
    end
    return text .. ending()
  end,
  function(depth)
    local body = block(depth - 1)
    return pick { "#foreach(", "#foreach( ", "#{foreach}(", "#foreach (" } .. "$"
      .. pick { "item", "i", "k" } .. " in "
      .. operand(pick { "list", "list", "map", "string" }, depth) .. bracket_end()
        .. pick { "", "$item", "$i " } .. body
      .. pick { "", "", "$foreach.count", "$velocityCount", "$foreach.hasNext",
        "#if($foreach.index == 1)#break#end",
        "#if($foreach.hasNext),#end" } .. ending()
  end,
  function(depth)
    return "#define($block)" .. block(depth - 1) .. ending()
      .. pick { "$block", "[$block]$block", "" }
  end,
  function()
    return pick { "## comment\n", "#* a\n b *#", "#[[ $raw #if ]]#", "## c $x\r\n", "#** doc *#" }
  end,
}

function block(depth)
  local parts = {}
  if depth > 0 then
    for _ = 1, random(0, 4) do
      local part = pick(STATEMENTS)(depth)
      local last = parts[#parts] or ""
      if part:find "^[%[%(]" and not last:find "[%s]$" then
        part = " " .. part
      end
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts)
end

local PRELUDE = '#set($s="abc")#set($e="")#set($t="it is, so")#set($u-v="hy")#set($n=5)'
  .. '#set($i=2)#set($d=1.50)#set($z=0)#set($yes=true)#set($no=false)#set($l=[1,"a",true])'
  .. '#set($words=["x","yy","a"])#set($empty=[])#set($mixed=[1.5,[1,2],{"q":1}])'
  .. '#set($m={"a":1,"b":{"c":[1,2]}})#set($deep={"a":{"b":{"c":"d"}},"b":{}})'

--- A template of its own for each number.
---@param seed integer
---@return string
function templates.make(seed)
  math.randomseed(seed)
  local parts = {}
  for i = 1, random(1, 7) do
    parts[i] = pick(STATEMENTS)(random(1, 3))
  end
  return PRELUDE .. table.concat(parts, pick { "", "", "|", "\n" }) .. "."
end

return templates
