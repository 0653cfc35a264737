#!/usr/bin/env bash
# Installs what `npm run test:providers` needs on Debian 12, as root or by sudo, without questions. Nothing is started as a
# service, now or at the next boot: the tests start the servers themselves, as plain processes in temporary folders.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

packages=(
  # Glewlwyd, with the one database that needs no server.
  glewlwyd dbconfig-sqlite3 sqlite3
  # LemonLDAP::NG's portal, what its OpenID Connect service and its script for keys load, and a web server for it.
  liblemonldap-ng-portal-perl libio-string-perl libstring-random-perl libconvert-pem-perl libplack-perl
)
# Keycloak comes from Maven Central when the tests first run.
command -v java >/dev/null || packages+=(default-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
command -v unzip >/dev/null || packages+=(unzip)

# How Debian's packages are told to start nothing.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod +x "$policy"
  trap 'as_root rm -f "$policy"' EXIT
fi
as_root apt-get update -q
# The second variable: also where Glewlwyd was installed and removed before.
as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFMISS=1 apt-get install -q -y --no-install-recommends "${packages[@]}"
if command -v systemctl >/dev/null; then
  as_root systemctl disable --quiet glewlwyd lemonldap-ng-fastcgi-server \
    liblemonldap-ng-{portal,handler}-perl.{service,timer}
fi
