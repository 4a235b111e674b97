--- The mapping templates of methods that map: from a request to the envelope that the function
--- gets, and from its result to the answer. In the dialect of Velocity that API Gateway has.
---
--- The envelope: method, body, headers, queryParams, pathParams, stageVariables, context,
--- authorizer. All that a client sends is written as a JSON text with its quotes escaped, so that
--- no value can become a member.
local mapping = {}

-- A JSON text. escapeJavaScript writes \' too, which JSON does not know.
local function text_of(reference)
  return ([["$util.escapeJavaScript(%s).replaceAll("\\'","'")"]]):format(reference)
end

-- A '%' that begins no code stands for itself: the decoder would fail on it.
local function decoded(reference)
  return ("$util.urlDecode(%s.replaceAll('%%(?![0-9A-Fa-f]{2})', '%%25'))"):format(reference)
end

local function object_of(map, value_of)
  local value = map .. ".get($name)"
  local pair = text_of "$name" .. ":" .. text_of(value_of and value_of(value) or value)
  return ("{#foreach($name in %s.keySet())%s#if($foreach.hasNext),#end#end}"):format(map, pair)
end

-- API Gateway gives a path's values as they came, in codes; a '+' is no blank there.
local function decoded_path(reference)
  return decoded(reference .. ".replaceAll('[+]', '%2B')")
end

-- What API Gateway itself says, and what a client has a hand in.
local CONTEXT = { "apiId", "resourceId", "resourcePath", "requestId", "stage" }
local IDENTITY = { "accountId", "cognitoIdentityId", "cognitoIdentityPoolId", "sourceIp" }
local IDENTITY_TOLD = {
  "apiKey", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType", "user",
  "userAgent", "userArn",
}

local function members(names, prefix, write)
  local list = {}
  for _, name in ipairs(names) do
    table.insert(list, ('"%s":%s'):format(name, write(prefix .. name)))
  end
  return table.concat(list, ",")
end

local function plain(reference)
  return '"' .. reference .. '"'
end

local function context()
  return ('{%s,"method":"$context.httpMethod","identity":{%s,%s}}'):format(
    members(CONTEXT, "$context.", plain),
    members(IDENTITY, "$context.identity.", plain),
    members(IDENTITY_TOLD, "$context.identity.", text_of))
end

--- Claims of Cognito's tokens that are passed on when nobody names others. API Gateway gives claims
--- by their names; that they can be listed is nowhere said.
mapping.CLAIMS = {
  "sub", "email", "cognito:username", "cognito:groups", "scope", "client_id", "token_use", "exp",
}

local function claims_prelude(claims)
  return ([[
#set($claims = {})
#foreach($name in ['%s'])
#set($claim = $context.authorizer.claims[$name])
#if($claim != '')
#set($ignore = $claims.put($name, $claim))
#end
#end
]]):format(table.concat(claims, "','"))
end

local function authorizer(claims)
  if not claims then
    return object_of "$context.authorizer"
  end
  local pair = text_of "$name" .. ":" .. text_of "$context.authorizer.get($name)"
  return "{#foreach($name in $context.authorizer.keySet())#if($name != 'claims')" .. pair
    .. ',#end#end"claims":' .. object_of "$claims" .. "}"
end

-- Names and values are all between one '&' and the next; a value may hold '=', and be empty.
local FORM = ([[
#set($form = {})
#set($text = $input.body)
#if($text == '{}')
#set($text = '')
#end
#foreach($pair in $text.split('&'))
#if($pair != '')
#set($name = $pair)
#set($value = '')
#set($at = $pair.indexOf('='))
#if($at >= 0)
#set($next = $at + 1)
#set($name = $pair.substring(0, $at))
#set($value = $pair.substring($next))
#end
#set($name = DECODED_NAME)
#set($value = DECODED_VALUE)
#set($ignore = $form.put($name, $value))
#end
#end
]]):gsub("DECODED_%u+", { DECODED_NAME = decoded "$name", DECODED_VALUE = decoded "$value" })

