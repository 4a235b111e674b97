--- Somebody signs up.
local json = require "host.json"

local cognito = {
  summary = "A trigger of a Cognito user pool: before a sign-up",
  options = { name = "ada@example.com" },
}

function cognito.make(options)
  return {
    version = "1",
    triggerSource = "PreSignUp_SignUp",
    region = "us-east-1",
    userPoolId = "us-east-1_aBcDeFgHi",
    userName = "6f1b2c3d-ada0-4b1e-9d2f-0c7e5a4b3d21",
    callerContext = { awsSdkVersion = "aws-sdk-unknown-unknown", clientId = "4rv6h9l2q8example" },
    request = {
      userAttributes = { email = options.name, name = "Ada" },
      validationData = json.null,
      clientMetadata = { campaign = "spring" },
    },
    response = { autoConfirmUser = false, autoVerifyEmail = false, autoVerifyPhone = false },
  }
end

return cognito
