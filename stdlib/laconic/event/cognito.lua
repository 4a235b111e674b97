--- What a user pool of Cognito asks a function, at each of its triggers.
---
---     local cognito = require "laconic.event.cognito"
---
---     handler = function(event)
---       local trigger = cognito.read(event)
---       if trigger.name == "PreSignUp" then
---         local trusted = trigger.user_attributes.email:find "@example%.com$" ~= nil
---         return trigger:respond { auto_confirm_user = trusted }
---       end
---       return trigger:respond()
---     end
---
--- AWS: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
---@module "laconic.event.cognito"
local check = require "engine.check"
local shape = require "laconic.event.shape"

local cognito = {}

--- A trigger's question. `trigger:respond { … }` is what the handler returns.
---@class laconic.event.CognitoTrigger
---@field name string            "PreSignUp"
---@field trigger_source string  "PreSignUp_SignUp"
---@field version? string
---@field region string
---@field user_pool_id string
---@field user_name? string
---@field client_id? string
---@field user_attributes table<string, string>
---@field request table          as Cognito sent it
---@field raw table

local FIELDS = {
  { "trigger_source", "string", "triggerSource" },
  { "version", "string?", "version" },
  { "region", "string", "region" },
  { "user_pool_id", "string", "userPoolId" },
  { "user_name", "string?", "userName" },
  { "client_id", "string?", "callerContext", "clientId" },
  { "user_attributes", "table?", "request", "userAttributes" },
  { "request", "table", "request" },
}

-- By trigger: our word → Cognito's.
local RESPONSES = {
  PreSignUp = {
    auto_confirm_user = "autoConfirmUser",
    auto_verify_email = "autoVerifyEmail",
    auto_verify_phone = "autoVerifyPhone",
  },
  PostConfirmation = {},
  PreAuthentication = {},
  PostAuthentication = {},
  CustomMessage = {
    sms_message = "smsMessage",
    email_message = "emailMessage",
    email_subject = "emailSubject",
  },
  DefineAuthChallenge = {
    challenge_name = "challengeName",
    issue_tokens = "issueTokens",
    fail_authentication = "failAuthentication",
  },
  CreateAuthChallenge = {
    public_challenge_parameters = "publicChallengeParameters",
    private_challenge_parameters = "privateChallengeParameters",
    challenge_metadata = "challengeMetadata",
  },
  VerifyAuthChallengeResponse = { answer_correct = "answerCorrect" },
  UserMigration = {
    user_attributes = "userAttributes",
    final_user_status = "finalUserStatus",
    message_action = "messageAction",
    desired_delivery_mediums = "desiredDeliveryMediums",
    force_alias_creation = "forceAliasCreation",
    enable_sms_mfa = "enableSMSMFA",
  },
  TokenGeneration = {
    claims_override_details = "claimsOverrideDetails", -- version 1
    claims_and_scope_override_details = "claimsAndScopeOverrideDetails", -- versions 2 and 3
  },
  CustomEmailSender = {},
  CustomSMSSender = {},
}

local methods = {} -- trigger:…

--- The event with its answer in it, as Cognito wants it back. The words are those of the trigger's
--- response in snake_case; the values are passed on as they are.
---@param answer? table<string, any>  { auto_confirm_user = true }
---@return table
function methods:respond(answer)
  local words = RESPONSES[self.name]
  local response = {}
  if words then
    check.keys("cognito respond to " .. self.name, answer or {}, words)
  end
  for word, value in pairs(answer or {}) do
    response[words and words[word] or word] = value
  end
  local event = {}
  for name, value in pairs(self.raw) do
    event[name] = value
  end
  event.response = response
  return event
end

local Trigger = shape.class(methods)

--- Reads the question.
---@param event table
---@return laconic.event.CognitoTrigger
function cognito.read(event)
  local trigger = shape.read("cognito", "", event, FIELDS, Trigger)
  trigger.name = trigger.trigger_source:match "^[^_]*"
  trigger.user_attributes = trigger.user_attributes or {}
  return trigger
end

return cognito
