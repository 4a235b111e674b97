local granted = require "engine.local.services.lambda.granted"

local ARN <const> = "arn:aws:execute-api:us-east-1:123456789012:a1b2/prod/GET/hello"

local function allows(statement, wish)
  statement.Effect, statement.Action = "Allow", statement.Action or "lambda:InvokeFunction"
  return granted.allows({ policies = { ["$LATEST"] = { statement } } }, nil, wish or {
    action = "lambda:InvokeFunction", service = "apigateway.amazonaws.com", arn = ARN,
  })
end

local GATEWAY <const> = { Service = "apigateway.amazonaws.com" }

describe("a function's policy", function()
  it("lets in whom it names", function()
    assert.is_true(allows { Principal = GATEWAY })
    assert.is_true(allows { Principal = "*" })
    assert.is_true(allows { Principal = { AWS = "*" } })
    assert.is_true(allows { Principal = GATEWAY, Action = "lambda:*" })
    assert.is_false(allows { Principal = { Service = "s3.amazonaws.com" } })
    assert.is_false(allows { Principal = { AWS = "arn:aws:iam::123456789012:root" } })
    assert.is_false(allows { Principal = GATEWAY, Action = "lambda:InvokeFunctionUrl" })
  end)

  it("looks at its conditions", function()
    local function like(pattern)
      return allows {
        Principal = GATEWAY, Condition = { ArnLike = { ["AWS:SourceArn"] = pattern } },
      }
    end
    assert.is_true(like(ARN))
    assert.is_true(like "arn:aws:execute-api:us-east-1:123456789012:a1b2/*/GET/hello")
    assert.is_true(like "arn:aws:execute-api:*:*:a1b?/*")
    assert.is_false(like "arn:aws:execute-api:us-east-1:123456789012:other/*")
    assert.is_false(allows {
      Principal = GATEWAY, Condition = { StringEquals = { ["AWS:SourceAccount"] = "1" } },
    })
    assert.is_false(allows {
      Principal = "*", Condition = { StringEquals = { ["aws:PrincipalOrgID"] = "o-1" } },
    })
  end)

  it("tells a URL from its invocation", function()
    local url = { action = "lambda:InvokeFunctionUrl", url_auth_type = "NONE" }
    local function of(kind)
      return {
        Principal = "*", Action = "lambda:InvokeFunctionUrl",
        Condition = { StringEquals = { ["lambda:FunctionUrlAuthType"] = kind } },
      }
    end
    assert.is_true(allows(of "NONE", url))
    assert.is_false(allows(of "AWS_IAM", url))
    local through = { action = "lambda:InvokeFunction", via_url = "true" }
    local only = { Bool = { ["lambda:InvokedViaFunctionUrl"] = "true" } }
    assert.is_true(allows({ Principal = "*", Condition = only }, through))
    assert.is_false(allows({ Principal = "*", Condition = only }))
  end)

  it("is of one qualifier, and remembered until it is another", function()
    local wish = { action = "lambda:InvokeFunction", service = "apigateway.amazonaws.com" }
    local found = { policies = { live = { { Action = wish.action, Principal = "*" } } } }
    assert.is_true(granted.allows(found, "live", wish))
    assert.is_false(granted.allows(found, nil, wish))
    found.policies.live = {}
    assert.is_false(granted.allows(found, "live", wish))
  end)
end)
