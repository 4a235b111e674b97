--- Every code an error can carry: a title for `laconic explain`; for AWS's, what to do next.
--- A code never changes its meaning; a code that is no longer used keeps its line.
local codes = {}

--- Exit status by kind; what is not listed exits with 1.
codes.status = {
  usage = 2,
  differences = 3,
  invalid = 4,
  credentials = 5,
  denied = 6,
  rolled_back = 7,
  not_rolled_back = 8,
  running = 9,
  interrupt = 130,
}

--- Ours. E1: what an author said. E2: files and modules. E3: the template. E4: account and network.
--- E5: the stack. E6: running functions. E7: the command line.
codes.titles = {
  E101 = "An unknown field",
  E102 = "A field is missing",
  E103 = "A value has the wrong type",
  E104 = "A value is not one that is accepted",
  E105 = "A name is not well formed",
  E106 = "A name is used twice",
  E107 = "An unknown field of a handle",
  E108 = "An undeclared global",
  E109 = "The environment of a function is too large",
  E110 = "An environment variable that Lambda keeps for itself",
  E111 = "A hook or decorator failed",
  E112 = "A resource is defined nowhere",
  E113 = "A secret is asked for while the service is built",
  E201 = "The service file cannot be read",
  E202 = "The service file is not valid Lua",
  E203 = "The service file raised an error",
  E204 = "The service file does not return a service",
  E205 = "A required module cannot be found",
  E206 = "An included file cannot be read",
  E207 = "A file that travels uses an undeclared global",
  E208 = "No runtime for this architecture",
  E209 = "Two files would have one name in the archive",
  E210 = "The archive is larger than Lambda accepts",
  E211 = "A handler requires a module that the runtime does not carry",
  E212 = "A C module is built for another machine",
  E213 = "A C module is built for another Lua",
  E214 = "A C module is built for another C library",
  E215 = "A C module needs a library that is not there",
  E216 = "A file is no C module",
  E217 = "A file has the name of a module of Laconic's own",
  E218 = "Byte code cannot be made on this machine",
  E219 = "An API description cannot be read",
  E220 = "An API description is not valid",
  E221 = "An operation cannot be dispatched",
  E222 = "An interface cannot be joined in",
  E223 = "An operation has no module that answers it",
  E224 = "An API description is too large",
  E301 = "A reference leads nowhere",
  E302 = "A CloudFormation limit is exceeded",
  E303 = "Resources depend on each other in a circle",
  E304 = "The template is not well formed",
  E305 = "Two parts of the service add the same thing to the template",
  E306 = "A value cannot be written as JSON",
  E401 = "No credentials were found",
  E403 = "A call is not allowed",
  E404 = "The bucket does not exist",
  E405 = "The bucket is in another region",
  E406 = "An IAM role does not exist",
  E407 = "No region is set",
  E408 = "AWS cannot be reached",
  E501 = "The stack failed and was rolled back",
  E502 = "The stack failed and was not rolled back",
  E503 = "The deadline passed while the stack was still changing",
  E504 = "The stack does not exist",
  E505 = "Another run is at work in the same output folder",
  E506 = "More than functions' code would change",
  E703 = "A flag or argument is missing or wrong",
}

local renew = "renew them, or choose others with --profile"
local allow = "ask whoever runs the account to allow the action that is named above"

--- AWS's, as far as we know better than to repeat them.
codes.aws = {
  AccessDenied = { kind = "denied", hint = allow },
  AccessDeniedException = { kind = "denied", hint = allow },
  AuthorizationError = { kind = "denied", hint = allow },
  UnauthorizedOperation = { kind = "denied", hint = allow },
  AuthFailure = { kind = "credentials", hint = renew },
  ExpiredToken = { kind = "credentials", hint = renew },
  ExpiredTokenException = { kind = "credentials", hint = renew },
  IncompleteSignature = { kind = "credentials", hint = renew },
  InvalidAccessKeyId = { kind = "credentials", hint = renew },
  InvalidClientTokenId = { kind = "credentials", hint = renew },
  MissingAuthenticationToken = { kind = "credentials", hint = renew },
  SignatureDoesNotMatch = { kind = "credentials", hint = "check the secret key" },
  UnrecognizedClientException = { kind = "credentials", hint = renew },
  RequestTimeTooSkewed = { kind = "credentials", hint = "set this machine's clock" },
  NoSuchBucket = { hint = "create the bucket first, or name another with --bucket" },
  LimitExceeded = { kind = "denied", hint = "ask AWS for a higher quota" },
  LimitExceededException = { kind = "denied", hint = "ask AWS for a higher quota" },
  Throttling = { kind = "denied", hint = "try again in a minute" },
  ThrottlingException = { kind = "denied", hint = "try again in a minute" },
  TooManyRequestsException = { kind = "denied", hint = "try again in a minute" },
}

--- What is known about an error object: its title, a hint, the exit status it leads to.
---@param object engine.Failure
---@return { title?: string, hint?: string, status: integer }
function codes.find(object)
  local known = codes.aws[object.code] or {}
  return {
    title = codes.titles[object.code],
    hint = known.hint,
    status = codes.status[object.kind] or codes.status[known.kind] or 1,
  }
end

return codes
