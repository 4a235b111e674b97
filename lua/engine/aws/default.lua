--- The session of calls that name none (laconic.aws in hooks, commands and scripts): the one that the
--- command at hand has opened, or opens when the first such call is made; where there is no command,
--- in a function, what the environment says.
local default = {}

local known, opener

--- Says who calls from now on; nil: nobody yet.
---@param session? engine.Session
function default.set(session)
  known = session
end

--- Says how to find out who calls, when somebody asks; nil takes it back.
---@param open? fun(): engine.Session
function default.offer(open)
  opener, known = open, nil
end

---@return engine.Session
function default.session()
  if not known then
    known = opener and opener() or require("engine.aws.session").new()
  end
  return known
end

return default
