# The tool chain for another architecture: Debian's cross compiler, with its libc, and the sysroot that
# host/third_party/sysroot.sh unpacks.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${LACONIC_MACHINE})
set(CMAKE_C_COMPILER ${LACONIC_MACHINE}-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE ${LACONIC_MACHINE}-linux-gnu)
set(CMAKE_FIND_ROOT_PATH ${LACONIC_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
include_directories(SYSTEM ${LACONIC_SYSROOT}/usr/include
                           ${LACONIC_SYSROOT}/usr/include/${LACONIC_MACHINE}-linux-gnu)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LACONIC_MACHINE LACONIC_SYSROOT)
