#include "cli/trust_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/files.h"

#define TRUST_FILE_MAX_BYTES (16U << 20) /* all public roots together are about 250 KB */

/* Bundles of the distributions, in the order in which they are tried. */
static const char *const k_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Gentoo */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL, CentOS */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* older Fedora, RHEL */
    "/var/lib/ca-certificates/ca-bundle.pem",            /* openSUSE, SLES */
    "/etc/ssl/ca-bundle.pem",                            /* older SUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine, OpenBSD, macOS */
    "/usr/local/share/certs/ca-root-nss.crt",            /* FreeBSD */
};

/* "PATH (N roots, file of 2026-11-24)" */
static void describe(struct tc_buf *origin, const char *path, size_t num_roots)
{
    struct stat facts;
    struct tm utc;
    char date[16] = "";
    if (stat(path, &facts) == 0 && gmtime_r(&facts.st_mtime, &utc) != NULL) {
        strftime(date, sizeof date, "%Y-%m-%d", &utc);
    }
    tc_buf_addf(origin, "%s%s (%zu roots, dated %s)", origin->len > 0 ? "; " : "", path, num_roots,
                date);
}

static enum tc_status add_file(struct tc_trust_store *store, size_t *out_added, const char *path,
                               struct tc_error *error)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct tc_error why = {""};
    enum tc_status status = cli_read_file(&bytes, &len, path, TRUST_FILE_MAX_BYTES, error);
    if (status == TC_OK) {
        status = tc_trust_store_add_pile(store, out_added, bytes, len, &why);
        if (status == TC_ERR_NOT_FOUND) {
            status =
                tc_fail(error, TC_ERR_INPUT,
                        "%s: no certificate in it; a CA file holds PEM or DER certificates", path);
        } else if (status == TC_ERR_MALFORMED || status == TC_ERR_LIMIT) {
            status = tc_fail(error, TC_ERR_INPUT, "%s: %s", path, why.text);
        }
    }
    free(bytes);
    return status;
}

/* Every file of a folder as `c_rehash` makes it; what is no certificate is passed over. */
static enum tc_status add_folder(struct tc_trust_store *store, size_t *out_added, const char *path,
                                 struct tc_error *error)
{
    size_t total = 0;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return tc_fail(error, TC_ERR_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    }
    enum tc_status status = TC_OK;
    const struct dirent *entry = NULL;
    while (status == TC_OK && (entry = readdir(folder)) != NULL) {
        struct tc_buf name;
        size_t added = 0;
        tc_buf_init(&name, 4096);
        if (entry->d_name[0] != '.' && tc_buf_addf(&name, "%s/%s", path, entry->d_name) == TC_OK) {
            status = add_file(store, &added, name.data, NULL);
            status = status == TC_ERR_INPUT ? TC_OK : status;
        }
        total += added;
        tc_buf_cleanup(&name);
    }
    closedir(folder);
    if (status == TC_OK && total == 0) {
        status = tc_fail(error, TC_ERR_INPUT, "%s: no certificate in this folder", path);
    }
    *out_added = total;
    return status;
}

static enum tc_status add_system(struct tc_trust_store *store, struct tc_buf *origin,
                                 struct tc_error *error)
{
    size_t added = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_bundles); i++) {
        struct stat facts;
        if (stat(k_bundles[i], &facts) == 0) {
            enum tc_status status = add_file(store, &added, k_bundles[i], error);
            if (status == TC_OK) {
                describe(origin, k_bundles[i], added);
            }
            return status;
        }
    }
    if (add_folder(store, &added, "/etc/ssl/certs", NULL) == TC_OK) {
        describe(origin, "/etc/ssl/certs", added);
        return TC_OK;
    }
    return tc_fail(error, TC_ERR_INPUT,
                   "no trust store found in the places that distributions use: install the package "
                   "ca-certificates, or name one with --ca-file or --ca-path");
}

enum tc_status cli_load_trust(struct tc_trust_store **out, struct tc_buf *origin,
                              const char *ca_file, const char *ca_path, struct tc_error *error)
{
    struct tc_trust_store *store = NULL;
    size_t added = 0;
    enum tc_status status = tc_trust_store_new(&store);
    if (status != TC_OK) {
        return status;
    }
    if (ca_file == NULL && ca_path == NULL) {
        status = add_system(store, origin, error);
    }
    if (status == TC_OK && ca_file != NULL) {
        status = add_file(store, &added, ca_file, error);
        describe(origin, ca_file, added);
    }
    if (status == TC_OK && ca_path != NULL) {
        status = add_folder(store, &added, ca_path, error);
        describe(origin, ca_path, added);
    }
    if (status != TC_OK) {
        tc_trust_store_free(store);
        return status;
    }
    *out = store;
    return TC_OK;
}
