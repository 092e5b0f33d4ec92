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

#include <openssl/ssl.h>

/* The groups that the real handshake offers, all that the library has; post-quantum first. */
#if defined(SSL_GROUP_X25519_MLKEM768)
#define TC_GROUP_LIST "X25519MLKEM768:X25519:P-256:P-384:P-521"
#else
#define TC_GROUP_LIST "X25519:P-256:P-384:P-521"
#endif

/*
 * Every suite that the library still speaks. Upstream keeps some out of "ALL" unless they are
 * named; names that a library does not know are passed over. NULL encryption stays out: it is never
 * a server's only suite, and a handshake must not end in it by mistake.
 */
#define TC_CIPHER_LIST                                                                             \
    "ALL:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:AES128-SHA256:AES256-SHA256:"           \
    "DES-CBC3-SHA"

/*
 * A server whose certificate's keyUsage does not fit its key exchange is a finding, not a failed
 * handshake. Upstream has taken the switch away; where the library has none, it stays strict.
 */
extern void SSL_set_enforce_rsa_key_usage(SSL *ssl, int enabled) __attribute__((weak));
static inline void tc_ssl_allow_any_rsa_key_usage(SSL *ssl)
{
    if (SSL_set_enforce_rsa_key_usage != NULL) {
        SSL_set_enforce_rsa_key_usage(ssl, 0);
    }
}

#endif
