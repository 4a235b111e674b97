# add_program(NAME SOURCES … ARCHIVES …): a program of C sources and of its directory's scripts
# (vm/embed.cmake). The sources are compiled as NAME-code; NAME itself is what links.
#
# Where the linker optimizes all C as a whole, it does so in a step of its own, which makes one object
# of the sources and of what they take of our own archives. It takes seconds, and shall not be
# repeated when a script has changed.
function(add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ARCHIVES")
  add_library(${name}-code OBJECT ${arg_SOURCES})
  set_target_properties(${name}-code PROPERTIES POSITION_INDEPENDENT_CODE OFF) # that is -fPIC
  target_compile_options(${name}-code PRIVATE -fPIE)
  set(code $<TARGET_OBJECTS:${name}-code>)
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(whole ${CMAKE_CURRENT_BINARY_DIR}/${name}-code.o)
    add_custom_command(
      OUTPUT ${whole}
      COMMAND ${CMAKE_C_COMPILER} -O3 -flto=auto -r -nostdlib -flinker-output=nolto-rel
              $<FILTER:$<TARGET_PROPERTY:${name}-code,COMPILE_OPTIONS>,INCLUDE,^-f> -o ${whole} ${code}
              ${arg_ARCHIVES}
      DEPENDS ${code} ${arg_ARCHIVES}
      COMMENT "Optimizing ${name} as a whole"
      COMMAND_EXPAND_LISTS VERBATIM)
    set(code ${whole})
  endif()
  add_executable(${name} ${PROJECT_SOURCE_DIR}/host/vm/embed.S ${code})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
endfunction()
