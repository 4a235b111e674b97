--- What lets a service of AWS call a function, on behalf of one thing of its own and of no other.
local permission = {}

--- The resource.
---@param function_name any    the function's name or ARN
---@param principal string     "apigateway.amazonaws.com"
---@param source_arn any       on whose behalf
---@return table
function permission.new(function_name, principal, source_arn)
  return {
    Type = "AWS::Lambda::Permission",
    Properties = {
      Action = "lambda:InvokeFunction",
      FunctionName = function_name,
      Principal = principal,
      SourceArn = source_arn,
    },
  }
end

return permission
