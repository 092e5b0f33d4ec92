/* The program's version, from CMake. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#ifndef TLSCENSUS_VERSION
#error "TLSCENSUS_VERSION comes from cli/CMakeLists.txt"
#endif
#define CLI_VERSION "tlscensus " TLSCENSUS_VERSION

#endif
