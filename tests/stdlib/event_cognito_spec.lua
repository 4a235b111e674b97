local arrived = dofile "tests/stdlib/arrived.lua"
local cognito = require "laconic.event.cognito"

describe("laconic.event.cognito", function()
  it("reads a trigger's question", function()
    local event = arrived "cognito"
    local trigger = cognito.read(event)
    assert.equal("PreSignUp", trigger.name)
    assert.equal("PreSignUp_SignUp", trigger.trigger_source)
    assert.equal("us-east-1_aBcDeFgHi", trigger.user_pool_id)
    assert.equal("4rv6h9l2q8example", trigger.client_id)
    assert.same({ email = "ada@example.com", name = "Ada" }, trigger.user_attributes)
    assert.same({ campaign = "spring" }, trigger.request.clientMetadata)
    assert.equal(event, trigger.raw)
  end)

  it("answers in the event, which stays as it was", function()
    local event = arrived "cognito"
    local answer = cognito.read(event):respond { auto_confirm_user = true }
    assert.same({ autoConfirmUser = true }, answer.response)
    assert.equal(event.request, answer.request)
    assert.equal("PreSignUp_SignUp", answer.triggerSource)
    assert.is_false(event.response.autoConfirmUser)
    assert.same({}, cognito.read(event):respond().response)
  end)

  it("knows the words of each trigger, and passes those of one it does not know", function()
    local event = arrived "cognito"
    local cases = {
      DefineAuthChallenge_Authentication = { "issue_tokens", "issueTokens" },
      UserMigration_Authentication = { "enable_sms_mfa", "enableSMSMFA" },
      TokenGeneration_HostedAuth = { "claims_override_details", "claimsOverrideDetails" },
      VerifyAuthChallengeResponse_Authentication = { "answer_correct", "answerCorrect" },
      Tomorrow_SignUp = { "anyThing", "anyThing" },
    }
    for trigger_source, words in pairs(cases) do
      event.triggerSource = trigger_source
      local answer = cognito.read(event):respond { [words[1]] = true }
      assert.same({ [words[2]] = true }, answer.response)
    end
  end)

  it("blames the author's line for a word that the trigger has not", function()
    assert.error_matches("event_cognito_spec%.lua:%d+: cognito respond to PreSignUp: unknown field"
      .. " 'auto_confirm_usr' %(did you mean 'auto_confirm_user'%?%)", function()
      cognito.read(arrived "cognito"):respond { auto_confirm_usr = true }
    end)
  end)

  it("refuses what is none", function()
    assert.error_matches("^cognito event: triggerSource: string expected, got nothing", function()
      cognito.read(arrived "sqs")
    end)
    local event = arrived "cognito"
    event.request = 5
    assert.error_matches("^cognito event: request: table expected, got integer", function()
      cognito.read(event)
    end)
  end)
end)
