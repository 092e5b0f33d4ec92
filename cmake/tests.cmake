# tlscensus_test(name LABEL unit|scenario|golden LINKS rooms… [SOURCES more…] [TIMEOUT s] [THREADS])
#   builds test_<name>.c beside the calling CMakeLists with cmocka. THREADS marks it for the TSan run.
# tlscensus_fuzz(name LINKS rooms… [CORPUS folder])
#   builds fuzz_<name>.c; without libFuzzer a small main replays corpus/<name> (label fuzz).
# tlscensus_script(name LABEL … [TIMEOUT s] [PARTS n])
#   runs test_<name>.py with Python 3; exit code 77 is a skip, said aloud. PARTS: as so many tests, each with a part of
#   its cases (support/farm.py), for what takes minutes and mostly waits.
# What has the longest TIMEOUT starts first, so that no long test is left over at the end.
# A test may read the shared data beside the checkout: TLSCENSUS_SHARED is its path, and a test skips
# aloud where it is missing.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
find_program(TLSCENSUS_PYTHON NAMES /usr/bin/python3 python3 REQUIRED)
set(TLSCENSUS_TEST_ENVIRONMENT
  "TLSCENSUS_SOURCE=${PROJECT_SOURCE_DIR};TLSCENSUS_BUILD=${PROJECT_BINARY_DIR};TLSCENSUS_BIN=${PROJECT_BINARY_DIR}/cli/tlscensus;TLSCENSUS_SHARED=${PROJECT_SOURCE_DIR}/../shared")
if(TLSCENSUS_SANITIZE MATCHES "thread")
  list(APPEND TLSCENSUS_TEST_ENVIRONMENT
    "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp halt_on_error=1")
endif()

# The tests with THREADS and no others: all that ThreadSanitizer has to build.
add_custom_target(threads)

function(tlscensus_test name)
  cmake_parse_arguments(TEST "THREADS" "LABEL;TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} test_${name}.c ${TEST_SOURCES})
  target_link_libraries(test_${name} PRIVATE tlscensus_options ${TEST_LINKS} PkgConfig::CMOCKA)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests/support)
  set_target_properties(test_${name} PROPERTIES BUILD_RPATH "${BORINGSSL_LIBRARY_DIR}")
  add_test(NAME ${name} COMMAND test_${name})
  tlscensus_test_properties(${name} "${TEST_LABEL}" "${TEST_TIMEOUT}" "${TEST_THREADS}")
  if(TEST_THREADS)
    add_dependencies(threads test_${name})
  endif()
endfunction()

function(tlscensus_script name)
  cmake_parse_arguments(TEST "THREADS" "LABEL;TIMEOUT;PARTS" "" ${ARGN})
  if(NOT TEST_PARTS)
    set(TEST_PARTS 1)
  endif()
  foreach(part RANGE 1 ${TEST_PARTS})
    set(test ${name})
    if(TEST_PARTS GREATER 1)
      set(test ${name}_${part}_of_${TEST_PARTS})
    endif()
    add_test(NAME ${test} COMMAND ${TLSCENSUS_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py)
    tlscensus_test_properties(${test} "${TEST_LABEL}" "${TEST_TIMEOUT}" "${TEST_THREADS}")
    set_property(TEST ${test} PROPERTY SKIP_RETURN_CODE 77)
    set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT "TLSCENSUS_PART=${part}/${TEST_PARTS}")
  endforeach()
endfunction()

function(tlscensus_test_properties name label timeout threads)
  if(NOT timeout)
    set(timeout 60)
  endif()
  # TIMEOUT ends what hangs. A sanitizer's build does the same work in three times the time.
  if(TLSCENSUS_SANITIZE)
    math(EXPR timeout "3 * ${timeout}")
  endif()
  if(threads)
    list(APPEND label threads)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${label}" TIMEOUT ${timeout} COST ${timeout}
    ENVIRONMENT "${TLSCENSUS_TEST_ENVIRONMENT}")
endfunction()

function(tlscensus_fuzz name)
  cmake_parse_arguments(FUZZ "" "CORPUS" "LINKS" ${ARGN})
  if(NOT FUZZ_CORPUS)
    set(FUZZ_CORPUS ${name})
  endif()
  add_executable(fuzz_${name} fuzz_${name}.c)
  target_link_libraries(fuzz_${name} PRIVATE tlscensus_options ${FUZZ_LINKS})
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(fuzz_${name} PROPERTIES BUILD_RPATH "${BORINGSSL_LIBRARY_DIR}")
  if(TLSCENSUS_FUZZ)
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c)
    add_test(NAME fuzz_${name}
      COMMAND fuzz_${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${FUZZ_CORPUS})
    tlscensus_test_properties(fuzz_${name} fuzz 60 "")
  endif()
endfunction()
