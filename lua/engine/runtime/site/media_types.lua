--- What a file of a website is, by the end of its name (IANA's media types). Data.
local TEXT <const> = "; charset=utf-8"

local TYPES = {
  aac = "audio/aac",
  apng = "image/apng",
  avif = "image/avif",
  bmp = "image/bmp",
  css = "text/css" .. TEXT,
  csv = "text/csv" .. TEXT,
  eot = "application/vnd.ms-fontobject",
  flac = "audio/flac",
  gif = "image/gif",
  glb = "model/gltf-binary",
  gz = "application/gzip",
  htm = "text/html" .. TEXT,
  html = "text/html" .. TEXT,
  ico = "image/vnd.microsoft.icon",
  ics = "text/calendar" .. TEXT,
  jpeg = "image/jpeg",
  jpg = "image/jpeg",
  js = "text/javascript" .. TEXT,
  json = "application/json",
  jsonld = "application/ld+json",
  jxl = "image/jxl",
  m4a = "audio/mp4",
  map = "application/json",
  md = "text/markdown" .. TEXT,
  mjs = "text/javascript" .. TEXT,
  mp3 = "audio/mpeg",
  mp4 = "video/mp4",
  oga = "audio/ogg",
  ogg = "audio/ogg",
  ogv = "video/ogg",
  opus = "audio/ogg",
  otf = "font/otf",
  pdf = "application/pdf",
  png = "image/png",
  rss = "application/rss+xml",
  svg = "image/svg+xml",
  tar = "application/x-tar",
  tif = "image/tiff",
  tiff = "image/tiff",
  ttf = "font/ttf",
  txt = "text/plain" .. TEXT,
  wasm = "application/wasm",
  wav = "audio/wav",
  weba = "audio/webm",
  webm = "video/webm",
  webmanifest = "application/manifest+json",
  webp = "image/webp",
  woff = "font/woff",
  woff2 = "font/woff2",
  xhtml = "application/xhtml+xml",
  xml = "application/xml",
  zip = "application/zip",
}

local media_types = {}

--- "application/octet-stream" for what is not known.
---@param name string  of a file
---@return string
function media_types.of(name)
  local ending = name:match "%.(%w+)$"
  return ending and TYPES[ending:lower()] or "application/octet-stream"
end

return media_types
