/*
 * The one place that knows which BoringSSL this is: Debian's 2022 build (API 17) or a current
 * upstream one. No other file has an #ifdef about it.
 */
#ifndef TLSCENSUS_BORINGSSL_COMPAT_H
#define TLSCENSUS_BORINGSSL_COMPAT_H

#include <openssl/base.h>

#if !defined(OPENSSL_IS_BORINGSSL)
#error "tlscensus needs BoringSSL: these are another library's headers"
#endif

#endif
