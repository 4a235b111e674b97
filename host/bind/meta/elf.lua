---@meta host.elf

---@class host.elf.Facts
---@field bits 64|32
---@field byte_order "little"|"big"
---@field machine string          "x86_64", "aarch64", "i386", …, or "machine 47"
---@field type "shared"|"executable"|"object"|"other"  "shared" also for a position-independent program
---@field interpreter? string     the loader that a program asks for: "/lib64/ld-linux-x86-64.so.2"
---@field soname? string
---@field rpath? string           folders with ":" between; $ORIGIN stands for the file's own
---@field runpath? string
---@field needed string[]         the shared objects it wants: "libc.so.6"
---@field required { library: string, version: string }[]  versions these must have: "GLIBC_2.34"
---@field provided string[]       versions it has itself
---@field undefined { name: string, version?: string, library?: string, weak: boolean }[]
---@field defined string[]        the symbols that it offers, in the file's order

--- Compiled files of Linux (ELF: programs and shared objects), read without trusting them. Of files
--- that are not 64-bit and little-endian the header alone is read: their lists are empty. Names hold
--- no control characters.
local elf = {}

---@param bytes string
---@return host.elf.Facts facts  nil with an error of kind "input" (code "ENOEXEC" for what is no such
---                              file) or "limit"
---@return table? err
function elf.decode(bytes) end

return elf
