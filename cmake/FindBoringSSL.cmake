# FindBoringSSL: the imported targets BoringSSL::ssl and BoringSSL::crypto.
#
# BORINGSSL_ROOT names any upstream build or install: a prefix with include/ and lib/, or a source
# tree whose build folder holds the libraries (then BORINGSSL_BUILD may name that folder; default
# ${BORINGSSL_ROOT}/build). Without it Debian's android-libboringssl is used, which lives in private
# folders, so that OpenSSL's headers and libraries are never met; the build gets a RUNPATH for it.
set(BORINGSSL_ROOT "$ENV{BORINGSSL_ROOT}" CACHE PATH "An upstream BoringSSL build or install")
set(BORINGSSL_BUILD "${BORINGSSL_ROOT}/build" CACHE PATH "Where BORINGSSL_ROOT's libraries were built")

if(BORINGSSL_ROOT)
  set(_include_hints ${BORINGSSL_ROOT}/include ${BORINGSSL_ROOT}/src/include)
  set(_library_hints ${BORINGSSL_ROOT}/lib ${BORINGSSL_BUILD} ${BORINGSSL_BUILD}/ssl
    ${BORINGSSL_BUILD}/crypto ${BORINGSSL_ROOT})
else()
  set(_include_hints /usr/include/android)
  set(_library_hints /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/android)
endif()
find_path(BORINGSSL_INCLUDE_DIR openssl/base.h PATHS ${_include_hints} NO_DEFAULT_PATH)
find_library(BORINGSSL_SSL_LIBRARY ssl PATHS ${_library_hints} NO_DEFAULT_PATH)
find_library(BORINGSSL_CRYPTO_LIBRARY crypto PATHS ${_library_hints} NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoringSSL
  REQUIRED_VARS BORINGSSL_SSL_LIBRARY BORINGSSL_CRYPTO_LIBRARY BORINGSSL_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install android-libboringssl-dev, or set BORINGSSL_ROOT to an upstream build")

if(BoringSSL_FOUND AND NOT TARGET BoringSSL::crypto)
  add_library(BoringSSL::crypto UNKNOWN IMPORTED)
  set_target_properties(BoringSSL::crypto PROPERTIES
    IMPORTED_LOCATION ${BORINGSSL_CRYPTO_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${BORINGSSL_INCLUDE_DIR})
  add_library(BoringSSL::ssl UNKNOWN IMPORTED)
  set_target_properties(BoringSSL::ssl PROPERTIES
    IMPORTED_LOCATION ${BORINGSSL_SSL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${BORINGSSL_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES BoringSSL::crypto)
  # Upstream's archives are C++: a C program that links them wants the C++ runtime and threads.
  if(BORINGSSL_CRYPTO_LIBRARY MATCHES "\\.a$")
    set_property(TARGET BoringSSL::crypto PROPERTY INTERFACE_LINK_LIBRARIES stdc++ Threads::Threads)
  endif()
  get_filename_component(BORINGSSL_LIBRARY_DIR ${BORINGSSL_CRYPTO_LIBRARY} DIRECTORY)
endif()
