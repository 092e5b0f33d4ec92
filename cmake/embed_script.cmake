# Run by tlscensus_embed: writes ${HEADER} and ${SOURCE} from ${FILES} (separated by |).
string(REPLACE "|" ";" files "${FILES}")
string(MAKE_C_IDENTIFIER "${INCLUDE}" guard)
string(TOUPPER "${guard}" guard)
set(declarations "")
set(definitions "")
set(rows "")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WE)
  string(MAKE_C_IDENTIFIER "${PREFIX}${name}" symbol)
  file(READ "${file}" hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR bytes "${length} / 2")
  # As character constants: a byte above 127 then has the value of a signed char, without a warning.
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," hex "${hex}")
  string(REPEAT "." 84 line) # twelve of them
  string(REGEX REPLACE "(${line})" "\\1\n    " hex "${hex}")
  string(APPEND declarations "extern const char ${symbol}[];\nextern const size_t ${symbol}_len;\n")
  string(APPEND definitions
    "const char ${symbol}[] = {\n    ${hex}0x00};\nconst size_t ${symbol}_len = ${bytes};\n")
  string(APPEND rows "    {\"${name}\", ${symbol}},\n")
endforeach()
if(TABLE)
  string(APPEND declarations
    "struct tc_embedded {\n    const char *name;\n    const char *text;\n};\nextern const struct tc_embedded ${TABLE}[];\n")
  string(APPEND definitions "const struct tc_embedded ${TABLE}[] = {\n${rows}    {NULL, NULL}};\n")
endif()
file(WRITE "${HEADER}"
  "/* Made by cmake/embed.cmake. */\n#ifndef ${guard}\n#define ${guard}\n\n#include <stddef.h>\n\n${declarations}\n#endif\n")
file(WRITE "${SOURCE}" "/* Made by cmake/embed.cmake. */\n#include \"${INCLUDE}\"\n\n${definitions}")
