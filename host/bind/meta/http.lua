---@meta host.http

--- HTTP out, over libcurl: HTTP/1.1, http and https alone. Redirects are not followed unless asked;
--- proxies come from the environment (http_proxy, https_proxy, no_proxy) or `proxy`, and the machine
--- itself is reached without one; certificates are always verified. Connections are kept and reused.
---@class host.http.Request
---@field method? string            default "GET", or "POST" with a body
---@field url string
---@field headers? table            list of { name, value } or a map (sent in byte order); at most 256
---@field body? string
---@field body_file? { path: string, offset?: integer, length?: integer }  sent with its Content-Length
---@field to_file? string           the body goes to this file (write-then-rename), only on a 2xx
---@field connect_timeout? number   seconds; default 10
---@field timeout? number           seconds for the whole exchange; default 300
---@field idle_timeout? number      seconds without a byte; default 60
---@field max_body? integer         bytes; default 64 MiB (no bound with to_file)
---@field proxy? string
---@field ca_bundle? string         a PEM file; default: AWS_CA_BUNDLE, SSL_CERT_FILE, CURL_CA_BUNDLE, then the system's
---@field follow? integer           redirects to follow, for GET and HEAD alone; default 0, at most 50
---@field progress? fun(sent: integer, send_total: integer, received: integer, receive_total: integer)
---  a total is 0 while it is not known; what it raises ends the transfer and is raised again
---@field sink? fun(bytes: string)  takes the body of a 2xx as it comes; the answer waits while it works,
---  and `max_body` bounds the whole when it is given; what it raises ends the transfer and is raised again

---@class host.http.Response
---@field status integer
---@field headers table<string, string>  names in lower case; equal names joined with ", "
---@field body string                    "" with to_file, and for a 2xx with sink
---@field seconds number

local http = {}

--- One request, one response, whatever its status.
---@param request host.http.Request
---@return host.http.Response response  or nil and an error: kind "network" (code "timeout", "connect", "resolve", "tls", "closed", "redirect", "protocol"), "limit", "interrupt", "input", "system"
---@return table? err
function http.request(request) end

--- Several at once over shared connections. One failure does not stop the others; an interrupt, or
--- a progress function that raises, stops all.
---@param requests host.http.Request[]
---@param options? { parallel?: integer } default 8, 1 to 64; at most 10,000 requests
---@return table[] results  for each request { response = … } or { err = … }, in order
function http.request_all(requests, options) end

return http
