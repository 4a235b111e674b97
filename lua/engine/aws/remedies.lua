--- What to do where the reason that AWS gives for a failure does not tell.
local remedies = {}

local FIRST_NEW <const> = "CloudFormation makes the new one before it takes the old one away:"
  .. " provision once without the old path, then with the new one"

-- A pattern of the reason, and the remedy; the first that fits.
local KNOWN <const> = {
  { "already has a variable path part", FIRST_NEW },
  { "Another resource with the same parent already has this name", FIRST_NEW },
  { "domain name you provided already exists",
    "a domain's id begins with its API's name: keep the `name`, or provision once without `domain`;"
      .. " or is it another stack that has it?" },
  { "CloudWatch Logs role ARN must be set",
    "say account_role = true of a REST API's stage, for one API of the account and region" },
  { "Priority '%d+' is currently in use",
    "another rule of the listener has that priority: choose one that is free" },
}

--- The remedy for a reason; nil when AWS's words have to do.
---@param reason? string
---@return string?
function remedies.find(reason)
  for _, known in ipairs(reason and KNOWN or {}) do
    if reason:find(known[1]) then
      return known[2]
    end
  end
end

return remedies
