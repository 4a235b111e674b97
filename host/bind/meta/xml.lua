---@meta host.xml

--- XML answers, over expat, bounded; entity declarations are refused.
---@class host.xml.Element
---@field name string                     without its namespace's prefix
---@field attributes? table<string, string>
---@field text string                     all character data of this element, children's excluded
---@field [integer] host.xml.Element      the children, in order

local xml = {}

--- An element and an attribute are a node each.
---@param text string
---@param limits? { max_bytes?: integer, max_depth?: integer, max_nodes?: integer }  default 16 MiB, 64, 200,000
---@return host.xml.Element root  nil with an error of kind "input" (line, column) or "limit"
---@return table? err
function xml.decode(text, limits) end

--- & < > " ' and control characters, made safe for text and attributes. What XML cannot say at all
--- (most control characters, bytes that are not UTF-8) becomes U+FFFD.
---@param text string
---@return string
function xml.escape(text) end

return xml
