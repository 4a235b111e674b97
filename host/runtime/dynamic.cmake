# The flavour for services with C modules: of shared objects it needs libc alone, which travels with
# it, and it offers Lua's API to the modules (docs/adr/0013). Where the static flavour has no HTTPS,
# this one opens the system's libcurl, late (docs/adr/0014).

set(api ${CMAKE_CURRENT_SOURCE_DIR}/lua_api.list)
add_runtime(bootstrap-dynamic ${dynamic_https})
set_target_properties(bootstrap-dynamic PROPERTIES OUTPUT_NAME bootstrap-dynamic-${architecture}
                                                   LINK_DEPENDS ${api})
target_compile_options(bootstrap-dynamic-code PRIVATE -fno-sanitize=all -ffunction-sections
                                                      -fdata-sections)
target_link_options(
  bootstrap-dynamic PRIVATE -fno-sanitize=all -pie -s -static-libgcc -Wl,--gc-sections
  -Wl,-z,relro,-z,now -Wl,--dynamic-list=${api}
  -Wl,--whole-archive,${LUA_ARCHIVE},--no-whole-archive)

# Starts it by the loader that travels: a program of its own, without libc.
add_executable(bootstrap-launcher launcher.c)
set_target_properties(
  bootstrap-launcher
  PROPERTIES OUTPUT_NAME bootstrap-launcher-${architecture} INTERPROCEDURAL_OPTIMIZATION OFF
             POSITION_INDEPENDENT_CODE OFF RUNTIME_OUTPUT_DIRECTORY ${programs})
target_compile_options(
  bootstrap-launcher PRIVATE -Os -ffreestanding -fno-sanitize=all -fno-stack-protector
                             -fno-asynchronous-unwind-tables
                             $<$<C_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns>)
target_link_options(bootstrap-launcher PRIVATE -fno-sanitize=all -static -no-pie -nostdlib -s
                                               -Wl,--build-id=none,-z,noseparate-code)
