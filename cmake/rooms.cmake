# tlscensus_room(name SOURCES files… LINKS libraries…): one room is one static library, tlscensus_<name>.
# A room's own headers lie beside its sources; what crosses rooms is in include/tlscensus/.
function(tlscensus_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS" ${ARGN})
  add_library(tlscensus_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(tlscensus_${name} PUBLIC tlscensus_options ${ROOM_LINKS})
endfunction()
