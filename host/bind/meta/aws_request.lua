---@meta host.aws_request

--- One signed request to AWS: sign, send, and try again what may succeed later.
---@class host.aws_request.Request
---@field credentials { access_key_id: string, secret_access_key: string, session_token?: string }  other fields are let pass
---@field region string
---@field service string             the signing name
---@field method? string             default "POST"
---@field url string                 scheme, host, path (wire form) and query
---@field headers? table
---@field body? string
---@field body_file? { path: string, offset?: integer, length?: integer }
---@field payload? "signed"|"unsigned"  default signed (body files are hashed first)
---@field to_file? string
---@field attempts? integer          default 3 (AWS_MAX_ATTEMPTS), 1 to 20
---@field connect_timeout? number
---@field timeout? number
---@field total_timeout? number      seconds for all attempts and the waits between; default: no bound
---@field idle_timeout? number
---@field ca_bundle? string
---@field proxy? string
---@field max_body? integer
---@field progress? function
---@field sink? fun(bytes: string)   as in host.http; nothing is tried again once it has had a byte

local aws_request = {}

--- A 2xx or 3xx answer (redirects are not followed) is the response (host.http.Response, with `attempts`). Anything else is an error
--- of kind "service" with status, code (from XML, JSON or the headers), message, request_id, and the
--- `body` it was read from (not for errors about the signature, whose body repeats the request's
--- headers); transport failures are "network". Retried: transport failures, 500 502 503 504, 429,
--- throttling codes, and once more when the clock differs from the answer's Date, which is
--- remembered for the requests that follow. Each attempt is signed anew.
--- Back-off is exponential with full jitter, honours Retry-After and x-amz-retry-after, capped at 20 s.
---@param request host.aws_request.Request
---@return host.http.Response response
---@return table? err
function aws_request.send(request) end

--- Several at once; see host.http.request_all. Each has its own attempts.
---@return table[] results  { response = … } or { err = … }
function aws_request.send_all(requests, options) end

return aws_request
