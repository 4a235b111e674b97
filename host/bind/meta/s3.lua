---@meta host.s3

--- S3 objects. Every call takes where and as whom:
---@class host.s3.Target
---@field credentials { access_key_id: string, secret_access_key: string, session_token?: string }
---@field region string
---@field endpoint? string     "http://127.0.0.1:4566": path style is used; default AWS's, virtual-hosted when the name allows
---@field bucket string
---@field key? string
---@field attempts? integer
---@field ca_bundle? string
---@field proxy? string
---@field timeout? number        for each request; default a day. connect_timeout?, idle_timeout?: see host.http

---@class host.s3.Put: host.s3.Target
---@field body? string             or
---@field path? string             a file; past part_size it goes up in parts, side by side
---@field part_size? integer       bytes; default 8 MiB, least 5 MiB
---@field parallel? integer        parts at once; default 4
---@field content_type? string
---@field metadata? table<string, string>
---@field headers? table            { ["If-None-Match"] = "*" }: only when there is none (else status 412)
---@field progress? fun(sent: integer, total: integer)

local s3 = {}

--- Puts an object; a file larger than part_size by multipart. An upload that fails or is interrupted is
--- aborted, so that no part stays behind; older unfinished uploads of the same key are aborted first.
--- A refusal is an error of kind "service" with status and code. ETags are without their quotes.
---@param request host.s3.Put
---@return { etag: string, version_id?: string, parts?: integer } result
---@return table? err
function s3.put(request) end

---@param request host.s3.Target  with version_id?, range? ("bytes=0-99"), to_file?, max_body?
---@return { body: string, headers: table<string, string>, version_id?: string } object
---@return table? err
function s3.get(request) end

--- nil, err with status 404 when there is none.
---@param request host.s3.Target  with version_id?
---@return { size: integer, etag: string, version_id?: string, headers: table<string, string> } facts
---@return table? err
function s3.head(request) end

--- Deletes an object, or one version of it. An absent object is a success.
---@param request host.s3.Target  with version_id?
---@return true? done
---@return table? err
function s3.delete(request) end

--- Every object under a prefix, page after page, in key order.
---@param request host.s3.Target  with prefix?, limit?
---@return { key: string, size: integer, etag: string, last_modified: string }[] objects
---@return table? err
function s3.list(request) end

--- The multipart uploads that were begun and not ended.
---@param request host.s3.Target  with prefix?
---@return { key: string, upload_id: string }[] uploads
---@return table? err
function s3.unfinished(request) end

return s3
