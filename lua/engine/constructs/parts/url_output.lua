--- The output of a stack with the URL of what was said: "GreeterUrl", unless its author calls it otherwise.
local url_output = {}

--- The outputs that this makes: one, or none when its author wants none.
---@param words engine.ConstructWords
---@param what string  "the HTTP API 'greeter'"
---@param url any
---@return { name: string, value: any, description: string }[]
function url_output.list(words, what, url)
  if words.output == false then
    return {}
  end
  return {
    {
      name = words.output or words.stem .. "Url",
      value = url,
      description = "The URL of " .. what,
    },
  }
end

return url_output
