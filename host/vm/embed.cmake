# Lists the scripts that programs carry. Their bytes embed.S has the assembler read from where they
# lie: what is written here, while CMake configures, changes with the list alone, and a change of a
# script costs an assembly of some milliseconds, and the link.

file(GLOB_RECURSE scripts CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
     ${PROJECT_SOURCE_DIR}/lua/*.lua ${PROJECT_SOURCE_DIR}/stdlib/*.lua)
list(FILTER scripts EXCLUDE REGEX "/types\\.lua$")

# The runtime takes what a handler can reach: the vocabulary, the engine's leaf files,
# engine/runtime, and what calls AWS; not what provisions a stack with such calls.
set(provisioning bucket change_set change_set_request follow objects stack)
list(JOIN provisioning "|" provisioning)
set(carried_scripts ${scripts})
list(FILTER carried_scripts INCLUDE REGEX "^stdlib/|^lua/engine/(runtime|aws)/\
|^lua/engine/(aws|check|codes|failure|folder|order|same|spelling|strict)\\.lua$")
list(FILTER carried_scripts EXCLUDE REGEX "^lua/engine/aws/(${provisioning})\\.lua$")

# What every start of the runtime takes lies together, apart from the rest: runtime/layout.ld.
set(at_start "^lua/engine/(check|failure|order|strict|runtime/\
(context|current|invocation|logger|loop|main|modules|report|service_file))\\.lua$\
|^stdlib/laconic/(handle|init|lambda|logical_id|service)\\.lua$")

# module_name(OUT lua/engine/aws/stack.lua): engine.aws.stack
function(module_name out script)
  string(REGEX REPLACE "^(lua|stdlib)/|(/init)?\\.lua$" "" name ${script})
  string(REPLACE "/" "." name ${name})
  set(${out} ${name} PARENT_SCOPE)
endfunction()

# embed_scripts(SCRIPTS … FILES … DEPENDS …): has the embed.S of this directory's programs take these
# scripts from these files, as many, again whenever what they depend on is newer.
function(embed_scripts)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "SCRIPTS;FILES;DEPENDS")
  set(rows "")
  foreach(script file IN ZIP_LISTS arg_SCRIPTS arg_FILES)
    module_name(name ${script})
    set(section .rodata.seldom)
    if(script MATCHES "${at_start}")
      set(section .rodata)
    endif()
    list(APPEND rows "script \"${name}\", \"@${script}\", \"${file}\", ${section}\n")
  endforeach()
  list(SORT rows COMPARE STRING)
  list(JOIN rows "" rows)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/scripts.inc CONTENT "@rows@" @ONLY)
  set_source_files_properties(
    ${PROJECT_SOURCE_DIR}/host/vm/embed.S
    PROPERTIES INCLUDE_DIRECTORIES ${CMAKE_CURRENT_BINARY_DIR} OBJECT_DEPENDS "${arg_DEPENDS}")
endfunction()
