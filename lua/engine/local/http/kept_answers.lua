--- What authorizers said, kept for a while by what identified the callers.
---
---     local kept = kept_answers.new(300)
---     local answer = kept:get(identities) or ask(…)
---     kept:keep(identities, answer)
---
--- Whoever asks may make up identities: what is kept is bounded, and all of it forgotten at the bound.
local clock = require "host.clock"

local kept_answers = {}
kept_answers.__index = kept_answers

local MOST <const> = 10000

---@class engine.local.http.KeptAnswers
---@field seconds number  0: nothing is kept
---@field answers table<string, { answer: any, ends: number }>
---@field count integer

---@param seconds number
---@return engine.local.http.KeptAnswers
function kept_answers.new(seconds)
  return setmetatable({ seconds = seconds, answers = {}, count = 0 }, kept_answers)
end

local function key_of(identities)
  return table.concat(identities, "\0")
end

--- The answer for a caller; nil when there is none, or none any more.
---@param identities string[]
---@return any
function kept_answers:get(identities)
  local known = self.answers[key_of(identities)]
  return known and clock.monotonic() < known.ends and known.answer or nil
end

--- Keeps an answer. One for nobody in particular would be for everybody, and is not kept.
---@param identities string[]
---@param answer any
function kept_answers:keep(identities, answer)
  if self.seconds <= 0 or #identities == 0 then
    return
  end
  if self.count >= MOST then
    self.answers, self.count = {}, 0
  end
  local key = key_of(identities)
  self.count = self.count + (self.answers[key] and 0 or 1)
  self.answers[key] = { answer = answer, ends = clock.monotonic() + self.seconds }
end

return kept_answers
