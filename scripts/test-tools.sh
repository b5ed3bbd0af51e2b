#!/usr/bin/env bash
# What the suite needs beyond pip: GOST for openssl. Installs it when it may, otherwise says how.
set -u
engine_works() { openssl engine -t gost 2>/dev/null | grep -q '\[ available \]'; }
if engine_works; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update >/dev/null && apt-get -qq install -y openssl libengine-gost-openssl >/dev/null
fi
engine_works || echo "The GOST tests are skipped. To run them, as root: apt-get install openssl libengine-gost-openssl"
echo "The PostgreSQL of the tests, run as root, makes a system user and keeps its data under the temporary folder."
