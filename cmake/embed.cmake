# Files become C arrays at build time, so that SQL, style and script stay files that editors open.
#
# tlscensus_embed(<target> HEADER <path under include/> PREFIX <tc_sql_> FILES <files…>)
#   gives `extern const char <prefix><file name without ending>[]`, NUL-ended, and
#   `extern const size_t <symbol>_len`. With TABLE <symbol> also a NULL-ended array of
#   {name, text} in the order of names, for files that are found by walking over them.
function(tlscensus_embed target)
  cmake_parse_arguments(EMBED "" "HEADER;PREFIX;TABLE" "FILES" ${ARGN})
  string(MAKE_C_IDENTIFIER ${EMBED_HEADER} stem)
  set(header ${PROJECT_BINARY_DIR}/include/${EMBED_HEADER})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${stem}.c)
  list(SORT EMBED_FILES)
  string(REPLACE ";" "|" files "${EMBED_FILES}")
  add_custom_command(
    OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} -DSOURCE=${source} -DINCLUDE=${EMBED_HEADER}
      -DPREFIX=${EMBED_PREFIX} -DTABLE=${EMBED_TABLE} "-DFILES=${files}"
      -P ${PROJECT_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${EMBED_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed_script.cmake
    COMMENT "Embedding ${EMBED_HEADER}" VERBATIM)
  target_sources(${target} PRIVATE ${source} ${header})
endfunction()
