# The runtime of the other architecture, where the cross compiler and that architecture's libraries are
# (./dev build has both): a build of its own, which makes the runtime alone.

set(other_x86_64 arm64)
set(other_arm64 x86_64)
set(other ${other_${architecture}})
set(machine_arm64 aarch64)
set(machine_x86_64 x86_64)
set(machine ${machine_${other}})

find_program(CROSS_COMPILER ${machine}-linux-gnu-gcc)
file(GLOB other_curl CONFIGURE_DEPENDS ${LACONIC_THIRD_PARTY}/${other}/lib/libcurl.a)
if(NOT CROSS_COMPILER OR NOT other_curl OR static_https STREQUAL "none") # both have HTTPS, or none
  message(STATUS "No runtime for ${other}: ${machine}-linux-gnu-gcc or its libraries are not there")
  return()
endif()

include(ExternalProject)
ExternalProject_Add(
  bootstrap-${other}
  SOURCE_DIR ${PROJECT_SOURCE_DIR}
  BINARY_DIR ${CMAKE_CURRENT_BINARY_DIR}/${other}
  PREFIX ${CMAKE_CURRENT_BINARY_DIR}/${other}-steps
  CMAKE_ARGS -DCMAKE_BUILD_TYPE=Release
             -DCMAKE_TOOLCHAIN_FILE=${CMAKE_CURRENT_SOURCE_DIR}/cross.cmake
             -DLACONIC_MACHINE=${machine}
             -DLACONIC_SYSROOT=${LACONIC_THIRD_PARTY}/sysroot-${other}
             -DLACONIC_BYTE_CODE=${byte_code}
             -DLACONIC_PROGRAMS=${programs}
             -DLACONIC_THIRD_PARTY=${LACONIC_THIRD_PARTY}
             -DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER}
  BUILD_BYPRODUCTS ${programs}/bootstrap-${other} ${programs}/bootstrap-dynamic-${other}
                   ${programs}/bootstrap-launcher-${other}
  INSTALL_COMMAND ""
  BUILD_ALWAYS ON
  DEPENDS byte_code)
pack_runtime(bootstrap-${other})
pack_runtime(bootstrap-dynamic-${other})
pack_runtime(bootstrap-launcher-${other})
