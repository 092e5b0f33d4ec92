# Run at build time: fills the option lists of the man page from the program's own tables.
#   cmake -DPROGRAM=… -DTEMPLATE=… -DOUTPUT=… -DVERSION=… -P man.cmake
cmake_minimum_required(VERSION 3.25)
file(READ ${TEMPLATE} page)
foreach(subcommand scan report show inspect diff scans assess rules)
  execute_process(COMMAND ${PROGRAM} help --man ${subcommand}
    OUTPUT_VARIABLE options RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} help --man ${subcommand} failed: ${result}")
  endif()
  string(REPLACE "@OPTIONS_${subcommand}@" "${options}" page "${page}")
endforeach()
execute_process(COMMAND ${PROGRAM} help --man facts
  OUTPUT_VARIABLE facts RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} help --man facts failed: ${result}")
endif()
string(REPLACE "@FACTS@" "${facts}" page "${page}")
string(REPLACE "@VERSION@" "${VERSION}" page "${page}")
string(REPLACE "@DATE@" "${DATE}" page "${page}")
file(WRITE ${OUTPUT} "${page}")
