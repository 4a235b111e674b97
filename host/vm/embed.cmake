# cmake -DROOT=<repo> -DOUT=<scripts.c> -DSCOPE=host|runtime -DPRIMITIVES=<names of the runtime's>
#       [-DCOMPILER=<laconic>] -P embed.cmake
# Every .lua of lua/ and stdlib/ as bytes and a sorted index. The runtime takes what a handler can
# reach: the vocabulary, the engine's leaf files, engine/runtime, and what calls AWS; not what
# provisions a stack with such calls. The host is told which these are: engine.compile.carried.
file(GLOB_RECURSE scripts RELATIVE ${ROOT} ${ROOT}/lua/*.lua ${ROOT}/stdlib/*.lua)
list(FILTER scripts EXCLUDE REGEX "/types\\.lua$")
set(provisioning bucket change_set change_set_request follow objects stack)
list(JOIN provisioning "|" provisioning)
set(carried ${scripts})
list(FILTER carried INCLUDE REGEX "^stdlib/|^lua/engine/(runtime|aws)/\
|^lua/engine/(aws|check|codes|failure|folder|order|same|spelling|strict)\\.lua$")
list(FILTER carried EXCLUDE REGEX "^lua/engine/aws/(${provisioning})\\.lua$")
if(SCOPE STREQUAL "runtime")
  set(scripts ${carried})
endif()

# lua/engine/aws/stack.lua -> engine.aws.stack
macro(module_name out script)
  string(REGEX REPLACE "^(lua|stdlib)/|\\.lua$" "" ${out} ${script})
  string(REGEX REPLACE "/init$" "" ${out} ${${out}})
  string(REPLACE "/" "." ${out} ${${out}})
endmacro()

# Source, or what a laconic makes of it: byte code (docs/adr/0012).
set(folder ${ROOT})
if(COMPILER)
  set(folder ${OUT}.compiled)
  execute_process(COMMAND ${COMPILER} run ${ROOT}/host/vm/compile.lua ${ROOT} ${folder} ${scripts}
                  COMMAND_ERROR_IS_FATAL ANY)
endif()

# What every start of the runtime takes lies together, apart from the rest.
set(at_start "^lua/engine/(check|failure|order|strict|runtime/\
(context|current|invocation|logger|loop|main|modules|report|service_file))\\.lua$\
|^stdlib/laconic/(handle|init|lambda|logical_id|service)\\.lua$")

set(rows "")
set(arrays "")
macro(embed name script path)
  string(MAKE_C_IDENTIFIER ${name} symbol)
  file(READ ${path} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  set(place "LAC_SELDOM ")
  if(script MATCHES "${at_start}")
    set(place "")
  endif()
  string(APPEND arrays "${place}static const unsigned char ${symbol}[] = {${bytes}0};\n")
  list(APPEND rows "    {\"${name}\", \"@${script}\", ${symbol}, sizeof ${symbol} - 1},\n")
endmacro()

foreach(script IN LISTS scripts)
  module_name(name ${script})
  embed(${name} ${script} ${folder}/${script})
endforeach()

if(SCOPE STREQUAL "host")
  file(STRINGS ${PRIMITIVES} names)
  set(dynamic ${names}) # "host.http dynamic": where the static flavour has it not
  list(FILTER dynamic INCLUDE REGEX " dynamic$")
  list(TRANSFORM dynamic REPLACE "(.+) dynamic$" "\"\\1\", ")
  list(JOIN dynamic "" dynamic)
  list(TRANSFORM names REPLACE " dynamic$" "")
  foreach(script IN LISTS carried)
    module_name(name ${script})
    list(APPEND names ${name})
  endforeach()
  list(SORT names COMPARE STRING)
  list(JOIN names "\", \"" names)
  file(WRITE ${OUT}.carried "return { \"${names}\", dynamic = { ${dynamic}} }\n")
  embed(engine.compile.carried lua/engine/compile/carried.lua ${OUT}.carried)
endif()

list(SORT rows COMPARE STRING)
list(LENGTH rows count)
list(JOIN rows "" rows)
file(WRITE ${OUT} "/* Made by host/vm/embed.cmake. */\n#include \"vm/embed.h\"\n\n${arrays}
const struct lac_script lac_scripts[] = {\n${rows}};
const size_t lac_script_count = ${count};\n")