-- By content type: what comes before, and the body.
local BODIES = {
  ["application/json"] = { "", "$input.json('$')" },
  ["text/plain"] = { "", text_of "$input.body" },
  ["application/x-www-form-urlencoded"] = { FORM, object_of "$form" },
  ["multipart/form-data"] = { "", text_of "$input.body" },
}

--- The content types of requests that are mapped when nobody names others.
mapping.CONTENT_TYPES = {
  "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
}

local function is_json(content_type)
  return content_type == "application/json" or content_type:match "%+json$" ~= nil
end

--- Whether bodies of that type are taken apart.
---@param content_type string
---@return boolean
function mapping.is_structured(content_type)
  return is_json(content_type) or content_type == "application/x-www-form-urlencoded"
end

--- What a request of some type becomes. A type that is not one of the four is mapped as text, and
--- one that ends in "+json" as JSON.
---@param content_type string
---@param claims? string[]  of a Cognito token, which are to be passed on
---@return string
function mapping.request(content_type, claims)
  local body = BODIES[content_type]
    or BODIES[is_json(content_type) and "application/json" or "text/plain"]
  return body[1] .. (claims and claims_prelude(claims) or "")
    .. "#set($request = $input.params())\n"
    .. '{"method":"$context.httpMethod",\n"body":' .. body[2]
    .. ',\n"headers":' .. object_of "$request.header"
    .. ',\n"queryParams":' .. object_of "$request.querystring"
    .. ',\n"pathParams":' .. object_of("$request.path", decoded_path)
    .. ',\n"stageVariables":' .. object_of "$stageVariables"
    .. ',\n"context":' .. context()
    .. ',\n"authorizer":' .. authorizer(claims) .. "}\n"
end

--- What a result becomes. { code, headers, body } sets status, headers and body; the body is JSON,
--- unless the headers name another type: then it is a text. Without a code it has nothing else in
--- it. What proxy integrations take, { statusCode, headers, body = text }, is understood too, and
--- any other result is the body itself. A result that tells an error which no pattern caught, as an
--- empty message does, says no more than 500.
mapping.RESPONSE = [[
#set($result = $input.path('$'))
#set($status = '')
#set($type = '')
#set($shape = 'body')
#if($result.containsKey('statusCode') == true)
#set($shape = 'text')
#set($status = $result.statusCode)
#elseif($result.containsKey('code') == true)
#set($shape = 'json')
#set($status = $result.code)
#elseif($result.containsKey('errorType') == true || $result.containsKey('errorMessage') == true)
#set($shape = 'error')
#set($status = 500)
#elseif($result.containsKey('body') == true)
#if($result.size() == 1 || $result.size() == 2 && $result.containsKey('headers') == true)
#set($shape = 'json')
#end
#end
#if($status != '')
#set($context.responseOverride.status = $status)
#end
#if($shape == 'json' || $shape == 'text')
#foreach($name in $result.headers.keySet())
#set($value = $result.headers.get($name))
#set($context.responseOverride.header[$name] = $value)
#if($name.toLowerCase() == 'content-type')
#set($type = $value.toLowerCase())
#end
#end
#end
#if($shape == 'json' && $type != '' && $type.contains('json') == false)
#set($shape = 'text')
#end
#if($shape == 'error')
{"message":"Internal server error"}#elseif($result == '' && $input.path('$').length() != 0)
null#elseif($shape == 'body')
$input.json('$')#elseif($result.containsKey('body') == false)
#elseif($shape == 'text')
$result.body#elseif($result.body == '' && $result.body.length() != 0)
null#else
$input.json('$.body')#end]]

--- What is told of a function that failed: nothing of it.
mapping.ERROR = '{"message":"Internal server error"}'

--- What is told of one that an author's pattern caught, when no template of theirs says it.
mapping.MESSAGE = [[{"message":$input.json('$.errorMessage')}]]

--- The pattern of messages that none of the others has, whole.
---@param patterns string[]
---@return string
function mapping.error_pattern(patterns)
  if #patterns == 0 then
    return "(?s).+"
  end
  return "(?s)(?!(?:" .. table.concat(patterns, "|") .. [[)\z).+]]
end

return mapping
