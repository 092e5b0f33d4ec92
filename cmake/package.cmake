# The Debian package: `dev/package` builds it from the release preset.
set(examples ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES docs/columns.md docs/facts.md docs/rules.md docs/scale.md docs/tlscensus-1.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES cmake/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES cmake/debian/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME tlscensus)
install(FILES samples/config/census.conf DESTINATION /etc/tlscensus)
install(DIRECTORY DESTINATION /etc/tlscensus/rules)
foreach(sample config cron grafana cluster)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/samples/${sample})
    install(DIRECTORY samples/${sample} DESTINATION ${examples})
  endif()
endforeach()
if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/samples/systemd)
  file(GLOB units CONFIGURE_DEPENDS samples/systemd/*.service samples/systemd/*.timer)
  install(FILES ${units} DESTINATION lib/systemd/system)
endif()

# Debian wants these compressed; without a time inside, so that a build is reproducible.
function(tlscensus_install_gz from name destination)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/gz/${name}.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/gz
    COMMAND gzip -9nc ${from} > ${PROJECT_BINARY_DIR}/gz/${name}.gz
    DEPENDS ${from} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY TLSCENSUS_GZ ${PROJECT_BINARY_DIR}/gz/${name}.gz)
  install(FILES ${PROJECT_BINARY_DIR}/gz/${name}.gz DESTINATION ${destination})
endfunction()

tlscensus_install_gz(${PROJECT_SOURCE_DIR}/CHANGELOG.md changelog ${CMAKE_INSTALL_DOCDIR})
tlscensus_install_gz(${PROJECT_SOURCE_DIR}/cmake/debian/changelog changelog.Debian ${CMAKE_INSTALL_DOCDIR})
get_property(pages GLOBAL PROPERTY TLSCENSUS_PAGES)
foreach(page IN LISTS pages)
  string(REGEX REPLACE ".*\\." "" section ${page})
  tlscensus_install_gz(${PROJECT_BINARY_DIR}/${page} ${page} ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
get_property(compressed GLOBAL PROPERTY TLSCENSUS_GZ)
add_custom_target(compressed ALL DEPENDS ${compressed})
add_dependencies(compressed documents)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tlscensus)
set(CPACK_PACKAGE_CONTACT "tlscensus developers <tlscensus@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${BORINGSSL_LIBRARY_DIR})
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, passwd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "sqlite3")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "audit the TLS of a list of domains
tlscensus resolves every name of a list, examines the TLS of every address,
and keeps all facts in one SQLite file: versions, cipher suites, groups,
certificate chains as sent and as verified, times. Rules written in SQL derive
findings and grades. Reports are a page for people, CSV for spreadsheets and
JSON for programs.
.
It is made for the lists of institutions, from hundreds of names to hundreds
of thousands with owners, and for scans at night that tell what is new.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/cmake/debian/conffiles
  ${PROJECT_SOURCE_DIR}/cmake/debian/postinst
  ${PROJECT_SOURCE_DIR}/cmake/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
