# tlscensus_options carries what every target of ours is compiled with; nothing is set globally.
add_library(tlscensus_options INTERFACE)
target_include_directories(tlscensus_options INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
target_compile_definitions(tlscensus_options INTERFACE _POSIX_C_SOURCE=200809L)
target_compile_options(tlscensus_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wcast-qual -Wswitch-enum -Wformat=2 -Wvla -Wundef -Wwrite-strings -Werror)

if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" AND NOT TLSCENSUS_SANITIZE)
  target_compile_options(tlscensus_options INTERFACE -fstack-protector-strong -fPIE)
  target_compile_definitions(tlscensus_options INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(tlscensus_options INTERFACE LINKER:-z,relro,-z,now)
endif()

if(TLSCENSUS_SANITIZE)
  target_compile_options(tlscensus_options INTERFACE
    -fsanitize=${TLSCENSUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tlscensus_options INTERFACE -fsanitize=${TLSCENSUS_SANITIZE})
endif()
