#!/usr/bin/env bash
# Installs the Debian packages that are named and missing: with apt-get as root, with sudo otherwise.
# When it can do neither, says in one line what lacks.
set -euo pipefail
missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [ "$status" = "ii " ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        echo "make deps: missing Debian packages, and neither root nor sudo to install them: ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install() {
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
# The package lists of a fresh machine are empty or old: fetch them when the first try fails.
install 2>/dev/null || { "${as_root[@]}" apt-get update -qq && install; }
