# Shared by dev/run, dev/test and dev/bench: where we are, and the packages they need.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

build_packages="gcc libc6-dev cmake ninja-build pkg-config android-libboringssl-dev libc-ares-dev
  libsqlite3-dev libuv1-dev libidn2-dev libinih-dev libpsl-dev publicsuffix ca-certificates man-db"
demo_packages="nginx-light nsd openssl python3 python3-cryptography iproute2"
package_packages="dpkg-dev file binutils"
test_packages="$demo_packages $package_packages lintian debootstrap zsh fish faketime libcmocka-dev clang clang-format clang-tidy cppcheck libasan8 libubsan1
  libtsan2 gnutls-bin sqlite3 chromium libreoffice-calc-nogui poppler-utils python3-jsonschema git
  python3-icalendar python3-prometheus-client python3-yaml parallel slurm-wlm munge
  binutils procps fonts-dejavu-core dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-managesieved prosody
  postgresql"
bench_packages="$demo_packages nftables procps valgrind g++ sqlite3 sslscan nmap testssl.sh bsdextrautils"

# Servers of which a machine has one of a kind: where it has another one, that one stays, and the tests
# that want ours say so and are skipped.
# shellcheck disable=SC2016
roles=$(dpkg-query -W -f='${db:Status-Status}, ${Provides},\n' 2>/dev/null | sed -n 's/^installed,//p')
for server in postfix:mail-transport-agent vsftpd:ftp-server slapd:ldap-server \
  mariadb-server-core:virtual-mysql-server-core; do
  grep -q " ${server#*:}[ ,]" <<<"$roles" || test_packages="$test_packages ${server%%:*}"
done

say() { printf '%s\n' "$*" >&2; }

missing_packages() { # PACKAGE…: those that are not installed
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '%s\n' "$package"
  done
}

# Installs as root, or by sudo. Servers among the packages are kept from starting: policy-rc.d answers
# 101 meanwhile, so nothing is left listening. Nothing that is there is replaced or removed.
install_packages() { # PACKAGE…
  local missing as=() policy=/usr/sbin/policy-rc.d made=
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086
  set -- $missing
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as=(sudo)
    else
      say "packages are missing, and this is not root; install them with:"
      say "  apt-get install --no-install-recommends --no-remove $*"
      exit 2
    fi
  fi
  say "installing: $*"
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as[@]}" tee "$policy" >/dev/null
    "${as[@]}" chmod 755 "$policy"
    made=1
  fi
  local failed=
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || true
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    --no-remove "$@" >/tmp/tlscensus-apt.$$ 2>&1 || failed=1
  [ -z "$made" ] || "${as[@]}" rm -f "$policy"
  if [ -n "$failed" ]; then
    tail -n 20 /tmp/tlscensus-apt.$$ >&2
    rm -f /tmp/tlscensus-apt.$$
    say "the packages could not be installed: $*"
    exit 3
  fi
  rm -f /tmp/tlscensus-apt.$$
}

# promtool, which checks metrics, comes in one package with the server Prometheus: of that package one program is taken,
# and nothing of it is installed. Without it a test says aloud what it could not check.
fetch_promtool() { # into build/tools
  local folder log
  if command -v promtool >/dev/null || [ -x build/tools/promtool ]; then
    return 0
  fi
  folder=$(mktemp -d) log=$(mktemp)
  say "fetching: promtool"
  if (
    cd "$folder"
    apt-get download -qq prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool &&
      usr/bin/promtool --version
  ) >"$log" 2>&1; then
    mkdir -p build/tools
    mv "$folder/usr/bin/promtool" build/tools/
  else
    tail -n 5 "$log" >&2
    say "promtool could not be fetched: its check will be skipped"
  fi
  rm -rf "$folder" "$log"
}

build() { # PRESET [TARGET…]: configures and builds, quietly unless it fails
  local preset=$1 log
  shift
  log=$(mktemp)
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${1:+--target "$@"}; } >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    rm -f "$log"
    say "the build ($preset) failed"
    return 1
  fi
  rm -f "$log"
}
